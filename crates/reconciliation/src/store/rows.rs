//! Reward and seat rows, of all users or of a sample.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Work;
use banyan_types::Amount;
use uuid::Uuid;

/// A row of `rewards`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RewardRow {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) source: i64,
    pub(crate) kind: String,
    pub(crate) amount: Amount,
    pub(crate) cumulative: Option<Amount>,
    pub(crate) state: String,
    /// The batch that it is in, if that does not hold its receiver any more.
    pub(crate) stray_batch: Option<Uuid>,
}

/// A row of `seats`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatRow {
    pub(crate) id: i64,
    pub(crate) user: i64,
}

/// Rewards with ids from `from` to before `to`, of the users of `sample` or of all, by id.
pub(crate) async fn rewards(
    work: &mut Work<'_>,
    from: i64,
    to: i64,
    sample: Option<&[i64]>,
) -> Result<Vec<RewardRow>, LedgerError> {
    let rows = sqlx::query_as!(
        RewardRow,
        r#"SELECT id, user_id AS user, source_user_id AS source, type::text AS "kind!", amount AS "amount: Amount",
                  cumulative AS "cumulative: Amount", state::text AS "state!",
                  CASE WHEN state = 'batched' AND NOT EXISTS (
                      SELECT FROM payout_items i
                      WHERE i.batch_id = r.batch_id AND i.user_id = r.user_id AND i.open
                  ) THEN coalesce(batch_id, '00000000-0000-0000-0000-000000000000') END AS "stray_batch?"
           FROM rewards r
           WHERE id >= $1 AND id < $2 AND ($3::bigint[] IS NULL OR user_id = ANY($3)) ORDER BY id"#,
        from,
        to,
        sample
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows)
}

/// What the contract made owed and nobody has withdrawn since: users, and the ranges of what they were paid in all.
pub(crate) async fn owed_ranges(work: &mut Work<'_>) -> Result<Vec<(i64, Amount, Amount)>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT user_id, (paid_total - amount)::numeric(38, 18) AS "above!: Amount", paid_total AS "up_to!: Amount"
           FROM payouts p
           WHERE kind = 'owed' AND NOT EXISTS (
               SELECT FROM payouts w
               WHERE w.user_id = p.user_id AND w.kind = 'owed_withdrawn' AND w.out > p.out
           )"#
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.above, row.up_to)).collect())
}

/// Seats of the users of `sample` or of all, by id.
pub(crate) async fn seats(work: &mut Work<'_>, sample: Option<&[i64]>) -> Result<Vec<SeatRow>, LedgerError> {
    let rows = sqlx::query_as!(
        SeatRow,
        r#"SELECT id, user_id AS user FROM seats
           WHERE $1::bigint[] IS NULL OR user_id = ANY($1) ORDER BY id"#,
        sample
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows)
}
