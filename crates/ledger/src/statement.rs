//! A user's statement: every movement of what is theirs, with its cause, between two moments.

use banyan_types::Amount;

use crate::{Account, Cause, Moment, UserBalances};

/// One movement on one of a user's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number among all of the user's, from 1 on; later lines never change it.
    pub number: u64,
    /// Why.
    pub cause: Cause,
    /// Which posting of the cause's transaction.
    pub ordinal: u32,
    /// Seconds since 1970 of block time.
    pub at: u64,
    /// The block that the books stood at.
    pub block: u64,
    /// The user's account; if it is a reserve the owner is one of the user's seats.
    pub account: Account,
    /// Where it came from or went to.
    pub other: Account,
    /// What was added; negative if taken.
    pub change: Amount,
    /// The account's balance after it.
    pub balance: Amount,
}

/// What of a user's statement is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Extract {
    /// Whose; 0 is the company.
    pub user: u64,
    /// The opening balance is as of here; `None`: before everything.
    pub from: Option<Moment>,
    /// The closing balance is as of here.
    pub to: Moment,
    /// Lines after the one of this number only.
    pub after: u64,
    /// How many lines at most.
    pub limit: usize,
}

/// A user's statement, or a page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What the user had before the first line, where it was.
    pub opening: UserBalances,
    /// The lines, oldest first.
    pub lines: Vec<Line>,
    /// There are more lines after these.
    pub more: bool,
    /// What the user had at the end, where it was.
    pub closing: UserBalances,
}

/// What one cause did to one account, however many postings it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Why.
    pub cause: Cause,
    /// The block that the books stood at.
    pub block: u64,
    /// The account.
    pub account: Account,
    /// What was added; negative if taken.
    pub change: Amount,
    /// The account's balance after it.
    pub balance: Amount,
}
