//! What every account has earned up to a point of the history: the leaves of the entitlement tree as the books have
//! them.

use banyan_types::{Address, Amount};

use super::Connection;
use super::convert::{to_i64, to_u64};
use crate::{Entitlement, LedgerError};

/// Rewards of one entry have ids from seq · 2²⁰ on.
const REWARDS_PER_ENTRY: u64 = 1 << 20;

/// What every account had earned after the entry `seq`, the company first, then the registered wallets in the order of
/// their registration, those included that earned nothing.
///
/// # Errors
/// When PostgreSQL fails, or a wallet's address is none.
pub async fn entitlements_at(connection: &mut Connection, seq: u64) -> Result<Vec<Entitlement>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT u.id, u.wallet_address,
                  coalesce(earned.cumulative, 0)::numeric(38, 18) AS "cumulative!: Amount"
           FROM users u
           LEFT JOIN LATERAL (
               SELECT r.cumulative FROM rewards r
               WHERE r.user_id = u.id AND r.cumulative IS NOT NULL AND r.id < $2
               ORDER BY r.id DESC LIMIT 1
           ) AS earned ON true
           WHERE u.id = 0 OR u.registered_seq <= $1
           ORDER BY u.id"#,
        to_i64(seq)?,
        to_i64((seq + 1).saturating_mul(REWARDS_PER_ENTRY))?
    )
    .fetch_all(connection)
    .await?;
    let entitlements = rows.into_iter().map(|row| {
        let address: Address = row.wallet_address.parse().map_err(|_| LedgerError::Corrupt {
            expected: "wallets of 20 bytes in hex",
            found: row.wallet_address.clone(),
        })?;
        Ok(Entitlement { id: to_u64(row.id)?, address, cumulative: row.cumulative })
    });
    entitlements.collect()
}
