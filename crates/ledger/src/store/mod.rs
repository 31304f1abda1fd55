//! The books in PostgreSQL: connecting, migrating, booking, reading. Everything here takes a [`Connection`]; what writes
//! takes a [`Work`], a database transaction that the caller commits.

mod as_of;
mod balances;
mod books;
mod clerk;
mod columns;
mod connect;
mod convert;
mod copy;
mod entitlements;
mod filling;
mod lines;
mod moments;
mod proof;
mod room;
mod seals;
mod statements;
mod verify;

pub use as_of::{balance_at, balances_at, differences_at, totals_at, user_balances_at};
pub use balances::{balances, totals, trial_balance};
pub use books::{Booked, book, lock_books};
pub use clerk::Clerk;
pub use connect::{connect, migrate};
pub use entitlements::entitlements_at;
pub use filling::{Column, Table};
pub use moments::moment;
pub use proof::proof;
pub use room::{LockRoom, lock_room};
pub use seals::{Sealed, Sealing, seal, try_seal};
pub use statements::{movements, statement};
pub use verify::{FUNCTIONS, GUARDS, verify};

use crate::LedgerError;

/// Connections to one database, shared by a process.
pub type Pool = sqlx::PgPool;
/// One connection.
pub type Connection = sqlx::PgConnection;
/// A database transaction under way; dropped without a commit, it leaves nothing.
pub type Work<'a> = sqlx::Transaction<'a, sqlx::Postgres>;

/// One view of the books for as long as it lives, whoever writes meanwhile; it cannot write.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn snapshot(pool: &Pool) -> Result<Work<'static>, LedgerError> {
    let mut work = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // It keeps nobody waiting, so that it may be idle while its reader asks somebody else, such as a node.
    sqlx::raw_sql("SET LOCAL idle_in_transaction_session_timeout = '1h'").execute(&mut *work).await?;
    Ok(work)
}

/// A connection of the pool.
///
/// # Errors
/// When PostgreSQL does not answer.
pub async fn acquire(pool: &Pool) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, LedgerError> {
    Ok(pool.acquire().await?)
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> LedgerError {
        let code = error.as_database_error().and_then(|refusal| refusal.code());
        match code.as_deref() {
            Some("55P03") => LedgerError::Held { reason: error.to_string() },
            // A serialization failure, a deadlock.
            Some("40001" | "40P01") => LedgerError::Undone { reason: error.to_string() },
            Some(_) | None => LedgerError::Database(Box::new(error)),
        }
    }
}

impl LedgerError {
    /// Whether the same may succeed later: the connection broke or the server was busy. What PostgreSQL refuses because
    /// of the data, of a schema or rights that are not ours, or of damage that it found (SQLSTATE classes 22, 23, 42 and
    /// XX001, XX002), it refuses again.
    pub fn is_passing(&self) -> bool {
        match self {
            LedgerError::Unreachable { .. }
            | LedgerError::Held { .. }
            | LedgerError::Undone { .. }
            | LedgerError::Unserved { .. } => true,
            LedgerError::Database(error) => !is_lasting(error.as_ref()),
            LedgerError::Url(_)
            | LedgerError::NoDatabase { .. }
            | LedgerError::Role { .. }
            | LedgerError::TooOld { .. }
            | LedgerError::NotMigrated { .. }
            | LedgerError::TooFewLocks { .. }
            | LedgerError::Newer { .. }
            | LedgerError::Migration(_)
            | LedgerError::Unbookable { .. }
            | LedgerError::Conflict { .. }
            | LedgerError::NothingBooked
            | LedgerError::NotYet { .. }
            | LedgerError::BeforeStart { .. }
            | LedgerError::Corrupt { .. } => false,
        }
    }

    /// Whether the same transaction may be written again at once: PostgreSQL took all of it back, the commit included, and
    /// the other session that it stood against goes on.
    pub fn is_undone(&self) -> bool {
        matches!(self, LedgerError::Undone { .. })
    }
}

fn is_lasting(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let refusal = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    let code = refusal.and_then(|refusal| refusal.code());
    code.is_some_and(|code| {
        ["22", "23", "42"].iter().any(|class| code.starts_with(class)) || code == "XX001" || code == "XX002"
    })
}
