//! Reconciliations and replays as operators read them: what was compared, what differs.

use banyan_reconciliation::REPLAY_LOCK;
use banyan_types::{Address, Amount, B256};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::snapshot::hash;
use super::wallet;
use crate::problem::Answer;

/// A comparison of chain and books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Its id.
    pub id: Uuid,
    /// Its number: runs are in this order.
    pub run: i64,
    /// `all`, or `sample` if rewards and seats of some users only were compared row by row.
    pub scope: String,
    /// The block it compared at.
    pub block: i64,
    /// The block's hash.
    pub block_hash: B256,
    /// The last entry of the history there.
    pub seq: i64,
    /// Who asked for it.
    pub requested_by: String,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub finished_at: OffsetDateTime,
    /// Nothing differs.
    pub balanced: bool,
    /// No batch is built until a later one is clean.
    pub stops_batches: bool,
    /// Every figure that it compared.
    pub figures: serde_json::Value,
}

/// Which comparisons to read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Uuid>,
    /// Only runs before this one.
    pub below: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Comparisons, latest first.
pub async fn reconciliations(connection: &mut PgConnection, filter: &Filter) -> Answer<Vec<Reconciliation>> {
    let rows = sqlx::query!(
        r#"SELECT id, run, scope::text AS "scope!", block_number, block_hash, seq, requested_by, started_at, finished_at,
                  balanced, stops_batches, figures
           FROM reconciliations
           WHERE ($1::uuid IS NULL OR id = $1) AND ($2::bigint IS NULL OR run < $2) ORDER BY run DESC LIMIT $3"#,
        filter.id,
        filter.below,
        filter.limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Reconciliation {
                id: row.id,
                run: row.run,
                scope: row.scope,
                block: row.block_number,
                block_hash: hash(&row.block_hash)?,
                seq: row.seq,
                requested_by: row.requested_by,
                started_at: row.started_at,
                finished_at: row.finished_at,
                balanced: row.balanced,
                stops_batches: row.stops_batches,
                figures: row.figures,
            })
        })
        .collect()
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number in the run.
    pub ordinal: i32,
    /// What kind of difference.
    pub kind: String,
    /// Whether it stops batches.
    pub stops_batches: bool,
    /// The account concerned.
    pub wallet: Option<Address>,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// The rows concerned.
    pub evidence: serde_json::Value,
}

/// What a comparison found.
pub async fn differences(connection: &mut PgConnection, id: Uuid) -> Answer<Vec<Difference>> {
    let rows = sqlx::query!(
        "SELECT ordinal, kind, stops_batches, wallet_address, expected, found, evidence
         FROM reconciliation_differences WHERE reconciliation_id = $1 ORDER BY ordinal",
        id
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Difference {
                ordinal: row.ordinal,
                kind: row.kind,
                stops_batches: row.stops_batches,
                wallet: row.wallet_address.as_deref().map(wallet).transpose()?,
                expected: row.expected,
                found: row.found,
                evidence: row.evidence,
            })
        })
        .collect()
}

/// What a comparison compared of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedAccount {
    /// The user.
    pub user: i64,
    /// Whose it is.
    pub wallet: Address,
    /// What the contract ever sent or made owed.
    pub chain_paid: Amount,
    /// What the contract owes.
    pub chain_owed: Amount,
    /// Frozen on the contract.
    pub chain_frozen: bool,
    /// Known to the contract.
    pub chain_registered: bool,
    /// Earned in all, as the history gives; `None` if it could not be judged.
    pub earned: Option<Amount>,
    /// Held back for seats, as the history gives.
    pub earned_reserved: Option<Amount>,
    /// Payable, as the books have it.
    pub payable: Amount,
    /// In a batch.
    pub in_batch: Amount,
    /// Reserved.
    pub reserved: Amount,
    /// Owed.
    pub owed: Amount,
    /// The sum of its payouts.
    pub paid: Amount,
    /// Frozen, as the books have it.
    pub frozen: bool,
}

/// What the run `run` compared of accounts: those after `after`, by number. An account's row is that of the last run up to
/// this one in which something had changed.
pub async fn accounts(
    connection: &mut PgConnection,
    run: i64,
    after: i64,
    limit: i64,
) -> Answer<Vec<ComparedAccount>> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (user_id) user_id, wallet_address, chain_paid AS "chain_paid: Amount",
                  chain_owed AS "chain_owed: Amount", chain_frozen, chain_registered, earned AS "earned: Amount",
                  earned_reserved AS "earned_reserved: Amount", payable AS "payable: Amount",
                  in_batch AS "in_batch: Amount", reserved AS "reserved: Amount", owed AS "owed: Amount",
                  paid AS "paid: Amount", frozen
           FROM reconciliation_accounts WHERE user_id > $2 AND run <= $1 ORDER BY user_id, run DESC LIMIT $3"#,
        run,
        after,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ComparedAccount {
                user: row.user_id,
                wallet: wallet(&row.wallet_address)?,
                chain_paid: row.chain_paid,
                chain_owed: row.chain_owed,
                chain_frozen: row.chain_frozen,
                chain_registered: row.chain_registered,
                earned: row.earned,
                earned_reserved: row.earned_reserved,
                payable: row.payable,
                in_batch: row.in_batch,
                reserved: row.reserved,
                owed: row.owed,
                paid: row.paid,
                frozen: row.frozen,
            })
        })
        .collect()
}

/// A replay: under way, done, failed, or interrupted with its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: Uuid,
    /// First block of the range.
    pub from_block: i64,
    /// Last block of the range.
    pub to_block: i64,
    /// Who asked for it.
    pub requested_by: String,
    /// `running`, `done`, `failed` or `interrupted`.
    pub state: String,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
    /// Logs derived so far.
    pub events: i64,
    /// The block of the last.
    pub read_to: Option<i64>,
    /// Where the books stood when they were compared.
    pub block: Option<i64>,
    /// How many rows differ.
    pub differing: Option<i64>,
    /// Counts of each table.
    pub tables: Option<serde_json::Value>,
    /// Why the node's logs were not compared.
    pub node_silent: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// A replay by id. One that is noted as under way is so only while somebody holds the lock of replays.
pub async fn replay(connection: &mut PgConnection, id: Uuid) -> Answer<Option<Replay>> {
    let row = sqlx::query_as!(
        Replay,
        r#"SELECT id, from_block, to_block, requested_by,
                  CASE WHEN state = 'running' AND NOT EXISTS (
                      SELECT FROM pg_locks l
                      WHERE l.locktype = 'advisory' AND l.objsubid = 1
                        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                        AND ((l.classid::bigint << 32) | l.objid::bigint) = $2
                  ) THEN 'interrupted' ELSE state::text END AS "state!",
                  started_at, finished_at, events, read_to, block_number AS block, differences AS differing, tables,
                  node_silent, reason
           FROM replays WHERE id = $1"#,
        id,
        REPLAY_LOCK
    )
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// A row that is not what the logs give, one column of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowDifference {
    /// The table.
    pub table: String,
    /// The row's key.
    pub key: String,
    /// The column; `None`: the row is not there, or should not be.
    pub column: Option<String>,
    /// What the logs give.
    pub expected: String,
    /// What the table has.
    pub found: String,
}

/// What a replay found.
pub async fn row_differences(connection: &mut PgConnection, id: Uuid) -> Answer<Vec<RowDifference>> {
    let rows = sqlx::query_as!(
        RowDifference,
        r#"SELECT table_name AS "table", row_key AS key, column_name AS "column", expected, found
           FROM replay_differences WHERE replay_id = $1 ORDER BY ordinal"#,
        id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
