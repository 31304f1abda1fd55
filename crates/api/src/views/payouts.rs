//! Payout batches.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::intake::present;
use super::{CURRENCY, Finality, Hash, Moment, Wallet, Wei};
use crate::store::payouts::{Attempt, Batch, Item};

/// What a new batch is to pay.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuildRequest {
    /// Only these: wallets, numbers or `company`; everyone when left out.
    pub accounts: Option<Vec<String>>,
    /// Only accounts with at least this much payable, in wei; the configured minimum when left out.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub minimum: Option<Value>,
    /// At most so many accounts, 1 to 200.
    #[schema(minimum = 1, maximum = 200)]
    pub max_items: Option<u32>,
    /// Whether it may publish a root; true when left out.
    pub publish_root: Option<bool>,
}

/// One batch.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchView {
    /// `batch_…`.
    pub id: String,
    /// Its number, from 1.
    pub number: i64,
    /// `building`, `signed`, `queued`, `broadcast`, `included`, `final`, `settled`, `expired` or `abandoned`.
    #[schema(example = "signed")]
    pub state: String,
    /// The point of the history that it was built over.
    pub seq: i64,
    /// The head there.
    pub head: Hash,
    /// The root that it publishes; null for none.
    pub root: Option<Hash>,
    /// The most that it may move.
    pub max_total: Wei,
    /// What it is to pay.
    pub total: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// How many accounts.
    pub count: i64,
    /// Until when the contract takes it.
    pub deadline: Option<Moment>,
    /// The EIP-712 hash, 0x-hex.
    pub digest: Option<String>,
    /// The signature, 0x-hex.
    pub signature: Option<String>,
    /// The transaction that executed it.
    pub tx_hash: Option<String>,
    /// The contract's number of the execution.
    pub out: Option<i64>,
    /// Why it did not go on.
    pub reason: Option<String>,
    /// Who asked for it.
    pub requested_by: String,
    /// When it was built.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl From<&Batch> for BatchView {
    fn from(batch: &Batch) -> BatchView {
        let hex = |bytes: &Vec<u8>| format!("0x{}", hex::encode(bytes));
        BatchView {
            id: format!("batch_{}", batch.id),
            number: batch.number,
            state: batch.state.clone(),
            seq: batch.seq,
            head: Hash(batch.head),
            root: (!batch.root.is_zero()).then_some(Hash(batch.root)),
            max_total: Wei(batch.max_total),
            total: Wei(batch.total),
            currency: CURRENCY,
            count: batch.count,
            deadline: batch.deadline.map(Moment),
            digest: batch.digest.as_ref().map(hex),
            signature: batch.signature.as_ref().map(hex),
            tx_hash: batch.tx_hash.clone(),
            out: batch.out,
            reason: batch.reason.clone(),
            requested_by: batch.requested_by.clone(),
            created_at: Moment(batch.created_at),
            updated_at: Moment(batch.updated_at),
        }
    }
}

/// A batch with its accounts and attempts.
#[derive(Serialize, ToSchema)]
pub struct BatchDetail {
    /// The batch.
    #[serde(flatten)]
    pub batch: BatchView,
    /// Its accounts.
    pub items: Vec<ItemView>,
    /// Each sending of its transaction.
    pub attempts: Vec<AttemptView>,
    /// As of when.
    pub finality: Finality,
}

/// One account of a batch.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemView {
    /// The account as the contract knows it; the company is the zero address.
    pub account: Wallet,
    /// The user's number.
    pub user_id: i64,
    /// What it has earned in all.
    pub cumulative: Wei,
    /// What of it the batch is to pay.
    pub amount: Wei,
    /// Whether the batch still holds it.
    pub open: bool,
}

impl From<Item> for ItemView {
    fn from(item: Item) -> ItemView {
        ItemView {
            account: Wallet(item.wallet),
            user_id: item.user,
            cumulative: Wei(item.cumulative),
            amount: Wei(item.amount),
            open: item.open,
        }
    }
}

/// One sending of a batch's transaction.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// Its number, from 1.
    pub attempt: i32,
    /// The executor's transaction nonce.
    pub nonce: i64,
    /// The transaction.
    pub tx_hash: String,
    /// The most that it offers for a unit of gas, in wei.
    pub max_fee_wei: String,
    /// `written`, `accepted`, `refused`, `unknown`, `included` or `replaced`.
    pub outcome: String,
    /// What the node said.
    pub detail: Option<String>,
    /// When it was written.
    pub at: Moment,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> AttemptView {
        AttemptView {
            attempt: attempt.attempt,
            nonce: attempt.nonce,
            tx_hash: attempt.tx_hash,
            max_fee_wei: attempt.max_fee_wei.to_string(),
            outcome: attempt.outcome,
            detail: attempt.detail,
            at: Moment(attempt.at),
        }
    }
}

/// A page of batches, newest first.
#[derive(Serialize, ToSchema)]
pub struct Batches {
    /// The batches.
    pub items: Vec<BatchView>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// As of when.
    pub finality: Finality,
}
