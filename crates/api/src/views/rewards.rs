//! Rewards, and everything that happened to a user.

use serde::Serialize;
use utoipa::ToSchema;

use super::{CURRENCY, Finality, Moment, UserRef, Wallet, Wei};
use crate::store::rewards::Reward;
use crate::store::timeline::{Outflow, Prepared, Retopup};

/// One reward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RewardView {
    /// Its number as a string; it passes what a JSON number holds.
    pub id: String,
    /// Block time of its cause.
    pub at: Moment,
    /// The entry of the history that caused it.
    pub seq: i64,
    /// Its kind, such as `POOL_L1`.
    #[serde(rename = "type")]
    #[schema(example = "POOL_L1")]
    pub kind: String,
    /// How much.
    pub amount: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// `payable`, `reserved`, `spent`, `batched`, `settled` or `owed`.
    #[schema(example = "payable")]
    pub state: String,
    /// The same in fewer words: `pending`, `batched`, `settled` or `failed`.
    pub status: String,
    /// Who triggered it.
    pub source: UserRef,
    /// Pool level.
    pub level: Option<i32>,
    /// Number of the tree.
    pub tree: Option<i32>,
    /// The receiver's seat that earned it.
    pub seat_index: Option<i64>,
    /// Levels between receiver and payer.
    pub depth: Option<i32>,
    /// All that the receiver had earned with it; null while it is reserved.
    pub cumulative: Option<Wei>,
    /// The batch that pays it.
    pub batch_id: Option<String>,
    /// The transaction that paid it.
    pub tx_hash: Option<String>,
}

impl From<&Reward> for RewardView {
    fn from(reward: &Reward) -> RewardView {
        RewardView {
            id: reward.id.to_string(),
            at: Moment(reward.at),
            seq: reward.seq,
            kind: reward.kind.clone(),
            amount: Wei(reward.amount),
            currency: CURRENCY,
            state: reward.state.clone(),
            status: reward.status.clone(),
            source: UserRef::from(reward.source),
            level: reward.tree.map(|(level, _)| level),
            tree: reward.tree.map(|(_, tree)| tree),
            seat_index: reward.seat_index,
            depth: reward.depth,
            cumulative: reward.cumulative.map(Wei),
            batch_id: reward.batch.map(|id| format!("batch_{id}")),
            tx_hash: reward.tx_hash.clone(),
        }
    }
}

/// Something that happened to a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum HistoryItem {
    /// They earned something.
    Reward(RewardView),
    /// They paid again.
    Retopup(RetopupView),
    /// Money left the contract for them, or became owed.
    Payout(PayoutView),
    /// A payload was prepared for them, or they asked to be paid.
    Transaction(TransactionView),
}

/// A retopup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetopupView {
    /// The entry of the history.
    pub id: i64,
    /// Block time.
    pub at: Moment,
    /// The entry of the history.
    pub seq: i64,
    /// How much was paid.
    pub amount: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// `confirmed`, or `failed` if the plan refused it and the payment went back.
    pub status: String,
    /// The payment's transaction.
    pub tx_hash: String,
}

impl From<Retopup> for RetopupView {
    fn from(retopup: Retopup) -> RetopupView {
        RetopupView {
            id: retopup.id,
            at: Moment(retopup.at),
            seq: retopup.id,
            amount: Wei(retopup.amount),
            currency: CURRENCY,
            status: retopup.status,
            tx_hash: retopup.tx_hash,
        }
    }
}

/// Money that left the contract, or became owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayoutView {
    /// `out:` and the contract's number.
    #[schema(example = "out:7")]
    pub id: String,
    /// Block time.
    pub at: Moment,
    /// The contract's number of the batch, claim or withdrawal.
    pub out: i64,
    /// `paid`, `owed` or `owed_withdrawn`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How much.
    pub amount: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// All that was ever sent or made owed; null on a withdrawal of what was owed.
    pub paid_total: Option<Wei>,
    /// Where a withdrawal went.
    pub destination: Option<Wallet>,
    /// The transaction.
    pub tx_hash: String,
}

impl From<Outflow> for PayoutView {
    fn from(outflow: Outflow) -> PayoutView {
        PayoutView {
            id: format!("out:{}", outflow.out),
            at: Moment(outflow.at),
            out: outflow.out,
            kind: outflow.kind,
            amount: Wei(outflow.amount),
            currency: CURRENCY,
            paid_total: outflow.paid_total.map(Wei),
            destination: outflow.destination.map(Wallet),
            tx_hash: outflow.tx_hash,
        }
    }
}

/// A prepared payload or a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransactionView {
    /// `txn_…`.
    pub id: String,
    /// When it was prepared, by the server's clock.
    pub at: Moment,
    /// `REGISTER`, `RETOPUP` or `WITHDRAW`.
    pub action: String,
    /// `prepared`, `submitted`, `confirmed`, `failed` or `expired`.
    pub status: String,
    /// The transaction that used it.
    pub tx_hash: Option<String>,
    /// When it ends, in block time.
    pub expires_at: Option<Moment>,
    /// The seat that was quoted with it.
    pub quote: Option<QuotedSeat>,
}

/// A seat as it was quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuotedSeat {
    /// Always true: the seat itself follows from the order of the chain.
    pub quote: bool,
    /// Pool level.
    pub level: i32,
    /// Number of the tree.
    pub tree: i32,
    /// Breadth-first index.
    pub index: i64,
    /// Index of the seat above.
    pub parent: Option<i64>,
}

impl From<Prepared> for TransactionView {
    fn from(prepared: Prepared) -> TransactionView {
        TransactionView {
            id: format!("txn_{}", prepared.id),
            at: Moment(prepared.at),
            action: prepared.action,
            status: prepared.status,
            tx_hash: prepared.tx_hash,
            expires_at: prepared.expires_at.map(Moment),
            quote: prepared.quote.map(|(level, tree, index, parent)| QuotedSeat {
                quote: true,
                level,
                tree,
                index,
                parent,
            }),
        }
    }
}

/// A page of a user's history, newest first.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// What happened.
    pub items: Vec<HistoryItem>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

/// A reward with its receiver.
#[derive(Serialize, ToSchema)]
pub struct PendingReward {
    /// Who receives it.
    pub user: UserRef,
    /// The reward.
    #[serde(flatten)]
    pub reward: RewardView,
}

/// A page of the rewards that are not paid yet, newest first.
#[derive(Serialize, ToSchema)]
pub struct PendingRewards {
    /// The rewards.
    pub items: Vec<PendingReward>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// Sums over all of them, whatever the filters.
    pub totals: PendingTotals,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

/// Sums of what is not paid yet, in wei.
#[derive(Serialize, ToSchema)]
pub struct PendingTotals {
    /// In no batch.
    pub payable: Wei,
    /// Held back for tickets.
    pub reserved: Wei,
    /// In a batch that is not finished.
    pub batched: Wei,
    /// How many rewards.
    pub count: i64,
}
