//! The books as of a moment: balances, the trial balance, statements.

use banyan_ledger::{Line, Totals, UserBalances};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::treasury::LedgerFigures;
use super::{Finality, Hash, Moment, UserRef, Wei};
use crate::problem::{Answer, Problem};

/// The moment that an answer is about. Everything in the books is finalized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AsOf {
    /// The block, included.
    pub block: u64,
    /// Time of the last block up to it that changed anything.
    pub at: Moment,
}

impl AsOf {
    /// A moment of the books.
    ///
    /// # Errors
    /// When its time is beyond all calendars.
    pub fn new(moment: banyan_ledger::Moment) -> Answer<AsOf> {
        Ok(AsOf { block: moment.block, at: time(moment.time)? })
    }
}

fn time(seconds: u64) -> Answer<Moment> {
    let seconds = i64::try_from(seconds).map_err(Problem::internal)?;
    OffsetDateTime::from_unix_timestamp(seconds).map(Moment).map_err(Problem::internal)
}

/// All accounts by kind as of a moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrialBalanceView {
    /// As of when.
    pub as_of: AsOf,
    /// What the journal's postings add up to.
    pub journal: LedgerFigures,
    /// Funds equal all else.
    pub balanced: bool,
    /// Accounts of which entries, payments and batches say something else than the journal: the first hundred.
    pub differences: Vec<AccountDifference>,
    /// `BNB`.
    pub currency: &'static str,
    /// How far the books reach.
    pub finality: Finality,
}

/// An account that the journal and the projections tell differently.
#[derive(Serialize, ToSchema)]
pub struct AccountDifference {
    /// Kind and owner.
    #[schema(example = "payable/7")]
    pub account: String,
    /// By the journal.
    pub journal: Wei,
    /// By entries, payments and batches.
    pub projections: Wei,
}

/// One account as of a moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Kind and owner.
    #[schema(example = "payable/7")]
    pub account: String,
    /// As of when.
    pub as_of: AsOf,
    /// On the account's normal side; the company's payable and suspense alone may be below 0.
    pub balance: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// How far the books reach.
    pub finality: Finality,
}

/// What a user had, by where it was. All in wei.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// May be paid.
    pub payable: Wei,
    /// Held back for the next tickets of the user's seats.
    pub reserved: Wei,
    /// In an unfinished batch.
    pub in_batch: Wei,
    /// Owed by the contract.
    pub owed: Wei,
}

impl From<UserBalances> for Standing {
    fn from(balances: UserBalances) -> Standing {
        let UserBalances { payable, reserved, in_batch, owed } = balances;
        Standing { payable: Wei(payable), reserved: Wei(reserved), in_batch: Wei(in_batch), owed: Wei(owed) }
    }
}

impl From<Totals> for LedgerFigures {
    fn from(totals: Totals) -> LedgerFigures {
        LedgerFigures {
            funds: Wei(totals.funds),
            payable: Wei(totals.payable),
            reserved: Wei(totals.reserved),
            in_batch: Wei(totals.in_batch),
            owed: Wei(totals.owed),
            suspense: Wei(totals.suspense),
            excess: Wei(totals.excess),
            company: Wei(totals.company),
        }
    }
}

/// A page of a user's statement.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementView {
    /// Whose.
    pub user: UserRef,
    /// As of when the closing balance is.
    pub as_of: AsOf,
    /// What the user had before the first line of the whole statement.
    pub opening: Standing,
    /// The lines, oldest first.
    pub lines: Vec<StatementLine>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// What the user had at the end.
    pub closing: Standing,
    /// The proof of what the user has earned against the root that stands on the contract; null where none stands, or the
    /// user came after it.
    pub proof: Option<StandingProof>,
    /// `BNB`.
    pub currency: &'static str,
    /// How far the books reach.
    pub finality: Finality,
}

/// What the contract's own root says that a user has earned.
#[derive(Serialize, ToSchema)]
pub struct StandingProof {
    /// The entry of the history that the root is over.
    pub seq: i64,
    /// The root.
    pub root: Hash,
    /// All that the user has earned up to there.
    pub cumulative: Wei,
    /// The siblings, from the leaf up.
    pub proof: Vec<Hash>,
}

/// One movement on one of the user's accounts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementLine {
    /// Its number among all of the user's, from 1 on.
    pub number: u64,
    /// What moved it: an entry's seq, an out number, a batch's number.
    #[schema(example = "entry 12")]
    pub cause: String,
    /// Block time.
    pub at: Moment,
    /// The block that the books stood at.
    pub block: u64,
    /// The user's account; a reserve's owner is the seat.
    #[schema(example = "payable/7")]
    pub account: String,
    /// Where it came from or went to.
    #[schema(example = "funds/0")]
    pub counter_account: String,
    /// What was added; negative if taken.
    pub change: Wei,
    /// The account's balance after it.
    pub balance: Wei,
}

impl StatementLine {
    /// A line of the ledger's.
    ///
    /// # Errors
    /// When its time is beyond all calendars.
    pub fn new(line: &Line) -> Answer<StatementLine> {
        Ok(StatementLine {
            number: line.number,
            cause: line.cause.to_string(),
            at: time(line.at)?,
            block: line.block,
            account: line.account.to_string(),
            counter_account: line.other.to_string(),
            change: Wei(line.change),
            balance: Wei(line.balance),
        })
    }
}
