//! Balance reads beside registrations: how long the slowest hundredth takes, without writes and with them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use banyan_ledger::store::{Pool, balances};
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval};

use crate::books::Books;
use crate::{Outcome, tell};

/// Reads a second.
const READS: u32 = 1_000;
/// Reads under way at once. The others wait here, however slow the machine is; the pool would give up after a while.
const AT_ONCE: usize = 12;
/// How long each part lasts.
const LASTS: Duration = Duration::from_secs(6);
/// A block's time on the chain, and the registrations of one at 300 a second.
const BLOCK: Duration = Duration::from_millis(450);
const OF_A_BLOCK: u64 = 135;

/// Reads alone, and then the same while people register.
pub async fn round(books: &mut Books) -> Outcome {
    let quiet = read(books.pool.clone(), books.people()).await?;
    let (pool, people) = (books.pool.clone(), books.people());
    let (busy, ()) = tokio::try_join!(flat(tokio::spawn(read(pool, people))), register(books))?;
    tell("read_p50_quiet", 0.0, at(&quiet, 50));
    tell("read_p50_busy", 0.0, at(&busy, 50));
    tell("read_p99_quiet", 0.0, at(&quiet, 99));
    tell("read_p99_busy", 0.0, at(&busy, 99));
    Ok(())
}

async fn flat<T>(task: tokio::task::JoinHandle<Outcome<T>>) -> Outcome<T> {
    task.await?
}

async fn register(books: &mut Books) -> Outcome {
    let mut blocks = interval(BLOCK);
    let begin = Instant::now();
    while begin.elapsed() < LASTS {
        blocks.tick().await;
        books.window(OF_A_BLOCK, OF_A_BLOCK).await?;
    }
    Ok(())
}

/// Each read begins when it is due, whatever became of those before. Microseconds, sorted.
async fn read(pool: Pool, people: u64) -> Outcome<Vec<u64>> {
    let mut due = interval(Duration::from_secs(1) / READS);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut reads = tokio::task::JoinSet::new();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let count = u64::from(READS) * LASTS.as_secs();
    for n in 0..count {
        due.tick().await;
        let (pool, places) = (pool.clone(), Arc::clone(&places));
        reads.spawn(async move {
            let begin = Instant::now();
            let _place = places.acquire().await?;
            let whose = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % people;
            balances(&mut *pool.acquire().await?, whose).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(begin.elapsed().as_micros() as u64)
        });
    }
    let mut took = Vec::new();
    while let Some(read) = reads.join_next().await {
        took.push(read??);
    }
    took.sort_unstable();
    Ok(took)
}

/// The time within which so many in a hundred are done.
fn at(sorted: &[u64], percent: usize) -> f64 {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default() as f64
}
