//! Books that grow by ranges of blocks, the way that the listener takes.

use std::time::{Duration, Instant};

use banyan_ledger::store::{Pool, connect, trial_balance};
use banyan_programme::Programme;
use banyan_testkit::postgres::{Database, Postgres};

use crate::chain::Chain;
use crate::processor::used;
use crate::{Outcome, RANGE};

/// A programme in a database of its own, and the chain that it follows.
pub struct Books {
    chain: Chain,
    programme: Programme,
    /// Connections for readers.
    pub pool: Pool,
    rows: u64,
    /// The server's process.
    server: u32,
    _database: Database,
}

/// Entries that were applied, and how long that took.
#[derive(Default)]
pub struct Window {
    entries: u64,
    rewards: u64,
    took: Duration,
    /// Processor time of this program and the server.
    processor: Duration,
}

impl Books {
    /// Empty books.
    pub async fn open(server: &Postgres) -> Outcome<Books> {
        let database = server.migrated_database().await?;
        let pool = connect(&database.url_as("banyan_app"), "measure", 16).await?;
        let (chain, plans, deployment) = Chain::new()?;
        let programme = Programme::open(pool.clone(), plans, deployment).await?;
        let server = server
            .id()
            .or(std::env::var("SERVER_PID").ok().and_then(|p| p.parse().ok()))
            .ok_or("expected a server of our own")?;
        Ok(Books { chain, programme, pool, rows: 0, server, _database: database })
    }

    /// Participants.
    pub fn people(&self) -> u64 {
        self.chain.people()
    }

    /// Postings in the journal.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Grows until `enough`.
    pub async fn grow(&mut self, enough: impl Fn(&Books) -> bool) -> Outcome {
        while !enough(self) {
            self.window(RANGE, RANGE).await?;
        }
        Ok(())
    }

    /// Applies so many entries, `range` in each transaction. Timed is the way from proven ranges to their commits and seals.
    pub async fn window(&mut self, entries: u64, range: u64) -> Outcome<Window> {
        let ranges = (0..entries / range).map(|_| self.chain.next(range)).collect::<Outcome<Vec<_>>>()?;
        let mut window = Window::default();
        let (begin, before) = (Instant::now(), used(self.server)?);
        for range in &ranges {
            let applied = self.programme.apply(range).await?;
            window.entries += applied.entries as u64;
            window.rewards += applied.rewards as u64;
        }
        self.programme.sealed().await?;
        window.took = begin.elapsed();
        window.processor = used(self.server)?.saturating_sub(before);
        self.rows += window.rewards;
        Ok(window)
    }

    /// Every balance against its postings, and the rows against what was applied.
    pub async fn verify(&mut self) -> Outcome {
        let proof = trial_balance(&mut *self.pool.acquire().await?).await?;
        if let Some(imbalance) = proof.imbalances.first() {
            return Err(format!("expected balances that are their postings' sums, got {imbalance:?}").into());
        }
        let rows = crate::store::postings(&self.pool).await?;
        if rows != self.rows {
            return Err(format!("expected a posting for each of {} rewards, got {rows}", self.rows).into());
        }
        Ok(())
    }
}

impl Window {
    /// Entries a second.
    pub fn rate(&self) -> f64 {
        self.entries as f64 / self.took.as_secs_f64()
    }

    /// Rewards a second.
    pub fn reward_rate(&self) -> f64 {
        self.rewards as f64 / self.took.as_secs_f64()
    }

    /// Microseconds of processor time an entry.
    pub fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.entries as f64
    }
}
