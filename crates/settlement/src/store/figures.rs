//! Figures for the metrics.

use banyan_ledger::store::Connection;
use banyan_types::Amount;

use super::Result;
use super::convert::state;
use crate::batch::State;

/// What the metrics show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Batches in each state that has any.
    pub batches: Vec<(State, i64)>,
    /// Attempts by outcome.
    pub attempts: Vec<(String, i64)>,
    /// Rewards that are payable and in no batch.
    pub pending_rewards: i64,
    /// Their sum, in wei.
    pub pending_amount: Amount,
}

/// Reads the figures.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn figures(connection: &mut Connection) -> Result<Figures> {
    let batches = sqlx::query!(
        r#"SELECT state::text AS "state!", count(*) AS "count!" FROM payout_batches GROUP BY state"#
    )
    .fetch_all(&mut *connection)
    .await?;
    let attempts = sqlx::query!(
        r#"SELECT outcome::text AS "outcome!", count(*) AS "count!" FROM payout_attempts GROUP BY outcome"#
    )
    .fetch_all(&mut *connection)
    .await?;
    let pending = sqlx::query!(
        r#"SELECT count(*) AS "count!", coalesce(sum(amount), 0)::numeric(38, 18) AS "amount!: Amount"
           FROM rewards WHERE state = 'payable'"#
    )
    .fetch_one(connection)
    .await?;
    Ok(Figures {
        batches: batches.iter().map(|row| Ok((state(&row.state)?, row.count))).collect::<Result<_>>()?,
        attempts: attempts.into_iter().map(|row| (row.outcome, row.count)).collect(),
        pending_rewards: pending.count,
        pending_amount: pending.amount,
    })
}
