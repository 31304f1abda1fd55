//! Transactions of the journal that have no seal, though there was time for one.

use banyan_ledger::LedgerError;
use banyan_ledger::store::{Pool, Work};

/// Transactions without a seal that are named.
const NAMED: i64 = 100;

/// The end of the queue for the sealer: what is booked from now on is behind it.
pub(crate) async fn last_booked(pool: &Pool) -> Result<i64, LedgerError> {
    Ok(sqlx::query_scalar!(r#"SELECT coalesce(max(id), 0) AS "last!" FROM journal_unsealed"#)
        .fetch_one(pool)
        .await?)
}

/// Transactions without a seal, by cause and number: those still in the queue that were in it at `booked`, and those that
/// are in no queue at all.
pub(crate) async fn unsealed(work: &mut Work<'_>, booked: i64) -> Result<Vec<(String, i64)>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT t.cause::text AS "cause!", t.ref
           FROM journal_transactions t
           WHERE NOT EXISTS (SELECT FROM journal_seals s WHERE s.cause = t.cause AND s.ref = t.ref)
             AND NOT EXISTS (SELECT FROM journal_unsealed u WHERE u.cause = t.cause AND u.ref = t.ref AND u.id > $1)
           ORDER BY t.block_number, t.cause, t.ref LIMIT $2"#,
        booked,
        NAMED
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows.into_iter().map(|row| (row.cause, row.r#ref)).collect())
}
