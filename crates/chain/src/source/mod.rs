//! The block source: what a node says about a range of blocks goes in, and a [`BlockRange`] that is proven complete and
//! in order comes out, or a [`SourceFault`] that says what was expected and what came. No clock, no network.
//!
//! What proves it: every entry's `seq` continues the last one and its head is the hash that we compute ourselves; every
//! outflow's number continues the last one and every account's paid total grows by exactly the amount; batches state
//! how many payouts they made; and, at the end of the range, the contract's own counters are where ours are, its head
//! is the one that we computed, and its standing root the one that was published last. A fault is never stepped over:
//! nothing of the range is taken.
//!
//! A [`Cursor`] does not hold the standing root. A source that begins before the genesis knows that none stands; one
//! that goes on from a later cursor takes the root from the first event that publishes or voids one, or else from what
//! the contract states at the end of the first range that has its statement, and compares from there on.
//!
//! Without the contract's statement (see [`Fetched::standing`]) the end of a range is compared with nothing: a lost end
//! is noticed with the next event, and all of it at the end of the next range that has a statement.

mod draft;
mod fault;

use banyan_types::history::{BlockRange, ChainEvent, Cursor};

pub use fault::{Place, SourceFault};

use crate::eip712::Domain;
use crate::node::{Block, RawLog};
use crate::view::Standing;
use draft::{Draft, LastRoot};

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

    /// Takes the next range, if it is proven.
    ///
    /// # Errors
    /// The first fault; then nothing was taken.
    pub fn accept(&mut self, fetched: Fetched) -> Result<BlockRange, SourceFault> {
        let expected = self.cursor.block + 1;
        if fetched.from != expected || fetched.to.number < fetched.from {
            return Err(SourceFault::Range { expected, from: fetched.from, to: fetched.to.number });
        }
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
        let progress = draft.finish(fetched.standing)?;
        self.cursor.block = fetched.to.number;
        self.cursor.block_hash = fetched.to.hash;
        self.cursor.seq = progress.seq;
        self.cursor.head = progress.head;
        self.cursor.out = progress.out;
        self.cursor.paid_totals.extend(progress.paid_totals);
        self.root = progress.root;
        let Block { number: to, hash: to_hash, time: to_time } = fetched.to;
        Ok(BlockRange { from: fetched.from, to, to_hash, to_time, events })
    }
}

#[cfg(test)]
mod tests;
