//! Batches as people see them: what the API shows and the command line prints.

use alloy::primitives::Bytes;
use banyan_types::{Address, Amount, B256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::batch::{Outcome, State};

/// A payout batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number: 1, 2, 3 … in the order of building.
    pub number: i64,
    /// Where it stands.
    pub state: State,
    /// The point of the contract's history that it is over.
    pub seq: u64,
    /// The history's head there.
    pub head: B256,
    /// The root that it publishes, if it does.
    pub root: Option<B256>,
    /// Most that the contract may pay for it, in wei.
    pub max_total: Amount,
    /// What its items are to pay, in wei.
    pub total: Amount,
    /// How many items it has.
    pub count: u32,
    /// Last block time at which it may run, in seconds since 1970.
    pub deadline: Option<u64>,
    /// The EIP-712 hash that was signed.
    pub digest: Option<B256>,
    /// The signature: 65 bytes r, s, v.
    pub signature: Option<Bytes>,
    /// The transaction that succeeded.
    pub tx_hash: Option<B256>,
    /// Its block.
    pub block: Option<u64>,
    /// The contract's number of the execution, once it is settled.
    pub out: Option<u64>,
    /// Why it did not go on.
    pub reason: Option<String>,
    /// Who asked for it.
    pub requested_by: String,
    /// When it was built.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// One account of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRecord {
    /// The ledger's id of the account; 0 is the company.
    pub user: i64,
    /// Its address; zero for the company.
    pub account: Address,
    /// What it has earned in all, in wei.
    pub cumulative: Amount,
    /// What of it this batch is to pay, in wei.
    pub amount: Amount,
    /// The batch still holds the account.
    pub open: bool,
}

/// One sending of a batch's transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// 1, 2, 3 … within the batch.
    pub attempt: i32,
    /// The executor's nonce.
    pub nonce: u64,
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// Most that a unit of gas may cost, in wei.
    pub max_fee: u64,
    /// Most of it that goes to the validator, in wei.
    pub priority_fee: u64,
    /// What is known of it.
    pub outcome: Outcome,
    /// A node's own words.
    pub detail: Option<String>,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// When it was last handed to a node.
    pub sent_at: Option<OffsetDateTime>,
}

/// A batch with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchDetail {
    /// The batch.
    pub batch: BatchRecord,
    /// Its items, by the ledger's ids.
    pub items: Vec<ItemRecord>,
    /// Its attempts, oldest first.
    pub attempts: Vec<AttemptRecord>,
}

/// How a batch is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKey {
    /// By its id.
    Id(Uuid),
    /// By its number.
    Number(i64),
}

impl std::fmt::Display for BatchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BatchKey::Id(id) => write!(f, "{id}"),
            BatchKey::Number(number) => write!(f, "number {number}"),
        }
    }
}

/// Which batches a list shows: newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those with a lower number: the cursor.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u16,
}
