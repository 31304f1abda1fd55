//! One owner of the executor's nonce: a lock that belongs to one connection.
//!
//! Whoever holds the lock writes through the very connection that holds it. If that connection breaks, the lock is gone
//! and so is the way to write: a process that was paused, or cut off, cannot write an attempt beside its successor's.

use banyan_ledger::store::{Connection, Pool, Work};
use sqlx::Connection as _;

use super::Result;

/// The advisory lock of the settlement process: "settle" in ASCII.
const LOCK: i64 = 0x73_65_74_74_6c_65;

/// The only settlement process of a database, for as long as the value lives.
#[derive(Debug)]
pub struct Leader {
    connection: Connection,
}

impl Leader {
    /// Takes the lock; `None` if another process has it.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn take(pool: &Pool) -> Result<Option<Leader>> {
        // Detached: a pooled connection would go back with the lock still on it.
        let mut connection = pool.acquire().await?.detach();
        let taken = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "taken!""#, LOCK)
            .fetch_one(&mut connection)
            .await?;
        if taken {
            return Ok(Some(Leader { connection }));
        }
        connection.close().await?;
        Ok(None)
    }

    /// The connection that holds the lock.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Begins a database transaction on it.
    ///
    /// # Errors
    /// When the connection, and with it the lock, is gone.
    pub async fn begin(&mut self) -> Result<Work<'_>> {
        Ok(self.connection.begin().await?)
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub async fn leave(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}
