//! What time brings to the API's own records, and the figures that the operators' tools watch.

use banyan_reconciliation::Figures as Compared;
use banyan_types::Amount;
use serde::Deserialize as _;
use sqlx::PgPool;

use super::rewards::{self, Pending};
use crate::problem::Answer;

/// Marks payloads whose deadline the finalized chain has passed: the listener has read up to there and has not seen them
/// used, so nobody can use them any more. Idempotency keys of more than a day go. Returns how many payloads expired.
pub async fn sweep(pool: &PgPool) -> sqlx::Result<u64> {
    let expired = sqlx::query!(
        "UPDATE transactions SET status = 'expired', updated_at = now()
         WHERE status IN ('prepared', 'submitted') AND action IN ('REGISTER', 'RETOPUP')
           AND expires_at < (SELECT updated_at FROM blockchain_sync)"
    )
    .execute(pool)
    .await?;
    sqlx::query!("DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'")
        .execute(pool)
        .await?;
    Ok(expired.rows_affected())
}

/// What the gauges show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Rewards that are not paid yet.
    pub pending: Vec<Pending>,
    /// Batches that are neither settled nor given up.
    pub open_batches: i64,
    /// Seats whose board is not complete.
    pub queue: i64,
    /// How much the latest reconciliation found different; `None` before the first.
    pub differences: Option<i64>,
    /// Whether a reconciliation's stop stands, be it the latest's or an earlier one's that no full run has lifted.
    pub stops_batches: bool,
    /// What the latest reconciliation found between balance and books, if it says so.
    pub difference: Option<Amount>,
}

/// Reads the gauges' figures.
pub async fn figures(pool: &PgPool) -> Answer<Figures> {
    let mut connection = pool.acquire().await?;
    let pending = rewards::pending(&mut connection).await?;
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM payout_batches
                   WHERE state NOT IN ('settled', 'expired', 'abandoned')) AS "open!",
                  (SELECT coalesce(sum(seats - completions), 0)::bigint FROM pools) AS "queue!",
                  EXISTS (SELECT FROM standing_stops) AS "stops_batches!""#
    )
    .fetch_one(&mut *connection)
    .await?;
    let differences = sqlx::query!(
        r#"SELECT count(d.ordinal) AS "found!", l.figures AS "figures!"
           FROM (SELECT id, figures FROM reconciliations ORDER BY run DESC LIMIT 1) l
           LEFT JOIN reconciliation_differences d ON d.reconciliation_id = l.id
           GROUP BY l.id, l.figures"#
    )
    .fetch_optional(&mut *connection)
    .await?;
    let compared = differences.as_ref().and_then(|row| Compared::deserialize(&row.figures).ok());
    let difference = compared.and_then(|figures| figures.chain.balance.checked_sub(figures.books.funds));
    Ok(Figures {
        pending,
        open_batches: row.open,
        queue: row.queue,
        differences: differences.map(|row| row.found),
        stops_batches: row.stops_batches,
        difference,
    })
}
