//! The settlement contract on a local chain, with all its roles played by funded wallets: for tests that need a history
//! without the services that make one in production.

mod bindings;
mod history;
pub mod long;

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolConstructor as _};

use crate::anvil::{Anvil, Mined, Rpc};
use crate::error::{Error, Result};
use bindings::{ForceEther, timelock};

pub use bindings::{abi, recipient};

/// Which of anvil's wallets plays which role; those after [`Roles::FIRST_PERSON`] are free for participants.
#[derive(Clone, Copy, Debug)]
pub struct Roles;

impl Roles {
    /// The timelock of the admin Safe.
    pub const ADMIN: usize = 0;
    /// The timelock of the recovery.
    pub const RECOVERY: usize = 1;
    /// The programme Safe, which sends directives.
    pub const PROGRAMME: usize = 2;
    /// Who may pause and freeze.
    pub const GUARDIAN: usize = 3;
    /// Who submits batches.
    pub const EXECUTOR: usize = 4;
    /// Where the company's money goes.
    pub const COMPANY: usize = 5;
    /// An operator of the treasury, a role of the API only.
    pub const OPERATOR: usize = 6;
    /// Signs registrations and retopups, where no signing service runs.
    pub const INTAKE_SIGNER: usize = 7;
    /// Signs batches, where no signing service runs.
    pub const PAYOUT_SIGNER: usize = 8;
    /// The first wallet without a role.
    pub const FIRST_PERSON: usize = 20;
}

/// A deployed settlement contract.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Its address.
    pub address: Address,
    /// Hash of the plan in force when it was deployed.
    pub plan: B256,
    /// The block that it was deployed in.
    pub start_block: u64,
    rpc: Rpc,
    genesis: abi::Genesis,
    keys: Option<Signers>,
}

/// The keys of the two signers, where the test itself signs.
#[derive(Clone, Debug)]
struct Signers {
    intake: PrivateKeySigner,
    payout: PrivateKeySigner,
}

impl Settlement {
    /// Deploys the contract, every role played by the wallet that [`Roles`] names, both signers included.
    ///
    /// # Errors
    /// When the chain or the constructor refuses.
    pub async fn deploy(anvil: &Anvil, plan: B256) -> Result<Self> {
        let (intake, payout) = (anvil.wallet(Roles::INTAKE_SIGNER), anvil.wallet(Roles::PAYOUT_SIGNER));
        let mut settlement = Self::deploy_for(anvil, plan, intake.address(), payout.address()).await?;
        settlement.keys = Some(Signers { intake, payout });
        Ok(settlement)
    }

    /// Deploys the contract for signers whose keys somebody else holds.
    ///
    /// # Errors
    /// When the chain or the constructor refuses.
    pub async fn deploy_for(anvil: &Anvil, plan: B256, intake: Address, payout: Address) -> Result<Self> {
        let genesis = abi::Genesis {
            admin: anvil.address(Roles::ADMIN),
            recovery: anvil.address(Roles::RECOVERY),
            programme: anvil.address(Roles::PROGRAMME),
            guardian: anvil.address(Roles::GUARDIAN),
            executor: anvil.address(Roles::EXECUTOR),
            intakeSigner: intake,
            payoutSigner: payout,
            company: anvil.address(Roles::COMPANY),
            plan,
            predecessor: B256::ZERO,
        };
        let arguments = abi::constructorCall { genesis: genesis.clone() }.abi_encode();
        let code: Bytes = [abi::BYTECODE.as_ref(), &arguments].concat().into();
        let hash = anvil.submit(genesis.admin, None, code, U256::ZERO, None).await?;
        let mined = anvil.mined(hash).await?;
        let address = mined.contract.ok_or_else(|| Error::Rpc {
            method: "eth_sendTransaction".to_owned(),
            reason: format!("{hash} did not create the settlement contract"),
        })?;
        Ok(Self { address, plan, start_block: mined.block(), rpc: anvil.rpc(), genesis, keys: None })
    }

    /// Calls a function of the contract as `from`, and waits until it is in a block.
    ///
    /// # Errors
    /// With the revert's data when it would revert.
    pub async fn call<C: SolCall>(&self, from: Address, call: &C, value: U256) -> Result<Mined> {
        self.rpc.transact(from, self.address, call.abi_encode().into(), value).await
    }

    /// What a view answers at the head.
    ///
    /// # Errors
    /// When the chain refuses, or answers something else.
    pub async fn view<C: SolCall>(&self, call: &C) -> Result<C::Return> {
        let answer = self.rpc.view(self.address, call.abi_encode().into()).await?;
        C::abi_decode_returns(&answer).map_err(|reason| Error::Unexpected {
            what: C::SIGNATURE.to_owned(),
            expected: "its return values".to_owned(),
            got: format!("{answer} ({reason})"),
        })
    }

    /// The same contract for a test that holds these keys.
    #[must_use]
    pub fn signed_by(self, intake: PrivateKeySigner, payout: PrivateKeySigner) -> Self {
        Self { keys: Some(Signers { intake, payout }), ..self }
    }

    /// Deploys a timelock as the contract's admin is in production, and gives it the role; `proposer` schedules and cancels,
    /// anybody executes what is due.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn timelock(&self, proposer: Address, delay: U256) -> Result<Address> {
        let arguments = timelock::constructorCall {
            minDelay: delay,
            proposers: vec![proposer],
            executors: vec![Address::ZERO],
            admin: Address::ZERO,
        };
        let code: Bytes = [timelock::BYTECODE.as_ref(), &arguments.abi_encode()].concat().into();
        let address = self.rpc.create(self.genesis.admin, code, U256::ZERO).await?;
        let role = alloy::primitives::keccak256("ADMIN_ROLE");
        self.call(self.genesis.admin, &abi::grantRoleCall { role, account: address }, U256::ZERO).await?;
        Ok(address)
    }

    /// The wallets that hold the roles.
    #[must_use]
    pub fn genesis(&self) -> &abi::Genesis {
        &self.genesis
    }

    /// Creates a participant that is a contract and refuses money until told otherwise; only `owner` commands it.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn recipient_wallet(&self, owner: Address) -> Result<Address> {
        self.rpc.create(owner, recipient::BYTECODE.clone(), U256::ZERO).await
    }

    /// Forces `wei` of `from` into the contract, which refuses plain transfers.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn force(&self, from: Address, wei: U256) -> Result<()> {
        let arguments = ForceEther::constructorCall { to: self.address }.abi_encode();
        let code: Bytes = [ForceEther::BYTECODE.as_ref(), &arguments].concat().into();
        self.rpc.create(from, code, wei).await.map(drop)
    }
}
