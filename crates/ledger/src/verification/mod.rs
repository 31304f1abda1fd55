//! What makes the stored journal believable, as values: [`Stretch`] takes seals and the rows that they cover, and says
//! the first that is not what it should be. [`crate::store::verify`] reads the rows and feeds them in.

mod chain;
mod stretch;

use std::fmt;

pub(crate) use chain::{Chain, Seal, hex};
pub(crate) use stretch::{PostingRow, Stretch, TransactionRow, may_be_below_zero};

/// A row that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its table, or the table that lacks it.
    pub table: String,
    /// Its key.
    pub key: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Finding {
    pub(crate) fn new(
        table: &str,
        key: impl fmt::Display,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Finding {
        let (table, key) = (table.to_owned(), key.to_string());
        Finding { table, key, expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: expected {}, found {}", self.table, self.key, self.expected, self.found)
    }
}

/// A place in the chain of seals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealPoint {
    /// The seal's number; 0 before the first.
    pub number: u64,
    /// Its hash; zeros before the first.
    pub hash: [u8; 32],
}

/// What a verification read, and the first row that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Transactions of the journal that were hashed and compared.
    pub transactions: u64,
    /// Postings that were hashed and compared.
    pub postings: u64,
    /// The last seal that is right.
    pub last: SealPoint,
    /// Transactions among them that wait for their seal.
    pub unsealed: u64,
    /// Accounts whose balance is the sum of their postings.
    pub accounts: u64,
    /// Stops of batches that a later reconciliation lifted; the audit log says whose (`lift_stop`).
    pub lifts: u64,
    /// The first row that is not what it should be.
    pub finding: Option<Finding>,
}

impl Verified {
    /// Rows of the journal that were hashed and compared: transactions and postings.
    pub fn rows(&self) -> u64 {
        self.transactions + self.postings
    }
}
