//! The rows that a range of blocks brings, as values. Numbers are what the columns hold; times are seconds since 1970.

use banyan_ledger::Transaction;
use banyan_types::{Address, Amount, B256};

use crate::Alarm;

/// All that one range writes, a field for each statement.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub events: Vec<EventRow>,
    pub history: Vec<HistoryRow>,
    pub users: Vec<UserRow>,
    pub user_changes: Vec<UserChange>,
    pub retopups: Vec<RetopupRow>,
    pub pools: Vec<PoolRow>,
    pub seats: Vec<SeatRow>,
    pub seat_ends: Vec<SeatEnd>,
    pub rewards: Vec<RewardRow>,
    pub spent: Vec<SpentReserve>,
    pub payouts: Vec<PayoutRow>,
    pub journal: Vec<Transaction>,
    pub settlements: Vec<Settlement>,
    pub withdrawals: Vec<Withdrawal>,
    pub roots: Vec<RootRow>,
    /// The standing root of an earlier range does not stand any longer.
    pub earlier_roots_voided: bool,
    pub payments: Vec<PaymentRow>,
    pub outbox: Vec<OutboxRow>,
    pub alarms: Vec<Alarm>,
}

/// `chain_events`.
#[derive(Debug)]
pub(crate) struct EventRow {
    pub block: i64,
    pub log_index: i64,
    pub block_hash: B256,
    pub at: i64,
    pub tx_hash: B256,
    pub topics: Vec<B256>,
    pub data: Vec<u8>,
}

/// `history`.
#[derive(Debug)]
pub(crate) struct HistoryRow {
    pub seq: i64,
    pub kind: &'static str,
    pub at: i64,
    pub head: B256,
    pub wallet: Option<Address>,
    pub sponsor: Option<Address>,
    pub plan: Option<B256>,
    pub amount: Amount,
    pub directive: Option<String>,
    /// A directive's arguments, or the genesis's predecessor.
    pub data: Option<Vec<u8>>,
    pub outcome: &'static str,
    pub reason: Option<String>,
    pub block: i64,
    pub log_index: i64,
    pub tx_hash: B256,
}

/// `users`, a new one.
#[derive(Debug)]
pub(crate) struct UserRow {
    pub id: i64,
    pub wallet: Address,
    pub referrer: i64,
    pub participant: bool,
    pub seq: i64,
    pub created_at: i64,
    /// What the rest of the range changed.
    pub change: UserChange,
}

/// What changed of a user.
#[derive(Clone, Debug)]
pub(crate) struct UserChange {
    pub id: i64,
    pub referrals: i32,
    pub has_retopup: bool,
    pub frozen: Option<bool>,
    pub at: i64,
}

/// `retopups`.
#[derive(Debug)]
pub(crate) struct RetopupRow {
    pub seq: i64,
    pub user: i64,
    pub amount: Amount,
    pub status: &'static str,
    pub tx_hash: B256,
    pub at: i64,
}

/// `pools`: a new tree, or what is added to one.
#[derive(Debug)]
pub(crate) struct PoolRow {
    pub id: i64,
    pub level: i32,
    pub tree: i32,
    /// Who took the first seat, if this range opened the tree.
    pub root: Option<i64>,
    pub seats: i64,
    pub completions: i64,
    pub next_index: i64,
    pub created_at: i64,
    /// When the last seat was taken, if the tree is full.
    pub completed_at: Option<i64>,
    /// When this range's last seat was taken.
    pub last_seat_at: i64,
}

/// `seats`, a new one.
#[derive(Debug)]
pub(crate) struct SeatRow {
    pub id: i64,
    pub pool: i64,
    pub index: i64,
    pub user: i64,
    pub seq: i64,
    pub manual: bool,
    pub price: Amount,
    pub at: i64,
    /// If it ended in the same range.
    pub end: Option<SeatEnd>,
}

/// What became of a seat's reserve.
#[derive(Clone, Debug)]
pub(crate) struct SeatEnd {
    pub id: i64,
    /// The entry that filled its board; `None` if the programme was wound up before.
    pub completed_seq: Option<i64>,
    pub spent: Amount,
    pub released: Amount,
}

/// `rewards`.
#[derive(Debug)]
pub(crate) struct RewardRow {
    pub seq: i64,
    pub ordinal: i32,
    pub user: i64,
    pub source: i64,
    pub pool: Option<i64>,
    pub seat: Option<i64>,
    pub kind: &'static str,
    pub depth: Option<i32>,
    pub amount: Amount,
    /// `None`: reserved.
    pub cumulative: Option<Amount>,
    pub at: i64,
}

/// The reserve of a seat ended: its reserved rewards are spent.
#[derive(Debug)]
pub(crate) struct SpentReserve {
    pub seat: i64,
    pub at: i64,
}

/// `payouts`.
#[derive(Debug)]
pub(crate) struct PayoutRow {
    pub out: i64,
    pub user: i64,
    pub kind: &'static str,
    pub amount: Amount,
    pub paid_total: Option<Amount>,
    pub destination: Option<Address>,
    pub tx_hash: B256,
    pub block: i64,
    pub log_index: i64,
    pub at: i64,
}

/// Rewards of a user whose cumulative total lies in `(above, up_to]` got their fate by this payment.
#[derive(Debug)]
pub(crate) struct Settlement {
    pub user: i64,
    pub above: Amount,
    pub up_to: Amount,
    /// Ids from here on came later than the payment.
    pub before_id: i64,
    /// `settled` or `owed`.
    pub state: &'static str,
    pub tx_hash: B256,
    pub at: i64,
}

/// A user took what was owed from before this range.
#[derive(Debug)]
pub(crate) struct Withdrawal {
    pub user: i64,
    pub tx_hash: B256,
    pub at: i64,
}

/// `published_roots`.
#[derive(Debug)]
pub(crate) struct RootRow {
    pub block: i64,
    pub log_index: i64,
    pub seq: i64,
    pub root: B256,
    pub at: i64,
    pub voided: bool,
}

/// A payment seen on the chain, for the matching of `transactions`.
#[derive(Debug)]
pub(crate) struct PaymentRow {
    pub wallet: Address,
    pub user: i64,
    pub action: &'static str,
    pub nonce: i64,
    pub tx_hash: B256,
    pub at: i64,
}

/// `outbox`: what others are told.
#[derive(Debug)]
pub(crate) struct OutboxRow {
    pub topic: &'static str,
    pub reference: i64,
    pub wallet: Option<Address>,
    pub body: serde_json::Value,
    pub at: i64,
    pub block: i64,
}
