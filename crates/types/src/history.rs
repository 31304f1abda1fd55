//! The contract's history as values: the entries that can change an entitlement, the chain of heads over them, and
//! what leaves the contract. The hashing is that of `BanyanSettlement`: `heads[n] = keccak256(heads[n−1] ‖ entry)`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

use crate::{Amount, PlanHash};

/// One entry of the contract's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the history; the genesis has 0, and there are no gaps.
    pub seq: u64,
    /// Block time in seconds since 1970.
    pub time: u64,
    /// What happened.
    pub body: EntryBody,
}

/// What an [`Entry`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryBody {
    /// The contract came into being.
    Genesis {
        /// The chain's id.
        chain_id: u64,
        /// The contract's own address.
        contract: Address,
        /// The first plan in force.
        plan: PlanHash,
        /// Last head of the contract that this one succeeds, or zero.
        predecessor: B256,
    },
    /// A wallet registered and paid.
    Registration {
        /// The wallet.
        user: Address,
        /// Who referred it; the zero address is the company.
        sponsor: Address,
        /// The plan under which it paid.
        plan: PlanHash,
        /// What it paid, in wei.
        amount: Amount,
    },
    /// A registered wallet paid again.
    Retopup {
        /// The wallet.
        user: Address,
        /// The plan under which it paid.
        plan: PlanHash,
        /// What it paid, in wei.
        amount: Amount,
    },
    /// A decision of the operators.
    Directive {
        /// Left-aligned ASCII name.
        kind: B256,
        /// What it brought, in wei.
        amount: Amount,
        /// Its ABI-encoded arguments.
        data: Bytes,
    },
}

impl Entry {
    /// The hash of this entry as the contract computes it.
    pub fn hash(&self) -> B256 {
        let time = word(self.time);
        let words = match &self.body {
            EntryBody::Genesis { chain_id, contract, plan, predecessor } => {
                vec![word(0), time, word(*chain_id), contract.into_word(), plan.0, *predecessor]
            }
            EntryBody::Registration { user, sponsor, plan, amount } => {
                vec![word(1), time, user.into_word(), sponsor.into_word(), plan.0, amount_word(*amount)]
            }
            EntryBody::Retopup { user, plan, amount } => {
                vec![word(2), time, user.into_word(), plan.0, amount_word(*amount)]
            }
            EntryBody::Directive { kind, amount, data } => {
                vec![word(3), time, *kind, amount_word(*amount), keccak256(data)]
            }
        };
        keccak256(encode(&words))
    }

    /// The head of the history that ends with this entry, given the head before it (zero before the genesis).
    pub fn head_after(&self, before: B256) -> B256 {
        keccak256(encode(&[before, self.hash()]))
    }
}

fn word(number: u64) -> B256 {
    B256::from(U256::from(number))
}

/// Amounts in the history are what a transaction carried, so never negative.
fn amount_word(amount: Amount) -> B256 {
    B256::from(U256::from(amount.units().unsigned_abs()))
}

/// `abi.encode` of static words is their concatenation.
fn encode(words: &[B256]) -> Vec<u8> {
    words.iter().flat_map(|word| word.0).collect()
}

/// What left the contract, or a change of what may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outflow {
    /// An account was paid `amount`.
    Paid {
        /// The account; the zero address is the company.
        account: Address,
        /// Number of the batch or claim.
        out: u64,
        /// What was sent now.
        amount: Amount,
        /// All that was ever sent to or made owed to the account.
        paid_total: Amount,
    },
    /// The account did not take `amount`; the contract owes it.
    Owed {
        /// The account; the zero address is the company.
        account: Address,
        /// Number of the batch or claim.
        out: u64,
        /// What became owed now.
        amount: Amount,
        /// All that was ever sent to or made owed to the account.
        paid_total: Amount,
    },
    /// A batch ran.
    Batch {
        /// Its number.
        out: u64,
        /// The point of the history that it was signed over.
        seq: u64,
        /// The root that it published, or zero.
        root: B256,
        /// Accounts paid or made owed.
        count: u64,
        /// Their sum.
        total: Amount,
    },
    /// An account took what was owed to it.
    OwedWithdrawn {
        /// The account.
        account: Address,
        /// Number of the withdrawal.
        out: u64,
        /// Where the money went.
        to: Address,
        /// How much.
        amount: Amount,
    },
}

/// An event of the contract, decoded, with its place on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEvent {
    /// Block number.
    pub block: u64,
    /// Block hash.
    pub block_hash: B256,
    /// Block time in seconds since 1970.
    pub block_time: u64,
    /// Transaction hash.
    pub tx_hash: B256,
    /// Position of the log in its block.
    pub log_index: u64,
    /// The log's topics as they came.
    pub topics: Vec<B256>,
    /// The log's data as it came.
    pub data: Bytes,
    /// What it says.
    pub fact: Fact,
}

/// All events of the contract in a closed range of finalized blocks, proven complete and in order by the block
/// source: every `seq`, head, `out` and paid total continues the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRange {
    /// First block.
    pub from: u64,
    /// Last block.
    pub to: u64,
    /// Hash of the last block.
    pub to_hash: B256,
    /// Time of the last block in seconds since 1970.
    pub to_time: u64,
    /// The events, in order of block and log index.
    pub events: Vec<ChainEvent>,
}

/// What a [`ChainEvent`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The history grew; `head` is what the contract claims.
    Entry {
        /// The entry.
        entry: Entry,
        /// The head after it, as the event states it.
        head: B256,
    },
    /// Money left.
    Outflow(Outflow),
    /// An account was frozen (`true`) or unfrozen (`false`).
    Frozen {
        /// The account.
        account: Address,
        /// Frozen or not.
        frozen: bool,
    },
    /// A batch made `root` the standing root of entitlements after `seq`.
    RootPublished {
        /// The point of the history.
        seq: u64,
        /// The root.
        root: B256,
    },
    /// The standing root no longer stands: the payout signer was revoked.
    RootVoided,
    /// An event that moves neither money nor entitlement; kept raw, with its first topic.
    Other {
        /// The event's signature hash.
        topic: B256,
    },
}

/// How far a reader of the contract has come: what the next range must continue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The last block that was read.
    pub block: u64,
    /// Its hash; zero before the first.
    pub block_hash: B256,
    /// The last entry of the history; `None` before the genesis.
    pub seq: Option<u64>,
    /// The head after it; zero before the genesis.
    pub head: B256,
    /// The last outflow number; 0 before the first.
    pub out: u64,
    /// What each account was ever sent or made owed, in wei.
    pub paid_totals: BTreeMap<Address, Amount>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_changes_the_head() {
        let base = Entry {
            seq: 1,
            time: 7,
            body: EntryBody::Registration {
                user: Address::repeat_byte(1),
                sponsor: Address::ZERO,
                plan: PlanHash(B256::repeat_byte(2)),
                amount: Amount::from_units(20).unwrap(),
            },
        };
        let later = Entry { time: 8, ..base.clone() };
        let retopup = Entry {
            body: EntryBody::Retopup {
                user: Address::repeat_byte(1),
                plan: PlanHash(B256::repeat_byte(2)),
                amount: Amount::from_units(20).unwrap(),
            },
            ..base.clone()
        };
        assert_ne!(base.hash(), later.hash());
        assert_ne!(base.hash(), retopup.hash());
        assert_ne!(base.head_after(B256::ZERO), base.head_after(B256::repeat_byte(9)));
    }
}
