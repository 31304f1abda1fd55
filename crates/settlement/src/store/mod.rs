//! All SQL of settlement. Functions that move a batch say from which state, and return whether they found it there, so
//! that two processes can never both make the same step.

mod build;
mod candidates;
mod close;
mod convert;
mod figures;
mod holds;
mod leader;
mod moves;
mod read;
mod watch;

pub use build::{NewBatch, insert_batch};
pub use candidates::{Point, candidates, point, root_at, stand_still, standing_root};
pub use close::{Ending, close};
pub use figures::{Figures, figures};
pub use holds::hold;
pub use leader::Leader;
pub use moves::{
    NewAttempt, Signed, finalize, include, queue, record_answer, record_verdicts, return_to_broadcast, sign,
    write_attempt,
};
pub use read::{detail, id_of, list};
pub use watch::{
    OpenBatch, executed, has_unsent, open_batch, open_numbers, outbid, raw_attempt, stopped, under_way,
};

use banyan_ledger::LedgerError;
use banyan_ledger::store::{Pool, Work};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;

/// What the store's functions return.
pub type Result<T> = std::result::Result<T, LedgerError>;

/// A connection of the pool.
///
/// # Errors
/// When PostgreSQL does not answer.
pub async fn acquire(pool: &Pool) -> Result<PoolConnection<Postgres>> {
    Ok(pool.acquire().await?)
}

/// Begins a database transaction; dropped without [`commit`], it leaves nothing.
///
/// # Errors
/// When PostgreSQL does not answer.
pub async fn begin(pool: &Pool) -> Result<Work<'static>> {
    Ok(pool.begin().await?)
}

/// Makes a database transaction's work last.
///
/// # Errors
/// When PostgreSQL refuses, or its answer did not arrive.
pub async fn commit(work: Work<'_>) -> Result<()> {
    Ok(work.commit().await?)
}
