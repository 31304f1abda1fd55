//! What an audit says in the end. Its JSON is stable: fields are added, never renamed.

use std::collections::BTreeMap;
use std::time::Duration;

use banyan_types::{Address, Amount, B256, PlanHash};
use serde::Serialize;

use crate::finding::Finding;

/// Findings that are told one by one; all of them are counted.
pub(crate) const TOLD: usize = 100;

/// The result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Nothing differs.
    pub clean: bool,
    /// What differs, in the order in which it was found; at most a hundred.
    pub findings: Vec<Finding>,
    /// How many findings there were.
    pub finding_count: u64,
    /// What was audited, and what it came to.
    pub figures: Figures,
    /// What was read.
    pub events: Counts,
    /// Whether the books were compared as well.
    pub books: bool,
    /// How long it took.
    pub pace: Pace,
}

/// What was audited, and what it came to. Amounts are in wei.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// The chain.
    pub chain_id: u64,
    /// The contract.
    pub contract: Address,
    /// First block that was read.
    pub from_block: u64,
    /// Last block.
    pub to_block: u64,
    /// Its hash.
    pub to_hash: B256,
    /// The plan in force after it.
    pub plan: PlanHash,
    /// The last entry.
    pub seq: u64,
    /// The head after it.
    pub head: B256,
    /// The last outflow.
    pub out: u64,
    /// Accounts, the company included.
    pub accounts: usize,
    /// The root over all of them after the last entry.
    pub root: B256,
    /// What came in.
    pub total_in: Amount,
    /// What was sent or made owed.
    pub total_paid: Amount,
    /// What of it is still owed.
    pub total_owed: Amount,
    /// What everybody has earned in all.
    pub earned: Amount,
    /// What the contract holds.
    pub balance: Amount,
    /// What of it was forced in.
    pub excess: Amount,
}

/// Events by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All of the contract's events.
    pub total: u64,
    /// Registrations.
    pub registrations: u64,
    /// Retopups.
    pub retopups: u64,
    /// Directives, the genesis included.
    pub directives: u64,
    /// Payments that arrived.
    pub payments: u64,
    /// Payments that became owed.
    pub owed: u64,
    /// Batches.
    pub batches: u64,
    /// Withdrawals of what was owed.
    pub withdrawals: u64,
    /// Roots that were published.
    pub roots: u64,
    /// Others, which move neither money nor entitlement.
    pub others: u64,
}

/// How long it took, and what the node did on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// All of it, in milliseconds.
    pub milliseconds: u64,
    /// Of it, until the last event was judged.
    pub reading_milliseconds: u64,
    /// Of that, for how long the proving waited for the node.
    pub waiting_milliseconds: u64,
    /// For how long logs were being read and proven.
    pub proving_milliseconds: u64,
    /// For how long entries were being judged.
    pub judging_milliseconds: u64,
    /// Events a second over all of it.
    pub events_per_second: u64,
    /// Ranges of blocks that were asked for.
    pub ranges: u64,
    /// What was wrong with the node's answers, by class, and how often. It was asked again each time.
    pub faults: BTreeMap<&'static str, u64>,
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
