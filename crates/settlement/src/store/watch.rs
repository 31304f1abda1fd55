//! What the state machine is told of a batch: its row and attempts, and what the books have read of it.

use std::time::Duration;

use banyan_ledger::store::Connection;
use banyan_types::{Address, B256, keccak256};
use uuid::Uuid;

use super::Result;
use super::convert::{address, hash, hash_of_text, outcome, seconds, state, to_i64, to_u64};
use crate::batch::{Attempt, Batch, Executed};
use crate::fees::Fee;

/// A batch that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenBatch {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: i64,
    /// The block that the books stood at when it was built.
    pub built_block: u64,
    /// What the machine decides on.
    pub batch: Batch,
    /// Time since the last attempt was written.
    pub age: Duration,
    /// Time since the last attempt was last sent.
    pub quiet: Duration,
}

/// Ids and numbers of all batches that have not ended, oldest first.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn open_numbers(connection: &mut Connection) -> Result<Vec<(Uuid, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT id, number FROM payout_batches WHERE state NOT IN ('settled', 'expired', 'abandoned')
           ORDER BY number"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.number)).collect())
}

/// The batch, if it has not ended. `automatic` is who requests the batches that nobody else signs and queues.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn open_batch(connection: &mut Connection, id: Uuid, automatic: &str) -> Result<Option<OpenBatch>> {
    let row = sqlx::query!(
        r#"SELECT number, state::text AS "state!", requested_by, deadline, tx_hash, block_number, built_block
           FROM payout_batches WHERE id = $1 AND state NOT IN ('settled', 'expired', 'abandoned')"#,
        id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (attempts, age, quiet) = attempts(connection, id).await?;
    Ok(Some(OpenBatch {
        id,
        number: row.number,
        built_block: to_u64(row.built_block)?,
        batch: Batch {
            state: state(&row.state)?,
            automatic: row.requested_by == automatic,
            deadline: row.deadline.map(seconds).transpose()?,
            block: row.block_number.map(to_u64).transpose()?,
            tx_hash: row.tx_hash.as_deref().map(hash_of_text).transpose()?,
            attempts,
        },
        age,
        quiet,
    }))
}

/// The attempts of a batch, and how long ago the last one was written and sent.
async fn attempts(connection: &mut Connection, id: Uuid) -> Result<(Vec<Attempt>, Duration, Duration)> {
    let rows = sqlx::query!(
        r#"SELECT nonce, tx_hash, max_fee_wei, priority_fee_wei, outcome::text AS "outcome!", refusal,
                  (extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint AS "age!",
                  (extract(epoch FROM clock_timestamp() - coalesce(sent_at, created_at)) * 1000)::bigint AS "quiet!"
           FROM payout_attempts WHERE batch_id = $1 ORDER BY attempt"#,
        id
    )
    .fetch_all(connection)
    .await?;
    let milliseconds = |number: i64| Duration::from_millis(u64::try_from(number).unwrap_or(0));
    let last = rows.last().map(|row| (milliseconds(row.age), milliseconds(row.quiet)));
    let (age, quiet) = last.unwrap_or_default();
    let attempts = rows.iter().map(|row| {
        Ok(Attempt {
            nonce: to_u64(row.nonce)?,
            tx_hash: hash_of_text(&row.tx_hash)?,
            fee: Fee { max_fee: to_u64(row.max_fee_wei)?, priority: to_u64(row.priority_fee_wei)? },
            outcome: outcome(&row.outcome, row.refusal.as_deref())?,
        })
    });
    Ok((attempts.collect::<Result<_>>()?, age, quiet))
}

/// Accounts that a batch would pay and that are held here or frozen on the contract by now.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn stopped(connection: &mut Connection, id: Uuid) -> Result<Vec<Address>> {
    let wallets = sqlx::query_scalar!(
        r#"SELECT u.wallet_address FROM payout_items i JOIN users u ON u.id = i.user_id
           WHERE i.batch_id = $1 AND i.open AND (u.frozen OR u.held) ORDER BY u.id"#,
        id
    )
    .fetch_all(connection)
    .await?;
    wallets.iter().map(|wallet| address(wallet)).collect()
}

/// Number of another batch whose transaction is under way.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn under_way(connection: &mut Connection, but: Uuid) -> Result<Option<i64>> {
    let number = sqlx::query_scalar!(
        r#"SELECT min(number) FROM payout_batches WHERE state IN ('broadcast', 'included') AND id <> $1"#,
        but
    )
    .fetch_one(connection)
    .await?;
    Ok(number)
}

/// The highest offer that ended batches made with this nonce: their transactions may still wait somewhere.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn outbid(connection: &mut Connection, but: Uuid, nonce: u64) -> Result<Option<Fee>> {
    let row = sqlx::query!(
        r#"SELECT max(max_fee_wei) AS max_fee, max(priority_fee_wei) AS priority
           FROM payout_attempts WHERE nonce = $1 AND batch_id <> $2"#,
        to_i64(nonce)?,
        but
    )
    .fetch_one(connection)
    .await?;
    match (row.max_fee, row.priority) {
        (Some(max_fee), Some(priority)) => {
            Ok(Some(Fee { max_fee: to_u64(max_fee)?, priority: to_u64(priority)? }))
        }
        (None, _) | (_, None) => Ok(None),
    }
}

/// The execution of a batch by one of its attempts, as the books have read it.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn executed(connection: &mut Connection, batch: &OpenBatch) -> Result<Option<Executed>> {
    if batch.batch.attempts.is_empty() {
        return Ok(None);
    }
    let event = keccak256("BatchExecuted(uint256,uint256,bytes32,uint256,uint256)");
    let hashes: Vec<Vec<u8>> = batch.batch.attempts.iter().map(|attempt| attempt.tx_hash.to_vec()).collect();
    let row = sqlx::query!(
        r#"SELECT block_number, tx_hash, topics[2] AS "out!"
           FROM chain_events
           WHERE block_number >= $1 AND tx_hash = ANY ($2) AND topics[1] = $3
           ORDER BY block_number, log_index LIMIT 1"#,
        to_i64(batch.built_block)?,
        &hashes,
        event.as_slice()
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let out = hash(&row.out)?;
    let out = u64::from_be_bytes(out[24..].try_into().expect("the last 8 of 32 bytes are 8"));
    Ok(Some(Executed { tx_hash: hash(&row.tx_hash)?, block: to_u64(row.block_number)?, out }))
}

/// The signed transaction of an attempt.
///
/// # Errors
/// When PostgreSQL fails, or there is no such attempt.
pub async fn raw_attempt(connection: &mut Connection, tx_hash: B256) -> Result<Vec<u8>> {
    let raw = sqlx::query_scalar!(
        "SELECT raw FROM payout_attempts WHERE tx_hash = $1",
        super::convert::hash_text(tx_hash)
    )
    .fetch_one(connection)
    .await?;
    Ok(raw)
}

/// Whether a batch requested by `requester` waits to be signed, queued or sent.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn has_unsent(connection: &mut Connection, requester: &str) -> Result<bool> {
    let waits = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM payout_batches
                          WHERE requested_by = $1 AND state IN ('building', 'signed', 'queued')) AS "waits!""#,
        requester
    )
    .fetch_one(connection)
    .await?;
    Ok(waits)
}
