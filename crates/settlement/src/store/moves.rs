//! Steps of a batch that move no money: each one statement, from a known state.

use banyan_ledger::store::{Connection, Work, lock_books};
use banyan_types::B256;
use uuid::Uuid;

use super::Result;
use super::convert::{hash_text, to_i64};
use crate::batch::Outcome;
use crate::fees::Fee;

/// What a signer returned for a batch.
#[derive(Clone, Debug)]
pub struct Signed<'a> {
    /// Last block time at which it may run, in seconds since 1970.
    pub deadline: u64,
    /// What was signed.
    pub digest: B256,
    /// 65 bytes r, s, v.
    pub signature: &'a [u8],
}

/// Keeps a signature: a batch that is building becomes signed, one that is signed or queued and was never sent keeps
/// its state. Whether it stood there. The books are held first, as whoever ends a batch holds them before the batch.
///
/// # Errors
/// When PostgreSQL fails, or something booked up to the batch is not sealed.
pub async fn sign(work: &mut Work<'_>, id: Uuid, signed: &Signed<'_>) -> Result<bool> {
    lock_books(work).await?;
    let done = sqlx::query!(
        r#"UPDATE payout_batches b
           SET state = CASE state WHEN 'building' THEN 'signed' ELSE state END,
               deadline = to_timestamp($2::bigint), digest = $3, signature = $4, updated_at = now()
           WHERE id = $1 AND state IN ('building', 'signed', 'queued')
                 AND NOT EXISTS (SELECT 1 FROM payout_attempts a WHERE a.batch_id = b.id)"#,
        id,
        to_i64(signed.deadline)?,
        signed.digest.as_slice(),
        signed.signature
    )
    .execute(&mut **work)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A signed batch may be sent. Whether it was signed.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn queue(connection: &mut Connection, id: Uuid) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE payout_batches SET state = 'queued', updated_at = now() WHERE id = $1 AND state = 'signed'",
        id
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An attempt that is to be written.
#[derive(Clone, Debug)]
pub struct NewAttempt<'a> {
    /// The batch.
    pub batch: Uuid,
    /// The executor's nonce.
    pub nonce: u64,
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// The signed transaction.
    pub raw: &'a [u8],
    /// What it offers.
    pub fee: Fee,
}

/// Writes an attempt and moves its batch to broadcast, both or neither; its number. It is on disk before it is sent.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn write_attempt(work: &mut Work<'_>, new: &NewAttempt<'_>) -> Result<Option<i32>> {
    let moved = sqlx::query!(
        r#"UPDATE payout_batches SET state = 'broadcast', updated_at = now()
           WHERE id = $1 AND state IN ('queued', 'broadcast')"#,
        new.batch
    )
    .execute(&mut **work)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(None);
    }
    let attempt = sqlx::query_scalar!(
        r#"INSERT INTO payout_attempts
               (batch_id, attempt, nonce, tx_hash, raw, max_fee_wei, priority_fee_wei, outcome, created_at, updated_at)
           SELECT $1, coalesce(max(attempt), 0) + 1, $2, $3, $4, $5, $6, 'written', now(), now()
           FROM payout_attempts WHERE batch_id = $1
           RETURNING attempt"#,
        new.batch,
        to_i64(new.nonce)?,
        hash_text(new.tx_hash),
        new.raw,
        to_i64(new.fee.max_fee)?,
        to_i64(new.fee.priority)?
    )
    .fetch_one(&mut **work)
    .await?;
    Ok(Some(attempt))
}

/// Keeps what a node answered to an attempt, and when it was asked.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn record_answer(
    connection: &mut Connection,
    tx_hash: B256,
    outcome: Outcome,
    detail: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        r#"UPDATE payout_attempts
           SET outcome = $2::text::attempt_outcome, refusal = $3, detail = $4, sent_at = now(), updated_at = now()
           WHERE tx_hash = $1"#,
        hash_text(tx_hash),
        outcome.word(),
        outcome.refusal(),
        detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the last word on attempts.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn record_verdicts(connection: &mut Connection, verdicts: &[(B256, Outcome)]) -> Result<()> {
    let hashes: Vec<String> = verdicts.iter().map(|(hash, _)| hash_text(*hash)).collect();
    let words: Vec<&str> = verdicts.iter().map(|(_, outcome)| outcome.word()).collect();
    sqlx::query!(
        r#"UPDATE payout_attempts a SET outcome = given.outcome::attempt_outcome, refusal = NULL, updated_at = now()
           FROM unnest($1::text[], $2::text[]) AS given (tx_hash, outcome)
           WHERE a.tx_hash = given.tx_hash AND a.outcome::text <> given.outcome"#,
        &hashes,
        &words as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A transaction of the batch is in a block that may still go away. Whether the batch waited for one.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn include(connection: &mut Connection, id: Uuid, tx_hash: B256, block: u64) -> Result<bool> {
    let done = sqlx::query!(
        r#"UPDATE payout_batches SET state = 'included', tx_hash = $2, block_number = $3, updated_at = now()
           WHERE id = $1 AND state IN ('queued', 'broadcast', 'included')"#,
        id,
        hash_text(tx_hash),
        to_i64(block)?
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The block that held the transaction is gone. Whether the batch was in one.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn return_to_broadcast(connection: &mut Connection, id: Uuid) -> Result<bool> {
    let done = sqlx::query!(
        r#"UPDATE payout_batches SET state = 'broadcast', tx_hash = NULL, block_number = NULL, updated_at = now()
           WHERE id = $1 AND state = 'included'"#,
        id
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A transaction of the batch is in a finalized block. Whether the batch waited for that.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn finalize(connection: &mut Connection, id: Uuid, tx_hash: B256, block: u64) -> Result<bool> {
    let done = sqlx::query!(
        r#"UPDATE payout_batches SET state = 'final', tx_hash = $2, block_number = $3, updated_at = now()
           WHERE id = $1 AND state IN ('queued', 'broadcast', 'included')"#,
        id,
        hash_text(tx_hash),
        to_i64(block)?
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
