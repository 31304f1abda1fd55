//! The list of replays: who asked for what, how far it is, what it found.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Pool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::replay::{Blocks, Replay, RowDifference};

/// The last block in the books; `None` before the genesis was booked.
pub(crate) async fn books_stand_at(pool: &Pool) -> Result<Option<u64>, LedgerError> {
    let block = sqlx::query_scalar!("SELECT last_block FROM blockchain_sync WHERE id = 1 AND seq >= 0")
        .fetch_optional(pool)
        .await?;
    Ok(block.map(i64::unsigned_abs))
}

/// Notes a run. Whoever calls holds the right to replay, so a run that still seems to be under way died with its process.
pub(crate) async fn begin(
    pool: &Pool,
    id: Uuid,
    blocks: Blocks,
    requested_by: &str,
    started_at: OffsetDateTime,
) -> Result<(), LedgerError> {
    let mut work = pool.begin().await?;
    sqlx::query!(
        "UPDATE replays SET state = 'failed', finished_at = $1, reason = 'the process ended before the replay did'
         WHERE state = 'running'",
        started_at
    )
    .execute(&mut *work)
    .await?;
    sqlx::query!(
        "INSERT INTO replays (id, from_block, to_block, requested_by, state, started_at)
         VALUES ($1, $2, $3, $4, 'running', $5)",
        id,
        number(blocks.from),
        number(blocks.to),
        requested_by,
        started_at
    )
    .execute(&mut *work)
    .await?;
    Ok(work.commit().await?)
}

/// Notes how far a run is.
pub(crate) async fn progress(pool: &Pool, id: Uuid, events: u64, read_to: u64) -> Result<(), LedgerError> {
    let (events, read_to) = (number(events), number(read_to));
    sqlx::query!("UPDATE replays SET events = $2, read_to = $3 WHERE id = $1", id, events, read_to)
        .execute(pool)
        .await?;
    Ok(())
}

/// Stores what a run found.
pub(crate) async fn finish(pool: &Pool, replay: &Replay) -> Result<(), LedgerError> {
    let mut work = pool.begin().await?;
    let tables = serde_json::to_value(&replay.tables).map_err(|error| LedgerError::Corrupt {
        expected: "counts that are JSON",
        found: error.to_string(),
    })?;
    sqlx::query!(
        "UPDATE replays SET state = 'done', finished_at = $2, events = $3, read_to = $4, block_number = $5, seq = $6,
                            differences = $7, tables = $8, node_silent = $9
         WHERE id = $1",
        replay.id,
        replay.finished_at,
        number(replay.events),
        number(replay.read_to),
        number(replay.block),
        replay.seq,
        replay.differing,
        tables,
        replay.node_silent
    )
    .execute(&mut *work)
    .await?;
    let kept = &replay.differences;
    let texts =
        |pick: fn(&RowDifference) -> &str| kept.iter().map(pick).map(str::to_owned).collect::<Vec<_>>();
    let ordinals: Vec<i32> = (0..).take(kept.len()).collect();
    let columns: Vec<Option<String>> = kept.iter().map(|it| it.column.clone()).collect();
    sqlx::query!(
        "INSERT INTO replay_differences (replay_id, ordinal, table_name, row_key, column_name, expected, found)
         SELECT $1, ordinal, table_name, row_key, column_name, expected, found
         FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             AS given (ordinal, table_name, row_key, column_name, expected, found)",
        replay.id,
        &ordinals,
        &texts(|it| &it.table),
        &texts(|it| &it.key),
        &columns as _,
        &texts(|it| &it.expected),
        &texts(|it| &it.found)
    )
    .execute(&mut *work)
    .await?;
    Ok(work.commit().await?)
}

/// Notes why a run failed.
pub(crate) async fn fail(pool: &Pool, id: Uuid, reason: &str) -> Result<(), LedgerError> {
    sqlx::query!(
        "UPDATE replays SET state = 'failed', finished_at = now(), reason = $2 WHERE id = $1",
        id,
        reason
    )
    .execute(pool)
    .await?;
    Ok(())
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
