//! The contract's own word about itself, as of one block: every reader names the block by hash, so that two answers
//! never come from different histories.

use std::fmt;

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use banyan_types::{Amount, PlanHash};

use crate::contract::Role;
use crate::contract::abi::BanyanSettlement as call;
use crate::contract::abi::IBanyanSettlement as shape;
use crate::node::{Node, NodeError};

/// Accounts asked for in one call of [`ContractView::account_states`]; about 1.5 M gas of storage reads.
const ACCOUNTS_PER_CALL: usize = 500;

/// Readers of one contract on one node.
#[derive(Clone, Debug)]
pub struct ContractView {
    node: Node,
    contract: Address,
}

/// What the contract keeps for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// All that was ever sent to or made owed to it, in wei.
    pub paid: Amount,
    /// What the contract owes it, in wei.
    pub owed: Amount,
    /// Nonce of its next registration or retopup.
    pub nonce: u32,
    /// Whether it may pay and be paid.
    pub registered: bool,
    /// Whether the guardian froze it.
    pub frozen: bool,
}

/// The contract's totals, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// What came in by register, retopup and directive.
    pub total_in: Amount,
    /// What was sent or made owed.
    pub total_paid: Amount,
    /// What of it is still owed.
    pub total_owed: Amount,
    /// What was forced in.
    pub excess: Amount,
}

/// What came in and went out, as the contract counts it, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flows {
    /// What came in by register, retopup and directive.
    pub total_in: Amount,
    /// What was sent or made owed.
    pub total_paid: Amount,
    /// What of it is still owed.
    pub total_owed: Amount,
}

/// How far the contract's history and outflows go, and what it says of their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The last entry.
    pub seq: u64,
    /// The head after it.
    pub head: B256,
    /// The last outflow number.
    pub out: u64,
    /// The standing root, if there is one.
    pub root: Option<PublishedRoot>,
}

/// A root of entitlements as its publication names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedRoot {
    /// The point of the history that it is over.
    pub seq: u64,
    /// The root.
    pub root: B256,
}

impl fmt::Display for PublishedRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} over seq {}", self.root, self.seq)
    }
}

/// A standing root of entitlements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingRoot {
    /// The root.
    pub root: B256,
    /// The point of the history that it is over.
    pub seq: u64,
    /// When it was published, in seconds since 1970.
    pub time: u64,
}

impl ContractView {
    /// Readers of `contract` on `node`.
    pub fn new(node: Node, contract: Address) -> ContractView {
        ContractView { node, contract }
    }

    /// The node that is asked.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The contract.
    pub fn contract(&self) -> Address {
        self.contract
    }

    async fn read<C: SolCall>(&self, block: B256, call: C) -> Result<C::Return, NodeError> {
        let answer = self.node.call_at(block, self.contract, call.abi_encode().into()).await?;
        C::abi_decode_returns_validate(&answer).map_err(|error| NodeError::Malformed {
            method: "eth_call",
            reason: format!("{} answers {answer}, which is not its type: {error}", C::SIGNATURE),
        })
    }

    /// How far history and outflows go, with the head and the root that stand then.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn standing(&self, block: B256) -> Result<Standing, NodeError> {
        let seq = self.seq(block).await?;
        let head = self.head_at(block, seq).await?;
        let out = self.out(block).await?;
        Ok(Standing { seq, head, out, root: self.published_root(block).await? })
    }

    /// The last entry of the history.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn seq(&self, block: B256) -> Result<u64, NodeError> {
        self.read(block, call::seqCall {}).await
    }

    /// The last outflow number.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn out(&self, block: B256) -> Result<u64, NodeError> {
        self.read(block, call::outCall {}).await
    }

    /// The head after entry `seq`; zero beyond the end.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn head_at(&self, block: B256, seq: u64) -> Result<B256, NodeError> {
        self.read(block, call::headsCall { n: U256::from(seq) }).await
    }

    /// The plan in force; none after a wind-up.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn plan(&self, block: B256) -> Result<PlanHash, NodeError> {
        self.read(block, call::planCall {}).await.map(PlanHash)
    }

    /// Where the company's money goes.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn company(&self, block: B256) -> Result<Address, NodeError> {
        self.read(block, call::companyCall {}).await
    }

    /// Whether payments and payouts are paused.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn paused(&self, block: B256) -> Result<bool, NodeError> {
        self.read(block, call::pausedCall {}).await
    }

    /// Whether `account` holds `role`.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn has_role(&self, block: B256, role: Role, account: Address) -> Result<bool, NodeError> {
        self.read(block, call::hasRoleCall { role: role.id(), account }).await
    }

    /// The standing root, if there is one.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn root(&self, block: B256) -> Result<Option<StandingRoot>, NodeError> {
        let Some(PublishedRoot { seq, root }) = self.published_root(block).await? else { return Ok(None) };
        let time = self.read(block, call::rootTimeCall {}).await?;
        Ok(Some(StandingRoot { root, seq, time: time.into() }))
    }

    async fn published_root(&self, block: B256) -> Result<Option<PublishedRoot>, NodeError> {
        let root = self.read(block, call::rootCall {}).await?;
        if root.is_zero() {
            return Ok(None);
        }
        let seq = self.read(block, call::rootSeqCall {}).await?;
        Ok(Some(PublishedRoot { seq, root }))
    }

    /// What the contract keeps for one account.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn account(&self, block: B256, account: Address) -> Result<AccountState, NodeError> {
        self.read(block, call::accountsCall { account }).await.map(AccountState::from)
    }

    /// What the contract keeps for many accounts, in their order.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn account_states(
        &self,
        block: B256,
        accounts: &[Address],
    ) -> Result<Vec<AccountState>, NodeError> {
        let mut states = Vec::with_capacity(accounts.len());
        for chunk in accounts.chunks(ACCOUNTS_PER_CALL) {
            let answer = self.read(block, call::getAccountsCall { list: chunk.to_vec() }).await?;
            if answer.len() != chunk.len() {
                let reason = format!("expected {} accounts, got {}", chunk.len(), answer.len());
                return Err(NodeError::Malformed { method: "eth_call", reason });
            }
            states.extend(answer.into_iter().map(AccountState::from));
        }
        Ok(states)
    }

    /// What came in and went out.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn flows(&self, block: B256) -> Result<Flows, NodeError> {
        Ok(Flows {
            total_in: amount(self.read(block, call::totalInCall {}).await?.to()),
            total_paid: amount(self.read(block, call::totalPaidCall {}).await?.to()),
            total_owed: amount(self.read(block, call::totalOwedCall {}).await?.to()),
        })
    }

    /// The contract's totals, forced ether included.
    ///
    /// # Errors
    /// [`NodeError::Reverted`] if the contract holds less than it counts, or what kept the node from answering.
    pub async fn totals(&self, block: B256) -> Result<Totals, NodeError> {
        let excess = self.read(block, call::excessCall {}).await?;
        let Flows { total_in, total_paid, total_owed } = self.flows(block).await?;
        Ok(Totals { total_in, total_paid, total_owed, excess: wide("excess", excess)? })
    }

    /// The contract's balance, in wei.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn balance(&self, block: B256) -> Result<Amount, NodeError> {
        wide("eth_getBalance", self.node.balance_at(block, self.contract).await?)
    }
}

impl From<shape::Account> for AccountState {
    fn from(account: shape::Account) -> AccountState {
        AccountState {
            paid: amount(account.paid.to()),
            owed: amount(account.owed.to()),
            nonce: account.nonce,
            registered: account.registered,
            frozen: account.frozen,
        }
    }
}

/// A `uint96` of the contract.
fn amount(wei: u128) -> Amount {
    i128::try_from(wei).ok().and_then(Amount::from_units).expect("2^96 is below 10^38")
}

/// A `uint256`, which may be anything.
fn wide(method: &'static str, wei: U256) -> Result<Amount, NodeError> {
    i128::try_from(wei).ok().and_then(Amount::from_units).ok_or_else(|| NodeError::Malformed {
        method,
        reason: format!("expected an amount below 10^38 wei, got {wei}"),
    })
}
