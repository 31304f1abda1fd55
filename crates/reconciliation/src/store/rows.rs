//! Reward and seat rows, of all users or of a sample.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Work;
use banyan_types::Amount;

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
                  cumulative AS "cumulative: Amount", state::text AS "state!"
           FROM rewards
           WHERE id >= $1 AND id < $2 AND ($3::bigint[] IS NULL OR user_id = ANY($3)) ORDER BY id"#,
        from,
        to,
        sample
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows)
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
