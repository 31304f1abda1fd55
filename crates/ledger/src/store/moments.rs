//! Which block somebody means who asks about the past.

use super::Connection;
use super::convert::{to_i64, to_u64};
use crate::{Asked, LedgerError, Moment};

/// How far the books reach: the block of the contract's first entry, and the last one that they have read.
struct Reach {
    first: Moment,
    last: Moment,
}

/// The moment that was asked about.
///
/// # Errors
/// [`LedgerError::NotYet`] and [`LedgerError::BeforeStart`] for what the books do not reach, with where they begin and end;
/// [`LedgerError::NothingBooked`] before the contract's first entry.
pub async fn moment(connection: &mut Connection, asked: Asked) -> Result<Moment, LedgerError> {
    let Reach { first, last } = reach(connection).await?;
    let early = |asked: String| LedgerError::BeforeStart { asked, block: first.block, time: first.time };
    let late = |asked: String| LedgerError::NotYet { asked, block: last.block, time: last.time };
    match asked {
        Asked::Now => Ok(last),
        Asked::Block(block) if block < first.block => Err(early(format!("block {block}"))),
        Asked::Block(block) if block > last.block => Err(late(format!("block {block}"))),
        Asked::Block(block) if block == last.block => Ok(last),
        Asked::Block(block) => at_block(connection, block).await,
        Asked::Time(time) if time < first.time => Err(early(format!("time {time}"))),
        Asked::Time(time) if time > last.time => Err(late(format!("time {time}"))),
        Asked::Time(time) if time == last.time => Ok(last),
        Asked::Time(time) => at_time(connection, time).await,
    }
}

async fn reach(connection: &mut Connection) -> Result<Reach, LedgerError> {
    let row = sqlx::query!(
        r#"SELECT h.block_number AS first_block, extract(epoch FROM h.at)::bigint AS "first_time!",
                  c.last_block, extract(epoch FROM c.updated_at)::bigint AS "last_time!"
           FROM blockchain_sync c JOIN history h ON h.seq = 0
           WHERE c.id = 1"#
    )
    .fetch_optional(connection)
    .await?
    .ok_or(LedgerError::NothingBooked)?;
    Ok(Reach {
        first: Moment { block: to_u64(row.first_block)?, time: to_u64(row.first_time)? },
        last: Moment { block: to_u64(row.last_block)?, time: to_u64(row.last_time)? },
    })
}

/// The block with the time of the last one up to it that had an event or saw an operator's action.
async fn at_block(connection: &mut Connection, block: u64) -> Result<Moment, LedgerError> {
    let time = sqlx::query_scalar!(
        r#"SELECT extract(epoch FROM greatest(
               (SELECT block_time FROM chain_events WHERE block_number <= $1 ORDER BY block_number DESC LIMIT 1),
               (SELECT max(at) FROM journal_transactions
                WHERE cause IN ('batch_built', 'batch_closed', 'excess') AND block_number <= $1)
           ))::bigint AS "time!""#,
        to_i64(block)?
    )
    .fetch_one(connection)
    .await?;
    Ok(Moment { block, time: to_u64(time)? })
}

/// The last block at or before the time that had an event or saw an operator's action: what came between it and the time
/// changed nothing. Block times never fall, so the events are searched by halves over their key.
async fn at_time(connection: &mut Connection, time: u64) -> Result<Moment, LedgerError> {
    let row = sqlx::query!(
        r#"WITH RECURSIVE search (low, low_time, high) AS (
               SELECT h.block_number, h.at, c.last_block + 1
               FROM history h, blockchain_sync c WHERE h.seq = 0 AND c.id = 1
               UNION ALL
               SELECT CASE WHEN probe.early THEN probe.block_number ELSE s.low END,
                      CASE WHEN probe.early THEN probe.block_time ELSE s.low_time END,
                      CASE WHEN probe.early THEN s.high ELSE (s.low + s.high) / 2 END
               FROM search s
               LEFT JOIN LATERAL (
                   SELECT e.block_number, e.block_time, e.block_time <= to_timestamp($1::bigint) AS early
                   FROM chain_events e WHERE e.block_number >= (s.low + s.high) / 2
                   ORDER BY e.block_number, e.log_index LIMIT 1
               ) AS probe ON true
               WHERE s.high - s.low > 1
           ), known AS (
               (SELECT low AS block, low_time AS at FROM search ORDER BY low DESC LIMIT 1)
               UNION ALL
               (SELECT block_number, at FROM journal_transactions
                WHERE cause IN ('batch_built', 'batch_closed', 'excess') AND at <= to_timestamp($1::bigint)
                ORDER BY block_number DESC LIMIT 1)
           )
           SELECT block AS "block!", extract(epoch FROM at)::bigint AS "time!"
           FROM known ORDER BY block DESC LIMIT 1"#,
        to_i64(time)?
    )
    .fetch_one(connection)
    .await?;
    Ok(Moment { block: to_u64(row.block)?, time: to_u64(row.time)? })
}
