//! Booking alone: two-leg postings a thousand at a time, and single transactions from sixteen callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use banyan_ledger::store::{Clerk, Pool, book, connect, trial_balance};
use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_testkit::postgres::{Database, Postgres};
use banyan_types::Amount;

use crate::{Outcome, store, tell};

/// Transactions of one posting each that are booked at once.
const BATCH: u64 = 1_000;
/// Such batches in a round.
const BATCHES: u64 = 30;
/// Callers of single transactions.
const CALLERS: usize = 16;
/// How long they go on.
const LASTS: Duration = Duration::from_secs(4);
/// Most entries that a round can use up.
const OF_A_ROUND: u64 = 150_000;
/// Participants that are credited.
const PEOPLE: u64 = 100_000;

/// How a caller books.
#[derive(Clone)]
enum Way {
    /// In a database transaction of its own, on a connection of its own.
    Separate,
    /// Through the clerk, who commits together what waits together.
    Joined(Clerk),
}

impl Way {
    async fn book(&self, pool: &Pool, transaction: Transaction) -> Outcome {
        match self {
            Way::Separate => {
                let mut work = pool.begin().await?;
                book(&mut work, &[transaction]).await?;
                work.commit().await?;
            }
            Way::Joined(clerk) => clerk.book(transaction).await?,
        }
        Ok(())
    }
}

/// Books with the facts of entries that are not booked yet.
pub struct Bookings {
    pool: Pool,
    /// The next entry to book.
    next: Arc<AtomicU64>,
    booked: u64,
    _database: Database,
}

impl Bookings {
    /// Facts for so many rounds.
    pub async fn open(server: &Postgres, rounds: u64) -> Outcome<Bookings> {
        let database = server.migrated_database().await?;
        let entries = i64::try_from(rounds * OF_A_ROUND)?;
        store::entries(database.url(), entries).await?;
        let pool = connect(&database.url_as("banyan_app"), "measure", 16).await?;
        Ok(Bookings { pool, next: Arc::new(AtomicU64::new(1)), booked: 0, _database: database })
    }

    /// Measures both.
    pub async fn round(&mut self) -> Outcome {
        let begin = Instant::now();
        for _ in 0..BATCHES {
            let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
            let batch: Vec<_> = (first..first + BATCH).map(entry).collect::<Outcome<_>>()?;
            let mut work = self.pool.begin().await?;
            book(&mut work, &batch).await?;
            work.commit().await?;
        }
        self.booked += BATCHES * BATCH;
        tell("postings", 0.0, (BATCHES * BATCH) as f64 / begin.elapsed().as_secs_f64());
        let separate = self.callers(&Way::Separate).await?;
        tell("separate", 0.0, separate);
        let joined = self.callers(&Way::Joined(Clerk::start(self.pool.clone()))).await?;
        tell("joined", 0.0, joined);
        Ok(())
    }

    /// Each caller books one transaction after the other.
    async fn callers(&mut self, way: &Way) -> Outcome<f64> {
        let begin = Instant::now();
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..CALLERS {
            let (pool, way, next) = (self.pool.clone(), way.clone(), Arc::clone(&self.next));
            callers.spawn(async move {
                let mut count = 0u64;
                while begin.elapsed() < LASTS {
                    way.book(&pool, entry(next.fetch_add(1, Ordering::Relaxed))?).await?;
                    count += 1;
                }
                Outcome::Ok(count)
            });
        }
        let mut count = 0;
        while let Some(caller) = callers.join_next().await {
            count += caller??;
        }
        self.booked += count;
        Ok(count as f64 / begin.elapsed().as_secs_f64())
    }

    /// Every balance against its postings, and nothing booked twice or lost.
    pub async fn verify(&self) -> Outcome {
        let proof = trial_balance(&mut *self.pool.acquire().await?).await?;
        let rows = store::postings(&self.pool).await?;
        if !proof.imbalances.is_empty() || rows != self.booked {
            return Err(format!("expected {} postings that add up, got {rows}", self.booked).into());
        }
        Ok(())
    }
}

/// An entry that brings one BNB to somebody.
fn entry(seq: u64) -> Outcome<Transaction> {
    let to = seq.wrapping_mul(0x9e37_79b9_7f4a_7c15) % PEOPLE;
    let amount = Amount::from_units(10i128.pow(18)).ok_or("expected an amount")?;
    let postings = vec![Posting { debit: Account::FUNDS, credit: Account::payable(to), amount }];
    Ok(Transaction { cause: Cause::entry(seq), at: 1_767_225_600, block: seq, postings })
}
