//! Seals: the committed journal gets gapless numbers and a chain of hashes, and the outbox its positions.

use super::convert::to_u64;
use super::{Connection, Pool};
use crate::LedgerError;

/// Most transactions of the journal, and rows of the outbox, that one run takes.
const RUN: u16 = 2_000;

/// Where the chain of seals stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The last seal's number; 0 before the first.
    pub number: u64,
    /// Its hash; zeros before the first.
    pub hash: [u8; 32],
    /// The last position in the outbox.
    pub position: u64,
    /// Transactions that were sealed now.
    pub sealed: u64,
    /// Rows of the outbox that got their position now.
    pub positioned: u64,
}

/// Seals all that is committed: call it after each commit that booked or told something. Any number of processes may
/// call it at once, and one that dies in the middle leaves nothing half: the next call goes on.
///
/// # Errors
/// When PostgreSQL fails, or the journal lacks what waits for its seal.
pub async fn seal(pool: &Pool) -> Result<Sealed, LedgerError> {
    let mut connection = pool.acquire().await?;
    let (mut sealed, mut positioned) = (0, 0);
    loop {
        let run = run(&mut connection).await?;
        sealed += run.sealed;
        positioned += run.positioned;
        if run.sealed < u64::from(RUN) && run.positioned < u64::from(RUN) {
            return Ok(Sealed { sealed, positioned, ..run });
        }
    }
}

/// Seals all that is committed, as far as that can be done now. For those whose own work is committed and stands whatever
/// comes of its seal: what goes wrong is logged, and met again by the next who seals. Nothing is signed before that.
pub async fn try_seal(pool: &Pool) {
    if let Err(error) = seal(pool).await {
        tracing::error!(%error, "what was booked could not be sealed");
    }
}

/// A sealing under way in a task of its own, which goes on whether or not anybody waits for it.
#[derive(Debug)]
pub struct Sealing(tokio::task::JoinHandle<Result<Sealed, LedgerError>>);

impl Sealing {
    /// Seals all that is committed by now, beside what the caller does meanwhile.
    pub fn start(pool: Pool) -> Sealing {
        Sealing(tokio::spawn(async move { seal(&pool).await }))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// As [`seal`].
    pub async fn end(self) -> Result<Sealed, LedgerError> {
        self.0.await.map_err(|_| LedgerError::from(sqlx::Error::WorkerCrashed))?
    }
}

/// One run of the sealer.
async fn run(connection: &mut Connection) -> Result<Sealed, LedgerError> {
    let row = sqlx::query!(
        r#"SELECT number AS "number!", hash AS "hash!", position AS "position!", sealed AS "sealed!",
                  positioned AS "positioned!"
           FROM seal_journal($1)"#,
        i32::from(RUN)
    )
    .fetch_one(connection)
    .await?;
    let hash = row.hash.try_into().map_err(|bytes: Vec<u8>| LedgerError::Corrupt {
        expected: "seals of 32 bytes",
        found: format!("{} bytes", bytes.len()),
    })?;
    Ok(Sealed {
        number: to_u64(row.number)?,
        hash,
        position: to_u64(row.position)?,
        sealed: u64::from(row.sealed.unsigned_abs()),
        positioned: u64::from(row.positioned.unsigned_abs()),
    })
}
