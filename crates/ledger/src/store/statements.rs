//! A user's statement: from the postings alone, and the same movements told by the projections.

use banyan_types::Amount;

use super::Connection;
use super::as_of::user_balances_at;
use super::convert::{account, cause, to_i64, to_u64};
use super::lines::lines;
use crate::{Extract, LedgerError, Moment, Movement, Source, Statement, UserBalances};

/// The movements of what is a user's, their seats' reserves included, oldest first, with each account's running balance,
/// and what they had before and after. Within a block entries come before outflows, and those before batches.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn statement(connection: &mut Connection, extract: &Extract) -> Result<Statement, LedgerError> {
    let opening = match extract.from {
        Some(moment) => user_balances_at(connection, Source::Journal, extract.user, moment).await?,
        None => UserBalances::default(),
    };
    // One line more than wanted, if there is one.
    let mut lines = lines(connection, extract).await?;
    let more = lines.len() > extract.limit;
    lines.truncate(extract.limit);
    let closing = user_balances_at(connection, Source::Journal, extract.user, extract.to).await?;
    Ok(Statement { opening, lines, more, closing })
}

/// What each cause did to each of a user's accounts up to a moment, in the order of [`statement`].
///
/// # Errors
/// When PostgreSQL fails.
pub async fn movements(
    connection: &mut Connection,
    source: Source,
    user: u64,
    moment: Moment,
) -> Result<Vec<Movement>, LedgerError> {
    let rows = sqlx::query!(
        r#"WITH moved AS (
               SELECT m.cause, m.ref, m.block_number, m.kind, m.owner, m.change FROM journal_movements m
               WHERE $1 AND m.kind IN ('payable', 'in_batch', 'owed') AND m.owner = $2
               UNION ALL
               SELECT m.cause, m.ref, m.block_number, m.kind, m.owner, m.change
               FROM seats s JOIN journal_movements m ON m.kind = 'reserved' AND m.owner = s.id
               WHERE $1 AND s.user_id = $2
               UNION ALL
               SELECT cause, ref, block_number, kind, owner, change FROM projected_movements
               WHERE NOT $1 AND user_id = $2
           ), summed AS (
               SELECT cause, ref, block_number, kind, owner, sum(change) AS change,
                      CASE cause WHEN 'entry' THEN 0 WHEN 'outflow' THEN 1 ELSE 2 END AS rank
               FROM moved WHERE block_number <= $3
               GROUP BY cause, ref, block_number, kind, owner HAVING sum(change) <> 0
           )
           SELECT cause::text AS "cause!", ref AS "ref!", block_number AS "block!", kind::text AS "kind!",
                  owner AS "owner!", change::numeric(38, 18) AS "change!: Amount",
                  (sum(change) OVER (PARTITION BY kind, owner ORDER BY block_number, rank, ref, cause))::numeric(38, 18)
                      AS "balance!: Amount"
           FROM summed
           ORDER BY block_number, rank, ref, summed.cause, summed.kind, owner"#,
        matches!(source, Source::Journal),
        to_i64(user)?,
        to_i64(moment.block)?
    )
    .fetch_all(connection)
    .await?;
    let movements = rows.into_iter().map(|row| {
        Ok(Movement {
            cause: cause(&row.cause, row.r#ref)?,
            block: to_u64(row.block)?,
            account: account(&row.kind, row.owner)?,
            change: row.change,
            balance: row.balance,
        })
    });
    movements.collect()
}
