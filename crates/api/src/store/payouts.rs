//! Payout batches as operators read them: tables `payout_batches`, `payout_items`, `payout_attempts`.

use banyan_types::{Address, Amount, B256};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::snapshot::hash;
use super::wallet;
use crate::problem::Answer;

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: Uuid,
    /// Its number, from 1.
    pub number: i64,
    /// Where it stands.
    pub state: String,
    /// The point of the history it was built over.
    pub seq: i64,
    /// The head there.
    pub head: B256,
    /// The root that it publishes; zero for none.
    pub root: B256,
    /// The most that it may move.
    pub max_total: Amount,
    /// What it is to pay.
    pub total: Amount,
    /// How many accounts.
    pub count: i64,
    /// Until when the contract takes it.
    pub deadline: Option<OffsetDateTime>,
    /// What was signed.
    pub digest: Option<Vec<u8>>,
    /// The signature.
    pub signature: Option<Vec<u8>>,
    /// The transaction that executed it.
    pub tx_hash: Option<String>,
    /// The contract's number of the execution.
    pub out: Option<i64>,
    /// Why it did not go on.
    pub reason: Option<String>,
    /// Who asked for it.
    pub requested_by: String,
    /// When it was built.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// Which batches to read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Uuid>,
    /// Only the one with this number.
    pub number: Option<i64>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only numbers below this one.
    pub below: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Batches, newest first.
pub async fn list(connection: &mut PgConnection, filter: &Filter) -> Answer<Vec<Batch>> {
    let rows = sqlx::query!(
        r#"SELECT b.id AS "id!", b.number AS "number!", b.state::text AS "state!", b.seq AS "seq!", b.head AS "head!",
                  b.root AS "root!", b.max_total AS "max_total!: Amount", coalesce(i.total, 0) AS "total!: Amount",
                  coalesce(i.count, 0) AS "count!", b.deadline AS "deadline?", b.digest AS "digest?",
                  b.signature AS "signature?", b.tx_hash AS "tx_hash?", b.out AS "out?", b.reason AS "reason?",
                  b.requested_by AS "requested_by!", b.created_at AS "created_at!", b.updated_at AS "updated_at!"
           FROM payout_batches b
           LEFT JOIN LATERAL (SELECT sum(amount) AS total, count(*) AS count
                              FROM payout_items WHERE batch_id = b.id) i ON true
           WHERE ($1::uuid IS NULL OR b.id = $1) AND ($2::bigint IS NULL OR b.number = $2)
             AND ($3::text IS NULL OR b.state::text = $3) AND ($4::bigint IS NULL OR b.number < $4)
           ORDER BY b.number DESC LIMIT $5"#,
        filter.id,
        filter.number,
        filter.state,
        filter.below,
        filter.limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Batch {
                id: row.id,
                number: row.number,
                state: row.state,
                seq: row.seq,
                head: hash(&row.head)?,
                root: hash(&row.root)?,
                max_total: row.max_total,
                total: row.total,
                count: row.count,
                deadline: row.deadline,
                digest: row.digest,
                signature: row.signature,
                tx_hash: row.tx_hash,
                out: row.out,
                reason: row.reason,
                requested_by: row.requested_by,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        })
        .collect()
}

/// One account of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The account's id.
    pub user: i64,
    /// Its wallet.
    pub wallet: Address,
    /// What it has earned in all.
    pub cumulative: Amount,
    /// What of it the batch is to pay.
    pub amount: Amount,
    /// Whether the batch still holds it.
    pub open: bool,
}

/// The accounts of a batch in order of id.
pub async fn items(connection: &mut PgConnection, batch: Uuid) -> Answer<Vec<Item>> {
    let rows = sqlx::query!(
        r#"SELECT i.user_id, u.wallet_address, i.cumulative AS "cumulative: Amount", i.amount AS "amount: Amount", i.open
           FROM payout_items i JOIN users u ON u.id = i.user_id WHERE i.batch_id = $1 ORDER BY i.user_id"#,
        batch
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Item {
                user: row.user_id,
                wallet: wallet(&row.wallet_address)?,
                cumulative: row.cumulative,
                amount: row.amount,
                open: row.open,
            })
        })
        .collect()
}

/// One sending of a batch's transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub attempt: i32,
    /// The executor's transaction nonce.
    pub nonce: i64,
    /// The transaction.
    pub tx_hash: String,
    /// The most that it offers for gas, in wei.
    pub max_fee_wei: i64,
    /// What became of it.
    pub outcome: String,
    /// What the node said.
    pub detail: Option<String>,
    /// When it was written.
    pub at: OffsetDateTime,
}

/// The attempts of a batch.
pub async fn attempts(connection: &mut PgConnection, batch: Uuid) -> Answer<Vec<Attempt>> {
    let rows = sqlx::query_as!(
        Attempt,
        r#"SELECT attempt, nonce, tx_hash, max_fee_wei, outcome::text AS "outcome!", detail, created_at AS at
           FROM payout_attempts WHERE batch_id = $1 ORDER BY attempt"#,
        batch
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
