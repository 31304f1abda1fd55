//! A user's statement: every movement of what is theirs, with its cause.

use banyan_types::Amount;

use crate::{Account, Cause};

/// One movement on one of a user's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
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
