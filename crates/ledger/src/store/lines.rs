//! The lines of one page of a statement. Which blocks the page lies in is asked first; only those blocks' movements are put
//! in order, and their balances go on from what each account had before them. What came before is counted and added up,
//! and never sorted as a whole.

use std::collections::HashMap;

use banyan_types::Amount;

use super::Connection;
use super::convert::{account, cause, to_i64, to_u64, too_large};
use crate::{Account, Extract, LedgerError, Line, Moment};

/// Lines after those that the extract leaves out: as many as it wants and one more, if there are so many.
pub(super) async fn lines(connection: &mut Connection, extract: &Extract) -> Result<Vec<Line>, LedgerError> {
    let mut left_out = extract.after;
    if let Some(from) = extract.from {
        let first = from.block.saturating_add(1);
        left_out = left_out.max(before(connection, extract.user, first, from.time).await?.lines);
    }
    let wanted = u64::try_from(extract.limit).unwrap_or(u64::MAX).saturating_add(1);
    let Some(blocks) = blocks(connection, extract, left_out, wanted).await? else { return Ok(Vec::new()) };
    let before = before(connection, extract.user, blocks.first, blocks.first_time).await?;
    let mut lines = ordered(connection, extract, blocks, &before).await?;
    lines.retain(|line| line.number > left_out && line.number - left_out <= wanted);
    Ok(lines)
}

/// The blocks of a page.
#[derive(Clone, Copy)]
struct Blocks {
    first: u64,
    first_time: u64,
    last: Moment,
}

/// Where so many lines after the first `left_out` lie; `None` if there are no more.
async fn blocks(
    connection: &mut Connection,
    extract: &Extract,
    left_out: u64,
    wanted: u64,
) -> Result<Option<Blocks>, LedgerError> {
    let at_most = |number: u64| to_i64(number.min(i64::MAX.unsigned_abs()));
    let row = sqlx::query!(
        r#"SELECT min(block_number) AS first, max(block_number) AS last,
                  extract(epoch FROM min(at))::bigint AS first_at, extract(epoch FROM max(at))::bigint AS last_at
           FROM (
               SELECT block_number, at FROM (
                   SELECT m.block_number, m.at FROM journal_movements m
                   WHERE m.kind IN ('payable', 'in_batch', 'owed') AND m.owner = $1
                         AND m.at <= to_timestamp($3::bigint) AND m.block_number <= $2
                   UNION ALL
                   SELECT m.block_number, m.at
                   FROM seats s JOIN journal_movements m ON m.kind = 'reserved' AND m.owner = s.id
                   WHERE s.user_id = $1 AND m.at <= to_timestamp($3::bigint) AND m.block_number <= $2
               ) AS moved
               ORDER BY block_number OFFSET $4 LIMIT $5
           ) AS page"#,
        to_i64(extract.user)?,
        to_i64(extract.to.block)?,
        to_i64(extract.to.time)?,
        at_most(left_out)?,
        at_most(wanted)?
    )
    .fetch_one(connection)
    .await?;
    let (Some(first), Some(last), Some(first_at), Some(last_at)) =
        (row.first, row.last, row.first_at, row.last_at)
    else {
        return Ok(None);
    };
    let last = Moment { block: to_u64(last)?, time: to_u64(last_at)? };
    Ok(Some(Blocks { first: to_u64(first)?, first_time: to_u64(first_at)?, last }))
}

/// What was before a page.
struct Before {
    lines: u64,
    balances: HashMap<Account, Amount>,
}

/// What was before `block`, which is of `time` or of one after it.
async fn before(
    connection: &mut Connection,
    user: u64,
    block: u64,
    time: u64,
) -> Result<Before, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT kind::text AS "kind!", owner AS "owner!", count(*) AS "lines!",
                  sum(change)::numeric(38, 18) AS "balance!: Amount"
           FROM (
               SELECT m.kind, m.owner, m.change FROM journal_movements m
               WHERE m.kind IN ('payable', 'in_batch', 'owed') AND m.owner = $1
                     AND m.at <= to_timestamp($3::bigint) AND m.block_number < $2
               UNION ALL
               SELECT m.kind, m.owner, m.change
               FROM seats s JOIN journal_movements m ON m.kind = 'reserved' AND m.owner = s.id
               WHERE s.user_id = $1 AND m.at <= to_timestamp($3::bigint) AND m.block_number < $2
           ) AS moved
           GROUP BY kind, owner"#,
        to_i64(user)?,
        to_i64(block)?,
        to_i64(time)?
    )
    .fetch_all(connection)
    .await?;
    let mut before = Before { lines: 0, balances: HashMap::new() };
    for row in rows {
        before.lines += to_u64(row.lines)?;
        before.balances.insert(account(&row.kind, row.owner)?, row.balance);
    }
    Ok(before)
}

/// All lines of these blocks.
async fn ordered(
    connection: &mut Connection,
    extract: &Extract,
    blocks: Blocks,
    before: &Before,
) -> Result<Vec<Line>, LedgerError> {
    let rows = sqlx::query!(
        r#"WITH moved AS (
               SELECT m.* FROM journal_movements m
               WHERE m.kind IN ('payable', 'in_batch', 'owed') AND m.owner = $1 AND m.block_number BETWEEN $2 AND $3
                     AND m.at BETWEEN to_timestamp($4::bigint) AND to_timestamp($5::bigint)
               UNION ALL
               SELECT m.* FROM seats s JOIN journal_movements m ON m.kind = 'reserved' AND m.owner = s.id
               WHERE s.user_id = $1 AND m.block_number BETWEEN $2 AND $3
                     AND m.at BETWEEN to_timestamp($4::bigint) AND to_timestamp($5::bigint)
           ), placed AS (
               SELECT moved.*, CASE cause WHEN 'entry' THEN 0 WHEN 'outflow' THEN 1 ELSE 2 END AS rank FROM moved
           )
           SELECT row_number() OVER (ORDER BY block_number, rank, ref, cause, ordinal, kind, owner) AS "nth!",
                  cause::text AS "cause!", ref AS "ref!", ordinal AS "ordinal!",
                  extract(epoch FROM at)::bigint AS "at!", block_number AS "block!",
                  kind::text AS "kind!", owner AS "owner!", other_kind::text AS "other_kind!",
                  other_owner AS "other_owner!", change AS "change!: Amount",
                  (sum(change) OVER (
                      PARTITION BY kind, owner ORDER BY block_number, rank, ref, cause, ordinal
                  ))::numeric(38, 18) AS "since!: Amount"
           FROM placed
           ORDER BY 1"#,
        to_i64(extract.user)?,
        to_i64(blocks.first)?,
        to_i64(blocks.last.block)?,
        to_i64(blocks.first_time)?,
        to_i64(blocks.last.time)?
    )
    .fetch_all(connection)
    .await?;
    let lines = rows.into_iter().map(|row| {
        let account = account(&row.kind, row.owner)?;
        let had = before.balances.get(&account).copied().unwrap_or_default();
        Ok(Line {
            number: before.lines + to_u64(row.nth)?,
            cause: cause(&row.cause, row.r#ref)?,
            ordinal: u32::try_from(row.ordinal).map_err(|_| LedgerError::Corrupt {
                expected: "ordinals from 0 on",
                found: row.ordinal.to_string(),
            })?,
            at: to_u64(row.at)?,
            block: to_u64(row.block)?,
            account,
            other: super::convert::account(&row.other_kind, row.other_owner)?,
            change: row.change,
            balance: had.checked_add(row.since).ok_or_else(too_large)?,
        })
    });
    lines.collect()
}
