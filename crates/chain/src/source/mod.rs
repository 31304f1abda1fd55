//! The block source: what a node says about a range of blocks goes in, and a [`BlockRange`] that is proven complete and
//! in order comes out, or a [`SourceFault`] that says what was expected and what came. No clock, no network.
//!
//! What proves it: every entry's `seq` continues the last one and its head is the hash that we compute ourselves; every
//! outflow's number continues the last one and every account's paid total grows by exactly the amount; batches state
//! how many payouts they made; and, at the end of the range, the contract's own counters are where ours are, its head
//! is the one that we computed, and its standing root the one that was published last. A payout without a batch is a
//! claim's, or that of a batch of one whose own event is missing: its transaction's receipt tells which. A fault is
//! never stepped over: nothing of the range is taken.
//!
//! A [`Cursor`] does not hold the standing root. A source that begins before the genesis knows that none stands; one
//! that goes on from a later cursor takes the root from the first event that publishes or voids one, or else from what
//! the contract states at the end of the first range that has its statement, and compares from there on.
//!
//! Without the contract's statement (see [`Fetched::standing`]) the end of a range is compared with nothing: a lost end
//! is noticed with the next event, and all of it at the end of the next range that has a statement.

mod draft;
mod fault;
mod receipt;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::B256;
use banyan_types::history::{BlockRange, ChainEvent, Cursor};

pub use fault::{Place, SourceFault};

use crate::eip712::Domain;
use crate::node::{Block, RawLog, ReceiptLog};
use crate::view::Standing;
use draft::{Draft, LastRoot, Progress};

/// What a node says about a closed range of final blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// First block.
    pub from: u64,
    /// Last block.
    pub to: Block,
    /// All logs of the contract in it.
    pub logs: Vec<RawLog>,
    /// What the contract states after the last block; `None` before its creation, or if the node has no state of that
    /// block any more.
    pub standing: Option<Standing>,
}

/// A range that is proven, but for the transactions that pay outside of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    range: BlockRange,
    progress: Progress,
    claims: BTreeSet<B256>,
}

impl Examined {
    /// The transactions whose receipts [`BlockSource::accept`] wants to see.
    pub fn claims(&self) -> &BTreeSet<B256> {
        &self.claims
    }
}

/// Where the reading of one contract stands, and the judge of what comes next.
#[derive(Clone, Debug)]
pub struct BlockSource {
    domain: Domain,
    cursor: Cursor,
    root: LastRoot,
}

/// Where the reading of a contract begins that was created in `start_block` or later.
pub fn start_cursor(start_block: u64) -> Cursor {
    Cursor { block: start_block.saturating_sub(1), ..Cursor::default() }
}

impl BlockSource {
    /// Goes on from `cursor` with the events of `domain.contract`.
    pub fn new(domain: Domain, cursor: Cursor) -> BlockSource {
        let root = if cursor.seq.is_none() { LastRoot::Known(None) } else { LastRoot::Unknown };
        BlockSource { domain, cursor, root }
    }

    /// How far it has come.
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The contract, and its chain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Proves the next range by itself and by what the contract states at its end. Nothing is taken yet.
    ///
    /// # Errors
    /// The first fault.
    pub fn examine(&self, fetched: Fetched) -> Result<Examined, SourceFault> {
        self.follows(fetched.from, fetched.to.number)?;
        let mut draft = Draft::new(&self.domain, &self.cursor, self.root, fetched.from, fetched.to);
        let mut events = Vec::with_capacity(fetched.logs.len());
        for log in fetched.logs {
            let fact = draft.take(&log)?;
            events.push(ChainEvent {
                block: log.block,
                block_hash: log.block_hash,
                block_time: log.block_time,
                tx_hash: log.tx_hash,
                log_index: log.log_index,
                topics: log.topics,
                data: log.data,
                fact,
            });
        }
        let (progress, claims) = draft.finish(fetched.standing)?;
        let Block { number: to, hash: to_hash, time: to_time } = fetched.to;
        let range = BlockRange { from: fetched.from, to, to_hash, to_time, events };
        Ok(Examined { range, progress, claims })
    }

    /// Takes a range that was examined, if `receipts` hold the same logs of the contract for each transaction of
    /// [`Examined::claims`].
    ///
    /// # Errors
    /// The first log that is not in both, or a range that does not follow the last one any more; then nothing was taken.
    pub fn accept(
        &mut self,
        examined: Examined,
        receipts: &BTreeMap<B256, Vec<ReceiptLog>>,
    ) -> Result<BlockRange, SourceFault> {
        let Examined { range, progress, claims } = examined;
        self.follows(range.from, range.to)?;
        receipt::compare(&claims, &range.events, receipts)?;
        self.cursor.block = range.to;
        self.cursor.block_hash = range.to_hash;
        self.cursor.seq = progress.seq;
        self.cursor.head = progress.head;
        self.cursor.out = progress.out;
        self.cursor.paid_totals.extend(progress.paid_totals);
        self.root = progress.root;
        Ok(range)
    }

    fn follows(&self, from: u64, to: u64) -> Result<(), SourceFault> {
        let expected = self.cursor.block + 1;
        if from == expected && to >= from {
            return Ok(());
        }
        Err(SourceFault::Range { expected, from, to })
    }
}

#[cfg(test)]
mod tests;
