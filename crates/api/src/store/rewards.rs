//! Rewards as people read them: table `rewards` with its tree, seat and source.

use banyan_types::{Address, Amount};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::wallet;
use crate::problem::Answer;

/// One reward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reward {
    /// `seq · 2^20 + ordinal`.
    pub id: i64,
    /// The entry of the history that caused it.
    pub seq: i64,
    /// Who receives it.
    pub user: (i64, Address),
    /// Who triggered it.
    pub source: (i64, Address),
    /// Its kind, such as `POOL_L1`.
    pub kind: String,
    /// `payable`, `reserved`, `spent`, `batched`, `settled` or `owed`.
    pub state: String,
    /// The seed's word for the state.
    pub status: String,
    /// How much.
    pub amount: Amount,
    /// All that the receiver had earned with it.
    pub cumulative: Option<Amount>,
    /// Levels between receiver and payer.
    pub depth: Option<i32>,
    /// Level and number of the tree.
    pub tree: Option<(i32, i32)>,
    /// The receiver's seat that earned it.
    pub seat_index: Option<i64>,
    /// The batch that pays it.
    pub batch: Option<Uuid>,
    /// The transaction that paid it.
    pub tx_hash: Option<String>,
    /// When it was earned.
    pub at: OffsetDateTime,
}

/// Which rewards to read.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only this user's.
    pub user: Option<i64>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only in these states; empty for all.
    pub states: Vec<String>,
    /// Only ids below this one.
    pub below: i64,
    /// At most so many.
    pub limit: i64,
}

/// Rewards, newest first.
pub async fn list(connection: &mut PgConnection, filter: &Filter) -> Answer<Vec<Reward>> {
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id!", r.seq AS "seq!", r.user_id AS "user_id!", u.wallet_address AS "user_wallet!",
                  r.source_user_id AS "source_user_id!", f.wallet_address AS "source_wallet!",
                  r.type::text AS "kind!", r.state::text AS "state!",
                  r.status::text AS "status!", r.amount AS "amount!: Amount", r.cumulative AS "cumulative?: Amount",
                  r.depth AS "depth?", p.level AS "level?", p.tree_number AS "tree?", s.queue_index AS "seat_index?",
                  r.batch_id AS "batch_id?", r.tx_hash AS "tx_hash?", r.created_at AS "created_at!"
           FROM rewards r
           JOIN users u ON u.id = r.user_id
           JOIN users f ON f.id = r.source_user_id
           LEFT JOIN pools p ON p.id = r.pool_id
           LEFT JOIN seats s ON s.id = r.seat_id
           WHERE ($1::bigint IS NULL OR r.user_id = $1) AND ($2::text IS NULL OR r.type::text = $2)
             AND (cardinality($3::text[]) = 0 OR r.state::text = ANY($3)) AND r.id < $4
           ORDER BY r.id DESC LIMIT $5"#,
        filter.user,
        filter.kind,
        &filter.states,
        filter.below,
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Reward {
                id: row.id,
                seq: row.seq,
                user: (row.user_id, wallet(&row.user_wallet)?),
                source: (row.source_user_id, wallet(&row.source_wallet)?),
                kind: row.kind,
                state: row.state,
                status: row.status,
                amount: row.amount,
                cumulative: row.cumulative,
                depth: row.depth,
                tree: row.level.zip(row.tree),
                seat_index: row.seat_index,
                batch: row.batch_id,
                tx_hash: row.tx_hash,
                at: row.created_at,
            })
        })
        .collect()
}

/// Count and sum of the rewards in one state that are not paid yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// `payable`, `reserved` or `batched`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// Their sum.
    pub amount: Amount,
}

/// What is not paid yet, by state.
pub async fn pending(connection: &mut PgConnection) -> Answer<Vec<Pending>> {
    let rows = sqlx::query_as!(
        Pending,
        r#"SELECT state::text AS "state!", count(*) AS "count!", sum(amount) AS "amount!: Amount"
           FROM rewards WHERE state IN ('payable', 'batched', 'reserved') GROUP BY state"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
