//! The cursor: one row, moved by compare-and-swap, and the epoch that says who may move it.

use banyan_ledger::LedgerError;
use banyan_ledger::store::{Pool, Work};
use banyan_types::history::{BlockRange, Cursor, Fact, Outflow};
use banyan_types::{Address, B256};

use super::wallet;
use crate::{Deployment, ProgrammeError};

/// Takes a new epoch, so that nobody who has an earlier one can write; makes the row if there is none.
pub(crate) async fn take_over(pool: &Pool, deployment: &Deployment) -> Result<i64, ProgrammeError> {
    let chain_id = number("chain id", deployment.chain_id)?;
    let start = number("block", deployment.start_block.saturating_sub(1))?;
    sqlx::query!(
        r#"INSERT INTO blockchain_sync
               (id, chain_id, contract, last_block, last_block_hash, epoch, seq, head, out, updated_at)
           VALUES (1, $1, $2, $3, $4, 0, -1, $4, 0, 'epoch')
           ON CONFLICT (id) DO NOTHING"#,
        chain_id,
        wallet(deployment.contract),
        start,
        B256::ZERO.as_slice()
    )
    .execute(pool)
    .await?;
    let stored =
        sqlx::query!("SELECT chain_id, contract FROM blockchain_sync WHERE id = 1").fetch_one(pool).await?;
    if stored.chain_id != chain_id {
        let found = stored.chain_id.unsigned_abs();
        return Err(ProgrammeError::WrongChain { expected: deployment.chain_id, found });
    }
    let found: Address = stored.contract.parse().map_err(|_| LedgerError::Corrupt {
        expected: "the contract's address",
        found: stored.contract.clone(),
    })?;
    if found != deployment.contract {
        return Err(ProgrammeError::WrongContract { expected: deployment.contract, found });
    }
    let taken =
        sqlx::query_scalar!("UPDATE blockchain_sync SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch");
    Ok(taken.fetch_one(pool).await?)
}

pub(crate) async fn begin(pool: &Pool) -> Result<Work<'static>, ProgrammeError> {
    Ok(pool.begin().await?)
}

pub(crate) async fn commit(work: Work<'_>) -> Result<(), ProgrammeError> {
    Ok(work.commit().await?)
}

/// Moves the cursor over the range, if it still stands where this process left it.
pub(crate) async fn move_cursor(
    work: &mut Work<'_>,
    cursor: &Cursor,
    epoch: i64,
    range: &BlockRange,
) -> Result<(), ProgrammeError> {
    let end = end_of(cursor, range);
    let moved = sqlx::query!(
        r#"UPDATE blockchain_sync
           SET last_block = $3, last_block_hash = $4, seq = $5, head = $6, out = $7, halted = NULL,
               updated_at = to_timestamp($8::bigint)
           WHERE id = 1 AND last_block = $1 AND epoch = $2"#,
        number("block", cursor.block)?,
        epoch,
        number("block", range.to)?,
        range.to_hash.as_slice(),
        end.seq.map_or(Ok(-1), |seq| number("seq", seq))?,
        end.head.as_slice(),
        number("out", end.out)?,
        number("time", range.to_time)?
    )
    .execute(&mut **work)
    .await?;
    if moved.rows_affected() == 1 {
        return Ok(());
    }
    Err(ProgrammeError::LostRace { block: cursor.block, epoch: epoch.unsigned_abs() })
}

pub(crate) async fn halt(
    pool: &Pool,
    epoch: i64,
    cursor: &Cursor,
    reason: &str,
) -> Result<(), ProgrammeError> {
    let written =
        sqlx::query!("UPDATE blockchain_sync SET halted = $2 WHERE id = 1 AND epoch = $1", epoch, reason)
            .execute(pool)
            .await?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    Err(ProgrammeError::LostRace { block: cursor.block, epoch: epoch.unsigned_abs() })
}

/// Where history and outflows stand after a range.
struct End {
    seq: Option<u64>,
    head: B256,
    out: u64,
}

/// As the range's events state it; deciding compares each statement with what follows from the events.
fn end_of(cursor: &Cursor, range: &BlockRange) -> End {
    let mut end = End { seq: cursor.seq, head: cursor.head, out: cursor.out };
    for event in &range.events {
        match &event.fact {
            Fact::Entry { entry, head } => (end.seq, end.head) = (Some(entry.seq), *head),
            Fact::Outflow(
                Outflow::Paid { out, .. }
                | Outflow::Owed { out, .. }
                | Outflow::Batch { out, .. }
                | Outflow::OwedWithdrawn { out, .. },
            ) => end.out = *out,
            Fact::Frozen { .. } | Fact::RootPublished { .. } | Fact::RootVoided | Fact::Other { .. } => {}
        }
    }
    end
}

fn number(what: &'static str, number: u64) -> Result<i64, ProgrammeError> {
    i64::try_from(number).map_err(|_| ProgrammeError::Beyond { what, number })
}
