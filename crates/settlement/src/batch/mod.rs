//! A payout batch as a state machine: what it is, what is seen of it, and what to do next. No clock, no network, no
//! database: the driver observes, asks [`next`], and does what it says.
//!
//! Three rules carry it. An attempt is written down before it is sent, so that a crash loses none. What a node did not
//! answer is unknown, and nothing is undone because of it: a batch with attempts expires only when its deadline has
//! passed on finalized blocks, in the chain and in the books, and no attempt succeeded. And since items are cumulative,
//! sending again may cost gas but never pays twice, so whatever is in doubt is looked at again.

mod decide;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod tests;
mod word;

pub use decide::{next, verdicts};

use std::time::Duration;

use banyan_chain::node::Refusal;
use banyan_types::B256;

use crate::fees::{Fee, FeePolicy, Price};

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Its items are chosen and taken out of the payable amounts; nobody has signed it.
    Building,
    /// The signer has signed it, up to a deadline.
    Signed,
    /// It may be sent.
    Queued,
    /// A transaction was written, and perhaps sent; none is in a block.
    Broadcast,
    /// A transaction is in a block that is not finalized.
    Included,
    /// A transaction is in a finalized block; the books have not read it yet.
    Final,
    /// The books have read what it paid.
    Settled,
    /// Its deadline passed and nothing was paid by it.
    Expired,
    /// It was given up before anything could be paid by it.
    Abandoned,
}

/// What is known of one attempt's sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// On disk; it may or may not have been sent.
    Written,
    /// A node took it.
    Accepted,
    /// A node refused it.
    Refused(Refusal),
    /// A node was asked and did not answer clearly.
    Unknown,
    /// It is in a block and succeeded.
    Included,
    /// It is in a finalized block and reverted.
    Reverted,
    /// Another transaction used its nonce.
    Replaced,
}

/// One sending of a batch's transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The executor's nonce that it uses.
    pub nonce: u64,
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// What it offers.
    pub fee: Fee,
    /// What is known of its sending.
    pub outcome: Outcome,
}

/// What is known of a batch on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Where it stands.
    pub state: State,
    /// Built by the settlement process itself, so that nobody else signs and queues it.
    pub automatic: bool,
    /// Last block time at which it may run, in seconds since 1970; `None` until it is signed.
    pub deadline: Option<u64>,
    /// The block of the transaction that succeeded, while one has.
    pub block: Option<u64>,
    /// Its transaction's hash, while one has succeeded.
    pub tx_hash: Option<B256>,
    /// Its attempts, oldest first. Those that can still run share one nonce.
    pub attempts: Vec<Attempt>,
}

/// What a node says of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It did not answer.
    Unknown,
    /// It knows neither the transaction nor a receipt.
    Absent,
    /// It waits to be taken into a block.
    Pending,
    /// It is in a block.
    Mined {
        /// Number of the block.
        block: u64,
        /// Whether it did what it should.
        success: bool,
    },
}

/// A block, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: u64,
    /// Its time in seconds since 1970.
    pub time: u64,
}

/// What a node says of the chain and of the executor. It is read before the attempts' fates, so that a transaction in
/// a block up to `finalized` has a receipt by the time it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainView {
    /// The finalized block.
    pub finalized: Block,
    /// The newest block.
    pub head: Block,
    /// The executor's next nonce after the finalized block.
    pub finalized_nonce: u64,
    /// The executor's next nonce after the newest block.
    pub latest_nonce: u64,
    /// What gas costs.
    pub price: Price,
}

/// A batch's execution, as the books have read it from the contract's finalized events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The transaction.
    pub tx_hash: B256,
    /// Its block.
    pub block: u64,
    /// The contract's number of it.
    pub out: u64,
}

/// How far the books have read the chain, and what they found of this batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BooksView {
    /// The last block they read.
    pub read: Block,
    /// This batch's execution by one of its attempts, if it is up to there.
    pub executed: Option<Executed>,
}

/// What the contract would do with the batch now (`eth_call`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulation {
    /// Nobody asked.
    NotAsked,
    /// It would run.
    Runs,
    /// It would revert, for the reason given.
    Reverts(String),
    /// The node did not answer.
    Unknown,
}

/// Everything that is seen of a batch at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// `None`: the node did not answer.
    pub chain: Option<ChainView>,
    /// The books.
    pub books: BooksView,
    /// One fate for each attempt, in the same order.
    pub fates: Vec<Fate>,
    /// What the contract would do.
    pub simulation: Simulation,
    /// Why nothing may be signed or sent now: the kill switch, or a reconciliation.
    pub held: Option<String>,
    /// Which of its accounts are held or frozen, in words for people: with them nothing may be signed or sent.
    pub stopped: Option<String>,
    /// Number of another batch whose transaction is under way: one at a time, so that nonces leave no gaps.
    pub behind: Option<i64>,
    /// The highest offer that other batches made with the executor's next nonce: their transactions may still wait
    /// somewhere, and a new one has to outbid them.
    pub outbid: Option<Fee>,
    /// Time since the last attempt was written.
    pub age: Duration,
    /// Time since the last attempt was last sent.
    pub quiet: Duration,
}

/// The bounds within which the machine decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What may be offered.
    pub fees: FeePolicy,
    /// How long an attempt may wait for a block before it is replaced.
    pub bump_after: Duration,
    /// How long a node may deny that it knows an attempt before it is sent again.
    pub resend_after: Duration,
    /// Nothing is sent later than this many seconds of block time before the deadline.
    pub deadline_margin: u64,
}

/// Why there is nothing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The batch has ended.
    Ended,
    /// Somebody has to have it signed.
    ForSignature,
    /// Somebody has to queue it.
    ForQueueing,
    /// It may not go on now; the reason is for people.
    Held(String),
    /// The batch of this number is under way.
    Behind(i64),
    /// The node does not answer, or not clearly.
    ForNode,
    /// An attempt waits for a block.
    ForBlock,
    /// An attempt was sent a moment ago, and the node does not show it yet.
    ForMempool,
    /// What happened is not finalized yet.
    ForFinality,
    /// The books have not read it yet.
    ForBooks,
    /// The books have read the block and do not hold the execution: the node and the books see different chains.
    BooksDisagree,
    /// It is too late to send, and too early to give up.
    ForDeadline,
    /// Gas costs more than the ceiling.
    ForCheaperGas,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing, for this reason.
    Wait(Waiting),
    /// Ask the signer.
    Sign,
    /// Let it be sent.
    Queue,
    /// Ask the contract what it would do.
    Simulate,
    /// Write a new attempt with this nonce and these caps, then send it. Earlier attempts can no longer run, or are
    /// replaced by this one.
    Send {
        /// The executor's nonce.
        nonce: u64,
        /// What it offers.
        fee: Fee,
    },
    /// Send an attempt that is already written once more.
    Resend {
        /// Its position among the attempts.
        attempt: usize,
    },
    /// An attempt is in a block.
    Include {
        /// Its position among the attempts.
        attempt: usize,
        /// The block's number.
        block: u64,
    },
    /// The block that held the attempt is gone.
    Return,
    /// An attempt is in a finalized block.
    Finalize {
        /// Its transaction.
        tx_hash: B256,
        /// The block's number.
        block: u64,
    },
    /// The books have read what it paid: close it.
    Settle {
        /// The contract's number of the execution.
        out: u64,
    },
    /// The deadline has passed for good: give everything back.
    Expire,
    /// It will never run: give everything back. The reason is for people.
    Abandon(String),
}
