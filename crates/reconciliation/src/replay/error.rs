//! Why there is no replay. A row that differs is no error: it is the answer.

use banyan_ledger::LedgerError;
use banyan_programme::ProgrammeError;

/// Why a replay did not begin, or did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The range ends before it begins.
    #[error("expected a range whose first block is not behind its last, got {from} to {to}")]
    Range {
        /// First block.
        from: u64,
        /// Last block.
        to: u64,
    },
    /// The range ends behind the books.
    #[error("expected a range up to block {last}, where the books stand, got one up to {to}")]
    Beyond {
        /// Last block of the range.
        to: u64,
        /// Where the books stand.
        last: u64,
    },
    /// The books have not read anything yet.
    #[error(
        "expected books that have read the contract's history, but there is nothing yet: start `banyan listen`"
    )]
    Empty,
    /// Another replay is under way in this database.
    #[error("another replay is under way in this database: wait until it is done")]
    Running,
    /// The connection with the empty schema is gone, and what was derived with it.
    #[error("the replay's connection to PostgreSQL broke, and what was derived went with it: start it again")]
    Broken,
    /// The database did not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The programme did not take what is proven.
    #[error("the programme does not take the proven logs: {0}")]
    Programme(#[from] ProgrammeError),
}
