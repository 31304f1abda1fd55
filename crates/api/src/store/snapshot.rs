//! One consistent view of the books, and the block it is true for.

use banyan_types::B256;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;

use crate::problem::{Answer, Kind, Problem};
use crate::views::Finality;

/// How far the books are: the listener's cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last finalized block that was booked.
    pub block: u64,
    /// Its hash.
    pub block_hash: B256,
    /// The last entry of the history.
    pub seq: u64,
    /// The head after it.
    pub head: B256,
    /// Time of the block.
    pub at: OffsetDateTime,
}

/// A read-only transaction that sees one state, and the cursor of that state.
pub struct Snapshot {
    tx: Transaction<'static, Postgres>,
    /// The block that everything read through this is true for.
    pub cursor: Cursor,
}

impl Snapshot {
    /// Opens a view of the books as they are now.
    pub async fn open(pool: &PgPool) -> Answer<Snapshot> {
        let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let cursor = cursor(&mut tx).await?;
        Ok(Snapshot { tx, cursor })
    }

    /// Ends the view and says what it was true for. Whoever goes on to the signer, the chain or another connection closes
    /// first: a request that waits for one connection while it holds another can stop all of them.
    pub fn close(self) -> Finality {
        Finality::from(&self.cursor)
    }

    /// The connection to read through.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

async fn cursor(connection: &mut PgConnection) -> Answer<Cursor> {
    let row = sqlx::query!("SELECT last_block, last_block_hash, seq, head, updated_at FROM blockchain_sync")
        .fetch_optional(connection)
        .await?;
    let open = row.filter(|row| row.seq >= 0).ok_or_else(|| {
        Problem::new(
            Kind::BooksNotReady,
            "the contract's first entry has not been booked yet: start `banyan listen` and try again in a moment",
        )
        .retry_after(1)
    })?;
    Ok(Cursor {
        block: unsigned(open.last_block)?,
        block_hash: hash(&open.last_block_hash)?,
        seq: unsigned(open.seq)?,
        head: hash(&open.head)?,
        at: open.updated_at,
    })
}

/// A count or number that the database keeps from being negative.
pub fn unsigned(number: i64) -> Answer<u64> {
    u64::try_from(number)
        .map_err(|_| Problem::internal(format!("expected a number of at least 0 in a row, got {number}")))
}

/// A hash column.
pub fn hash(bytes: &[u8]) -> Answer<B256> {
    B256::try_from(bytes)
        .map_err(|_| Problem::internal(format!("expected 32 bytes in a row, got {}", bytes.len())))
}

/// Whether the database answers.
pub async fn reachable(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!("SELECT 1 AS one").fetch_one(pool).await.map(|_| ())
}
