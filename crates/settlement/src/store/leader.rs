//! One owner of the executor's nonce: the lead, which belongs to one connection.
//!
//! The lead is a row that names the server's session that took it, and it is free when the server has that session no more.
//! Whoever leads writes through the very connection that took the lead. If that connection breaks, the lead is gone and so
//! is the way to write: a process that was paused, or cut off, cannot write an attempt beside its successor's. It is a row
//! and not an advisory lock, which anybody could hold who may only read.

use banyan_ledger::store::{Connection, Pool, Work};
use sqlx::Connection as _;

use super::Result;

/// The only settlement process of a database, for as long as the value lives.
#[derive(Debug)]
pub struct Leader {
    connection: Connection,
}

impl Leader {
    /// Takes the lead; `None` if another process has it.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn take(pool: &Pool) -> Result<Option<Leader>> {
        // Detached: a pooled connection would outlive the value, and the lead with it.
        let mut connection = pool.acquire().await?.detach();
        if try_take(&mut connection).await? {
            return Ok(Some(Leader { connection }));
        }
        connection.close().await?;
        Ok(None)
    }

    /// The connection that has the lead.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Begins a database transaction on it.
    ///
    /// # Errors
    /// When the connection, and with it the lead, is gone.
    pub async fn begin(&mut self) -> Result<Work<'_>> {
        Ok(self.connection.begin().await?)
    }

    /// Gives the lead back.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub async fn leave(mut self) -> Result<()> {
        sqlx::query!(
            "UPDATE settlement_lead SET pid = NULL, backend_start = NULL WHERE pid = pg_backend_pid()"
        )
        .execute(&mut self.connection)
        .await?;
        Ok(self.connection.close().await?)
    }
}

/// Takes the lead for the connection's session, unless the session that has it is still there.
async fn try_take(connection: &mut Connection) -> Result<bool> {
    let mut work = connection.begin().await?;
    // Held before the sessions are looked at: whoever took the lead meanwhile is among them.
    sqlx::query!("SELECT FROM settlement_lead WHERE id = 1 FOR UPDATE").execute(&mut *work).await?;
    let taken = sqlx::query!(
        r#"UPDATE settlement_lead l SET pid = mine.pid, backend_start = mine.backend_start, taken_at = now()
           FROM pg_stat_activity mine
           WHERE l.id = 1 AND mine.pid = pg_backend_pid() AND NOT EXISTS (
               SELECT FROM pg_stat_activity theirs
               WHERE theirs.pid = l.pid AND theirs.backend_start = l.backend_start)"#
    )
    .execute(&mut *work)
    .await?;
    work.commit().await?;
    Ok(taken.rows_affected() == 1)
}
