//! A user's statement, from the postings alone.

use banyan_types::Amount;

use super::Connection;
use super::convert::{account, cause, to_i64, to_u64};
use crate::{LedgerError, Line};

/// Every movement of what is a user's, their seats' reserves included, oldest first, with each account's running
/// balance. Within a block entries come before outflows.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn statement(connection: &mut Connection, user: u64) -> Result<Vec<Line>, LedgerError> {
    let rows = sqlx::query!(
        r#"WITH owned AS (
               SELECT kind, $1::bigint AS owner
               FROM unnest(ARRAY['payable', 'in_batch', 'owed']::account_kind[]) AS kind
               UNION ALL
               SELECT 'reserved', id FROM seats WHERE user_id = $1
           ), moved AS (
               SELECT p.cause, p.ref, p.ordinal, p.at, p.block_number, o.kind, o.owner, -p.amount AS change,
                      p.credit_kind AS other_kind, p.credit_owner AS other_owner
               FROM owned o JOIN postings p ON p.debit_kind = o.kind AND p.debit_owner = o.owner
               UNION ALL
               SELECT p.cause, p.ref, p.ordinal, p.at, p.block_number, o.kind, o.owner, p.amount, p.debit_kind, p.debit_owner
               FROM owned o JOIN postings p ON p.credit_kind = o.kind AND p.credit_owner = o.owner
           )
           SELECT m.cause::text AS "cause!", m.ref AS "ref!", m.ordinal AS "ordinal!",
                  extract(epoch FROM m.at)::bigint AS "at!", m.block_number AS "block!",
                  m.kind::text AS "kind!", m.owner AS "owner!",
                  m.other_kind::text AS "other_kind!", m.other_owner AS "other_owner!",
                  m.change AS "change!: Amount",
                  sum(m.change) OVER (
                      PARTITION BY m.kind, m.owner ORDER BY m.block_number, m.cause, m.ref, m.ordinal
                  )::numeric(38, 18) AS "balance!: Amount"
           FROM moved m
           ORDER BY m.block_number, m.cause, m.ref, m.ordinal, m.kind, m.owner"#,
        to_i64(user)?
    )
    .fetch_all(connection)
    .await?;
    let lines = rows.into_iter().map(|row| {
        Ok(Line {
            cause: cause(&row.cause, row.r#ref)?,
            ordinal: u32::try_from(row.ordinal).map_err(|_| LedgerError::Corrupt {
                expected: "ordinals from 0 on",
                found: row.ordinal.to_string(),
            })?,
            at: to_u64(row.at)?,
            block: to_u64(row.block)?,
            account: account(&row.kind, row.owner)?,
            other: account(&row.other_kind, row.other_owner)?,
            change: row.change,
            balance: row.balance,
        })
    });
    lines.collect()
}
