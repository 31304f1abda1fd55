//! What stops batches: the kill switch, a reconciliation that no later full one has cleared, a halted listener.

use banyan_ledger::store::Connection;

use super::Result;
use crate::error::Hold;

/// Why no batch may go on now; `None` if one may.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn hold(connection: &mut Connection) -> Result<Option<Hold>> {
    let row = sqlx::query!(
        r#"SELECT (SELECT coalesce(value ->> 'reason', 'no reason given') FROM settings
                   WHERE key = 'kill_switch' AND (value ->> 'on')::boolean) AS killed,
                  (SELECT block_number FROM standing_stops ORDER BY run DESC LIMIT 1) AS stopped_at,
                  (SELECT halted FROM blockchain_sync WHERE id = 1) AS halted"#
    )
    .fetch_one(connection)
    .await?;
    Ok(match (row.killed, row.stopped_at, row.halted) {
        (Some(reason), _, _) => Some(Hold::KillSwitch { reason }),
        (None, Some(block), _) => Some(Hold::Reconciliation { block }),
        (None, None, Some(reason)) => Some(Hold::Halted { reason }),
        (None, None, None) => None,
    })
}
