//! What may differ, in a closed list.

use banyan_types::Address;
use serde_json::{Value, json};

/// A kind of difference between chain and books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// Ether was forced into the contract; it is booked as excess.
    Excess,
    /// The contract holds less than it counts.
    Shortfall,
    /// The books' funds are not what the contract counts.
    Funds,
    /// What the contract owes in all.
    TotalOwed,
    /// The last entry of the history.
    Seq,
    /// The history's head.
    Head,
    /// The last outflow.
    Out,
    /// What an account was ever sent or made owed.
    AccountPaid,
    /// What an account's payouts say that it was sent or made owed in all.
    AccountPaidTotal,
    /// An account's money lies in a batch that does not hold the account.
    AccountInBatch,
    /// What the contract owes an account.
    AccountOwed,
    /// Whether the contract knows the account.
    AccountRegistered,
    /// Whether the account is frozen.
    AccountFrozen,
    /// What an account may still be paid is not what it has earned and not been paid.
    AccountEntitlement,
    /// What is held back for an account's seats.
    AccountReserved,
    /// An account's balance is not the sum of its postings.
    Balance,
    /// Funds do not equal what everybody has.
    Books,
    /// A transaction of the journal that has no seal, though the sealer ran.
    Unsealed,
    /// Money waits in suspense.
    Suspense,
    /// The stored events are not the contract's history.
    History,
    /// A row of the history is not what the stored event says.
    HistoryRow,
    /// A reward is missing.
    RewardMissing,
    /// A reward that nothing justifies.
    RewardExtra,
    /// A reward's amount.
    RewardAmount,
    /// A reward's receiver.
    RewardReceiver,
    /// Who triggered a reward.
    RewardSource,
    /// A reward's type.
    RewardType,
    /// What its receiver has earned in all with a reward.
    RewardCumulative,
    /// A reward held back that should be credited, or paid that was not, or the other way round.
    RewardState,
    /// A reward lies in a batch that does not hold its receiver, so that no batch takes it.
    RewardBatch,
    /// A reward said to be owed that the contract does not owe, or the other way round.
    RewardOwed,
    /// A wallet that registered has no user.
    UserMissing,
    /// A user that never registered.
    UserExtra,
    /// A user's wallet, sponsor or participation.
    User,
    /// A seat is missing.
    SeatMissing,
    /// A seat that nobody took.
    SeatExtra,
    /// A seat's holder.
    SeatHolder,
    /// A raw log that is missing, invented or not as the chain has it.
    EventRow,
    /// A payout that is missing, invented or not as its event says.
    PayoutRow,
    /// A published root that is missing, invented or not as its event says.
    RootRow,
    /// Postings that do not follow from their cause.
    Posting,
}

impl DifferenceKind {
    /// The kind's name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            DifferenceKind::Excess => "excess",
            DifferenceKind::Shortfall => "shortfall",
            DifferenceKind::Funds => "funds",
            DifferenceKind::TotalOwed => "total_owed",
            DifferenceKind::Seq => "seq",
            DifferenceKind::Head => "head",
            DifferenceKind::Out => "out",
            DifferenceKind::AccountPaid => "account_paid",
            DifferenceKind::AccountPaidTotal => "account_paid_total",
            DifferenceKind::AccountInBatch => "account_in_batch",
            DifferenceKind::AccountOwed => "account_owed",
            DifferenceKind::AccountRegistered => "account_registered",
            DifferenceKind::AccountFrozen => "account_frozen",
            DifferenceKind::AccountEntitlement => "account_entitlement",
            DifferenceKind::AccountReserved => "account_reserved",
            DifferenceKind::Balance => "balance",
            DifferenceKind::Books => "books",
            DifferenceKind::Unsealed => "unsealed",
            DifferenceKind::Suspense => "suspense",
            DifferenceKind::History => "history",
            DifferenceKind::HistoryRow => "history_row",
            DifferenceKind::RewardMissing => "reward_missing",
            DifferenceKind::RewardExtra => "reward_extra",
            DifferenceKind::RewardAmount => "reward_amount",
            DifferenceKind::RewardReceiver => "reward_receiver",
            DifferenceKind::RewardSource => "reward_source",
            DifferenceKind::RewardType => "reward_type",
            DifferenceKind::RewardCumulative => "reward_cumulative",
            DifferenceKind::RewardState => "reward_state",
            DifferenceKind::RewardBatch => "reward_batch",
            DifferenceKind::RewardOwed => "reward_owed",
            DifferenceKind::UserMissing => "user_missing",
            DifferenceKind::UserExtra => "user_extra",
            DifferenceKind::User => "user",
            DifferenceKind::SeatMissing => "seat_missing",
            DifferenceKind::SeatExtra => "seat_extra",
            DifferenceKind::SeatHolder => "seat_holder",
            DifferenceKind::EventRow => "event_row",
            DifferenceKind::PayoutRow => "payout_row",
            DifferenceKind::RootRow => "root_row",
            DifferenceKind::Posting => "posting",
        }
    }

    /// Whether no batch may be built while it stands. Surplus, suspense, what payments do not depend on and what
    /// only keeps money back stop none.
    pub fn stops_batches(self) -> bool {
        match self {
            DifferenceKind::Excess
            | DifferenceKind::Suspense
            | DifferenceKind::AccountFrozen
            | DifferenceKind::AccountInBatch
            | DifferenceKind::RewardBatch
            | DifferenceKind::RewardOwed
            | DifferenceKind::SeatMissing
            | DifferenceKind::SeatExtra
            | DifferenceKind::SeatHolder => false,
            DifferenceKind::Shortfall
            | DifferenceKind::Funds
            | DifferenceKind::TotalOwed
            | DifferenceKind::Seq
            | DifferenceKind::Head
            | DifferenceKind::Out
            | DifferenceKind::AccountPaid
            | DifferenceKind::AccountPaidTotal
            | DifferenceKind::AccountOwed
            | DifferenceKind::AccountRegistered
            | DifferenceKind::AccountEntitlement
            | DifferenceKind::AccountReserved
            | DifferenceKind::Balance
            | DifferenceKind::Books
            | DifferenceKind::Unsealed
            | DifferenceKind::History
            | DifferenceKind::HistoryRow
            | DifferenceKind::RewardMissing
            | DifferenceKind::RewardExtra
            | DifferenceKind::RewardAmount
            | DifferenceKind::RewardReceiver
            | DifferenceKind::RewardSource
            | DifferenceKind::RewardType
            | DifferenceKind::RewardCumulative
            | DifferenceKind::RewardState
            | DifferenceKind::UserMissing
            | DifferenceKind::UserExtra
            | DifferenceKind::User
            | DifferenceKind::EventRow
            | DifferenceKind::PayoutRow
            | DifferenceKind::RootRow
            | DifferenceKind::Posting => true,
        }
    }
}

/// A row that a difference is about: a table and the row's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The table.
    pub table: &'static str,
    /// The row's key, in words of its columns.
    pub id: String,
}

impl Evidence {
    /// The row of `table` whose key is `id`.
    pub fn row(table: &'static str, id: impl ToString) -> Evidence {
        Evidence { table, id: id.to_string() }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "table": self.table, "id": self.id })
    }
}

/// One difference between chain and books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its kind.
    pub kind: DifferenceKind,
    /// Whose account it is about, if it is about one; the zero address is the company.
    pub account: Option<Address>,
    /// What the chain, or the plan, says. Amounts are in wei.
    pub expected: String,
    /// What the books say.
    pub found: String,
    /// The rows that it is about.
    pub evidence: Vec<Evidence>,
}

impl Difference {
    /// A difference that is about no account and no row.
    pub(crate) fn new(kind: DifferenceKind, expected: impl ToString, found: impl ToString) -> Difference {
        let (expected, found) = (expected.to_string(), found.to_string());
        Difference { kind, account: None, expected, found, evidence: Vec::new() }
    }

    /// … of that account.
    pub(crate) fn of(self, account: Address) -> Difference {
        Difference { account: Some(account), ..self }
    }

    /// … seen in that row.
    pub(crate) fn seen_in(mut self, table: &'static str, id: impl ToString) -> Difference {
        self.evidence.push(Evidence::row(table, id));
        self
    }
}
