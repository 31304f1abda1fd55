//! A difference, and where it comes from.

use std::fmt;

use banyan_reconciliation::Difference;
use banyan_types::history::ChainEvent;
use banyan_types::{Address, B256};
use serde::Serialize;

/// Something that is not as the chain and the plan say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What kind of thing differs, in one word.
    pub kind: &'static str,
    /// Whose account it is about, if it is about one; the zero address is the company.
    pub account: Option<Address>,
    /// What follows from the chain and the plan. Amounts are in wei.
    pub expected: String,
    /// What was found instead.
    pub found: String,
    /// Where on the chain it comes from: the event, or the last one that concerned the account.
    pub source: Option<Source>,
    /// The books' rows that it is about.
    pub rows: Vec<Row>,
}

/// A place on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Number of the block.
    pub block: u64,
    /// Hash of the transaction; none for what is true of a whole block.
    pub transaction: Option<B256>,
    /// Position of the log in its block.
    pub log_index: Option<u64>,
}

/// A row of the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The table.
    pub table: &'static str,
    /// The row's key, in words of its columns.
    pub id: String,
}

impl Finding {
    /// A finding that is about no account and no row.
    pub(crate) fn new(kind: &'static str, expected: impl ToString, found: impl ToString) -> Finding {
        let (expected, found) = (expected.to_string(), found.to_string());
        Finding { kind, account: None, expected, found, source: None, rows: Vec::new() }
    }

    pub(crate) fn of(self, account: Address) -> Finding {
        Finding { account: Some(account), ..self }
    }

    pub(crate) fn at(self, source: Source) -> Finding {
        Finding { source: Some(source), ..self }
    }
}

impl Source {
    pub(crate) fn event(event: &ChainEvent) -> Source {
        Source { block: event.block, transaction: Some(event.tx_hash), log_index: Some(event.log_index) }
    }

    /// The state after a block.
    pub(crate) fn block(block: u64) -> Source {
        Source { block, transaction: None, log_index: None }
    }
}

/// A difference of the books, with the event that its row was made of, if there is one.
pub(crate) fn of_books(difference: Difference, source: Option<Source>) -> Finding {
    let Difference { kind, account, expected, found, evidence } = difference;
    let rows = evidence.into_iter().map(|row| Row { table: row.table, id: row.id }).collect();
    Finding { kind: kind.name(), account, expected, found, source, rows }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {}", self.block)?;
        self.transaction.map_or(Ok(()), |hash| write!(f, ", transaction {hash}"))?;
        self.log_index.map_or(Ok(()), |index| write!(f, ", log {index}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        self.account.map_or(Ok(()), |account| write!(f, " of {account}"))?;
        write!(f, ": expected {}, found {}", self.expected, self.found)?;
        self.source.map_or(Ok(()), |source| write!(f, "\n    {source}"))?;
        self.rows.iter().try_for_each(|row| write!(f, "\n    row {} {}", row.table, row.id))
    }
}
