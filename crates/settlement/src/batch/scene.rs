//! The scene of the table of cases: a quiet one (block 100 finalized, 102 the head, deadline at 2,000, a second a block),
//! changed step by step into each case.

use std::time::Duration;

use super::*;

pub(super) const DEADLINE: u64 = 2_000;

pub(super) fn hash(tag: u8) -> B256 {
    B256::repeat_byte(tag)
}

pub(super) fn fee(wei: u64) -> Fee {
    Fee { max_fee: wei, priority: wei }
}

pub(super) fn policy() -> Policy {
    Policy {
        fees: FeePolicy { ceiling: 1_000, bump_percent: 10 },
        bump_after: Duration::from_secs(15),
        resend_after: Duration::from_secs(3),
        deadline_margin: 10,
    }
}

pub(super) fn chain() -> ChainView {
    ChainView {
        finalized: Block { number: 100, time: 1_000 },
        head: Block { number: 102, time: 1_002 },
        finalized_nonce: 7,
        latest_nonce: 7,
        price: Price { base_fee: 0, tip: 100 },
    }
}

/// A batch and what is seen of it, changed step by step into the case.
pub(super) struct Case {
    pub(super) batch: Batch,
    pub(super) seen: Observation,
}

pub(super) fn case(state: State) -> Case {
    let deadline = (state != State::Building).then_some(DEADLINE);
    Case {
        batch: Batch { state, automatic: false, deadline, block: None, tx_hash: None, attempts: vec![] },
        seen: Observation {
            chain: Some(chain()),
            books: BooksView { read: Block { number: 100, time: 1_000 }, executed: None },
            fates: vec![],
            simulation: Simulation::NotAsked,
            held: None,
            stopped: None,
            behind: None,
            outbid: None,
            age: Duration::from_secs(1),
            quiet: Duration::from_secs(1),
        },
    }
}

/// A quarter of a minute later, with nothing sent in between.
pub(super) fn late(case: Case) -> Case {
    case.with(|_, seen| {
        seen.age = Duration::from_secs(15);
        seen.quiet = Duration::from_secs(15);
    })
}

impl Case {
    /// Adds an attempt with nonce 7; hashes are 1, 2, 3 … and offers 100, 200, 300 … in order.
    pub(super) fn attempt(self, outcome: Outcome, fate: Fate) -> Case {
        self.attempt_at(7, outcome, fate)
    }

    pub(super) fn attempt_at(mut self, nonce: u64, outcome: Outcome, fate: Fate) -> Case {
        let tag = u8::try_from(self.batch.attempts.len() + 1).unwrap();
        let attempt = Attempt { nonce, tx_hash: hash(tag), fee: fee(100 * u64::from(tag)), outcome };
        self.batch.attempts.push(attempt);
        self.seen.fates.push(fate);
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Batch, &mut Observation)) -> Case {
        change(&mut self.batch, &mut self.seen);
        self
    }

    pub(super) fn chain(self, change: impl FnOnce(&mut ChainView)) -> Case {
        self.with(|_, seen| change(seen.chain.as_mut().unwrap()))
    }

    pub(super) fn simulated(self, simulation: Simulation) -> Case {
        self.with(|_, seen| seen.simulation = simulation)
    }

    /// The node's finalized block and the books are past the deadline.
    pub(super) fn past_deadline(self) -> Case {
        self.finalized_past_deadline().with(|_, seen| {
            seen.books.read = Block { number: 1_101, time: DEADLINE + 1 };
        })
    }

    pub(super) fn finalized_past_deadline(self) -> Case {
        self.chain(|chain| {
            chain.finalized = Block { number: 1_101, time: DEADLINE + 1 };
            chain.head = Block { number: 1_103, time: DEADLINE + 3 };
        })
    }

    pub(super) fn included_in(self, block: u64) -> Case {
        self.with(|batch, _| {
            batch.block = Some(block);
            batch.tx_hash = Some(hash(1));
        })
    }

    pub(super) fn booked(self, tag: u8, block: u64) -> Case {
        self.with(|_, seen| {
            seen.books.read.number = seen.books.read.number.max(block);
            seen.books.executed = Some(Executed { tx_hash: hash(tag), block, out: 9 });
        })
    }
}

pub(super) const OK: fn(u64) -> Fate = |block| Fate::Mined { block, success: true };
pub(super) const REVERTED: fn(u64) -> Fate = |block| Fate::Mined { block, success: false };
