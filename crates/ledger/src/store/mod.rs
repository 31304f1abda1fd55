//! The books in PostgreSQL: connecting, migrating, booking, reading. Everything here takes a [`Connection`]; what writes
//! takes a [`Work`], a database transaction that the caller commits.

mod balances;
mod books;
mod connect;
mod convert;
mod entitlements;
mod statements;

pub use balances::{balances, totals, totals_as_of, trial_balance, user_balances_as_of};
pub use books::{Booked, book, lock_books};
pub use connect::{connect, migrate};
pub use entitlements::entitlements_at;
pub use statements::statement;

use crate::LedgerError;

/// Connections to one database, shared by a process.
pub type Pool = sqlx::PgPool;
/// One connection.
pub type Connection = sqlx::PgConnection;
/// A database transaction under way; dropped without a commit, it leaves nothing.
pub type Work<'a> = sqlx::Transaction<'a, sqlx::Postgres>;

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> LedgerError {
        LedgerError::Database(Box::new(error))
    }
}
