//! Batches as people see them.

use banyan_ledger::store::Connection;
use banyan_types::Amount;
use sqlx::types::time::OffsetDateTime;
use uuid::Uuid;

use super::Result;
use super::convert::{address, bytes, hash, hash_of_text, outcome, root, seconds, state, to_u64};
use crate::record::{AttemptRecord, BatchDetail, BatchKey, BatchRecord, ItemRecord, Page};

/// A batch's row with the sum and number of its items.
struct Row {
    id: Uuid,
    number: i64,
    state: String,
    seq: i64,
    head: Vec<u8>,
    root: Vec<u8>,
    max_total: Amount,
    total: Amount,
    count: i64,
    deadline: Option<OffsetDateTime>,
    digest: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    tx_hash: Option<String>,
    block_number: Option<i64>,
    out: Option<i64>,
    reason: Option<String>,
    requested_by: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl Row {
    fn record(self) -> Result<BatchRecord> {
        Ok(BatchRecord {
            id: self.id,
            number: self.number,
            state: state(&self.state)?,
            seq: to_u64(self.seq)?,
            head: hash(&self.head)?,
            root: root(&self.root)?,
            max_total: self.max_total,
            total: self.total,
            count: u32::try_from(self.count).unwrap_or(u32::MAX),
            deadline: self.deadline.map(seconds).transpose()?,
            digest: self.digest.as_deref().map(hash).transpose()?,
            signature: self.signature.map(bytes),
            tx_hash: self.tx_hash.as_deref().map(hash_of_text).transpose()?,
            block: self.block_number.map(to_u64).transpose()?,
            out: self.out.map(to_u64).transpose()?,
            reason: self.reason,
            requested_by: self.requested_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// The batch's id; `None` if there is no such batch.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn id_of(connection: &mut Connection, key: BatchKey) -> Result<Option<Uuid>> {
    let (id, number) = match key {
        BatchKey::Id(id) => (Some(id), None),
        BatchKey::Number(number) => (None, Some(number)),
    };
    Ok(sqlx::query_scalar!("SELECT id FROM payout_batches WHERE id = $1 OR number = $2", id, number)
        .fetch_optional(connection)
        .await?)
}

/// A page of batches, newest first.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn list(connection: &mut Connection, page: &Page) -> Result<Vec<BatchRecord>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT b.id, b.number, b.state::text AS "state!", b.seq, b.head, b.root,
                  b.max_total AS "max_total: Amount", coalesce(i.total, 0)::numeric(38, 18) AS "total!: Amount",
                  coalesce(i.count, 0) AS "count!", b.deadline, b.digest, b.signature, b.tx_hash, b.block_number,
                  b.out, b.reason, b.requested_by, b.created_at, b.updated_at
           FROM payout_batches b
           LEFT JOIN LATERAL (
               SELECT sum(amount) AS total, count(*) AS count FROM payout_items WHERE batch_id = b.id
           ) AS i ON true
           WHERE ($1::text IS NULL OR b.state::text = $1) AND ($2::bigint IS NULL OR b.number < $2)
           ORDER BY b.number DESC LIMIT $3"#,
        page.state.map(|state| state.word()),
        page.before,
        i64::from(page.limit)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::record).collect()
}

/// A batch with its items and attempts; `None` if there is no such batch.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn detail(connection: &mut Connection, id: Uuid) -> Result<Option<BatchDetail>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT b.id, b.number, b.state::text AS "state!", b.seq, b.head, b.root,
                  b.max_total AS "max_total: Amount", coalesce(i.total, 0)::numeric(38, 18) AS "total!: Amount",
                  coalesce(i.count, 0) AS "count!", b.deadline, b.digest, b.signature, b.tx_hash, b.block_number,
                  b.out, b.reason, b.requested_by, b.created_at, b.updated_at
           FROM payout_batches b
           LEFT JOIN LATERAL (
               SELECT sum(amount) AS total, count(*) AS count FROM payout_items WHERE batch_id = b.id
           ) AS i ON true
           WHERE b.id = $1"#,
        id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(BatchDetail {
        batch: row.record()?,
        items: items(connection, id).await?,
        attempts: attempts(connection, id).await?,
    }))
}

async fn items(connection: &mut Connection, id: Uuid) -> Result<Vec<ItemRecord>> {
    let rows = sqlx::query!(
        r#"SELECT i.user_id, u.wallet_address, i.cumulative AS "cumulative: Amount", i.amount AS "amount: Amount", i.open
           FROM payout_items i JOIN users u ON u.id = i.user_id
           WHERE i.batch_id = $1 ORDER BY i.user_id"#,
        id
    )
    .fetch_all(connection)
    .await?;
    let items = rows.into_iter().map(|row| {
        let account = address(&row.wallet_address)?;
        let (cumulative, amount) = (row.cumulative, row.amount);
        Ok(ItemRecord { user: row.user_id, account, cumulative, amount, open: row.open })
    });
    items.collect()
}

async fn attempts(connection: &mut Connection, id: Uuid) -> Result<Vec<AttemptRecord>> {
    let rows = sqlx::query!(
        r#"SELECT attempt, nonce, tx_hash, max_fee_wei, priority_fee_wei, outcome::text AS "outcome!", refusal,
                  detail, created_at, sent_at
           FROM payout_attempts WHERE batch_id = $1 ORDER BY attempt"#,
        id
    )
    .fetch_all(connection)
    .await?;
    let attempts = rows.into_iter().map(|row| {
        Ok(AttemptRecord {
            attempt: row.attempt,
            nonce: to_u64(row.nonce)?,
            tx_hash: hash_of_text(&row.tx_hash)?,
            max_fee: to_u64(row.max_fee_wei)?,
            priority_fee: to_u64(row.priority_fee_wei)?,
            outcome: outcome(&row.outcome, row.refusal.as_deref())?,
            detail: row.detail,
            created_at: row.created_at,
            sent_at: row.sent_at,
        })
    });
    attempts.collect()
}
