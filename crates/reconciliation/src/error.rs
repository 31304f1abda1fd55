//! Why chain and books could not be compared. A difference is no error: it is the answer.

use banyan_chain::NodeError;
use banyan_ledger::LedgerError;
use banyan_types::{Address, B256};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The node did not answer.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The books did not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The books have not read any block yet.
    #[error(
        "expected books that have read the contract's history, but there is nothing yet: start `banyan listen`"
    )]
    Empty,
    /// The books are those of another contract.
    #[error(
        "the books follow contract {books}, the configuration says {configured}: correct chain.contract or database.url"
    )]
    WrongContract {
        /// The books'.
        books: String,
        /// The configured one.
        configured: Address,
    },
    /// The block at which the books stand is not on the node's chain.
    #[error(
        "the books stand at block {block} {expected}, but the node has {found} there: it is on another chain, or finality was broken"
    )]
    OtherChain {
        /// The block.
        block: u64,
        /// Its hash in the books.
        expected: B256,
        /// Its hash on the chain, or nothing.
        found: String,
    },
    /// The registry has such metrics already.
    #[error("the metrics of reconciliation cannot be registered: {0}")]
    Metrics(String),
}
