//! What is wrong with a node's answer, in a closed list: each says what was expected and what came.

use std::fmt;

use alloy::primitives::{Address, B256};
use banyan_types::Amount;

use crate::contract::DecodeError;
use crate::view::PublishedRoot;

/// A log's place on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its block.
    pub block: u64,
    /// Its index in the block.
    pub log_index: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log {} of block {}", self.log_index, self.block)
    }
}

/// Why a range of blocks is not proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceFault {
    /// The range does not follow the last one.
    #[error("expected a range of blocks that begins at {expected}, got {from} to {to}")]
    Range {
        /// The block after the last one read.
        expected: u64,
        /// First block that came.
        from: u64,
        /// Last block that came.
        to: u64,
    },
    /// A log lies outside of the range that was asked for.
    #[error("expected logs of blocks {from} to {to}, got {at}")]
    OutsideRange {
        /// First block.
        from: u64,
        /// Last block.
        to: u64,
        /// The log.
        at: Place,
    },
    /// A log of another contract.
    #[error("expected logs of {expected}, got one of {found} ({at})")]
    Foreign {
        /// Our contract.
        expected: Address,
        /// Who emitted it.
        found: Address,
        /// The log.
        at: Place,
    },
    /// A log that a reorganization took away.
    #[error("expected logs of final blocks, got {at}, which the node says was removed")]
    Removed {
        /// The log.
        at: Place,
    },
    /// The same log again.
    #[error("expected each log once, got {at} twice")]
    Duplicate {
        /// The log.
        at: Place,
    },
    /// A log before its predecessor.
    #[error("expected logs in order of block and index, got {at} after {before}")]
    Unordered {
        /// What came before it.
        before: Place,
        /// The log.
        at: Place,
    },
    /// Two answers about one block.
    #[error("expected block {block} to be {expected}, but a log says that it is {found}")]
    BlockHash {
        /// The block.
        block: u64,
        /// Its hash by the first answer.
        expected: B256,
        /// Its hash by the second.
        found: B256,
    },
    /// A block has two times.
    #[error("expected block {block} at time {expected}, got {found}")]
    BlockTime {
        /// The block.
        block: u64,
        /// Its time by the first answer.
        expected: u64,
        /// Its time by the second.
        found: u64,
    },
    /// A log cannot be read.
    #[error("{at} cannot be read: {error}")]
    Undecodable {
        /// The log.
        at: Place,
        /// What does not fit.
        error: DecodeError,
    },
    /// The history does not begin at its beginning.
    #[error(
        "expected the history's genesis (seq 0) first, got seq {found} ({at}): chain.start_block must not lie behind the block that created the contract"
    )]
    NoGenesis {
        /// The first entry that came.
        found: u64,
        /// The log.
        at: Place,
    },
    /// The history has a gap, or an entry comes again.
    #[error("expected seq {expected}, got seq {found} ({at})")]
    Seq {
        /// The next entry's number.
        expected: u64,
        /// What came.
        found: u64,
        /// The log.
        at: Place,
    },
    /// The entry is not the one that the contract hashed.
    #[error(
        "expected head {expected} after seq {seq}, which its fields give, but the event says {found} ({at})"
    )]
    Head {
        /// The entry.
        seq: u64,
        /// The head that we compute.
        expected: B256,
        /// The head that the event states.
        found: B256,
        /// The log.
        at: Place,
    },
    /// An outflow is missing, or comes again.
    #[error("expected outflow {expected}, got outflow {found} ({at})")]
    Out {
        /// The next number.
        expected: u64,
        /// What came.
        found: u64,
        /// The log.
        at: Place,
    },
    /// An account's paid total does not continue.
    #[error("expected a paid total of {expected} wei of {account}, got {found} ({at})")]
    PaidTotal {
        /// The account.
        account: Address,
        /// What it had, and the amount.
        expected: Amount,
        /// What the event states.
        found: Amount,
        /// The log.
        at: Place,
    },
    /// A batch's payouts are not those that it made.
    #[error(
        "expected {expected_count} payouts of {expected_total} wei together in outflow {out}, got {count} of {total} ({at})"
    )]
    BatchTotal {
        /// The batch.
        out: u64,
        /// What the batch says.
        expected_count: u64,
        /// What the batch says.
        expected_total: Amount,
        /// The payouts that came.
        count: u64,
        /// Their sum.
        total: Amount,
        /// The batch's log.
        at: Place,
    },
    /// Payouts of a batch came without the batch.
    #[error("expected the end of outflow {out} after its {count} payouts, and it did not come")]
    BatchEnd {
        /// The batch.
        out: u64,
        /// Payouts that came.
        count: u64,
    },
    /// A transaction with a payout that no batch ended has other logs than those that came.
    #[error(
        "expected the same logs of the contract from the range and from the receipt of transaction {tx_hash}, which pays outside of a batch, but {at} is not the same in both"
    )]
    Receipt {
        /// The transaction.
        tx_hash: B256,
        /// The first log that differs.
        at: Place,
    },
    /// Something refers to an entry that did not come.
    #[error("expected seq {seq} to have come before {at} refers to it, but the history ends at {last}")]
    Beyond {
        /// The entry that is referred to.
        seq: u64,
        /// The last entry that came.
        last: i128,
        /// The log.
        at: Place,
    },
    /// The answer ends before the contract's history or outflows do.
    #[error(
        "expected logs up to {counter} {expected}, which the contract states after block {block}, got them up to {found}"
    )]
    Truncated {
        /// `seq` or `out`.
        counter: &'static str,
        /// The last block of the range.
        block: u64,
        /// What the contract says.
        expected: i128,
        /// Where the logs end.
        found: i128,
    },
    /// The entries that came follow from each other, but they are not the contract's.
    #[error(
        "expected head {expected} after seq {seq}, which the contract states after block {block}, but the logs lead to {found}"
    )]
    Invented {
        /// The last entry.
        seq: u64,
        /// The last block of the range.
        block: u64,
        /// What the contract says.
        expected: B256,
        /// Where the logs lead.
        found: B256,
    },
    /// The publications that came do not leave the root that stands.
    #[error(
        "expected the standing root to be {} after block {block}, as the contract states, but the logs leave {}",
        named(.expected.as_ref()),
        named(.found.as_ref())
    )]
    Root {
        /// The last block of the range.
        block: u64,
        /// What the contract says.
        expected: Option<PublishedRoot>,
        /// What the logs leave.
        found: Option<PublishedRoot>,
    },
}

fn named(root: Option<&PublishedRoot>) -> String {
    root.map_or_else(|| "none".to_owned(), PublishedRoot::to_string)
}

impl SourceFault {
    /// The log at which it showed, if it showed at one.
    pub fn place(&self) -> Option<Place> {
        match self {
            SourceFault::OutsideRange { at, .. }
            | SourceFault::Foreign { at, .. }
            | SourceFault::Removed { at }
            | SourceFault::Duplicate { at }
            | SourceFault::Unordered { at, .. }
            | SourceFault::Undecodable { at, .. }
            | SourceFault::NoGenesis { at, .. }
            | SourceFault::Seq { at, .. }
            | SourceFault::Head { at, .. }
            | SourceFault::Out { at, .. }
            | SourceFault::PaidTotal { at, .. }
            | SourceFault::BatchTotal { at, .. }
            | SourceFault::Receipt { at, .. }
            | SourceFault::Beyond { at, .. } => Some(*at),
            SourceFault::Range { .. }
            | SourceFault::BlockHash { .. }
            | SourceFault::BlockTime { .. }
            | SourceFault::BatchEnd { .. }
            | SourceFault::Truncated { .. }
            | SourceFault::Invented { .. }
            | SourceFault::Root { .. } => None,
        }
    }

    /// The class under which it is counted.
    pub fn class(&self) -> &'static str {
        match self {
            SourceFault::Range { .. } => "range",
            SourceFault::OutsideRange { .. } => "outside_range",
            SourceFault::Foreign { .. } => "foreign",
            SourceFault::Removed { .. } => "removed",
            SourceFault::Duplicate { .. } => "duplicate",
            SourceFault::Unordered { .. } => "unordered",
            SourceFault::BlockHash { .. } => "block_hash",
            SourceFault::BlockTime { .. } => "block_time",
            SourceFault::Undecodable { .. } => "undecodable",
            SourceFault::NoGenesis { .. } => "no_genesis",
            SourceFault::Seq { .. } => "seq",
            SourceFault::Head { .. } => "head",
            SourceFault::Out { .. } => "out",
            SourceFault::PaidTotal { .. } => "paid_total",
            SourceFault::BatchTotal { .. } => "batch_total",
            SourceFault::BatchEnd { .. } => "batch_end",
            SourceFault::Receipt { .. } => "receipt",
            SourceFault::Beyond { .. } => "beyond",
            SourceFault::Truncated { .. } => "truncated",
            SourceFault::Invented { .. } => "invented",
            SourceFault::Root { .. } => "root",
        }
    }
}
