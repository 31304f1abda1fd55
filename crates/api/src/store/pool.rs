//! Trees and seats: tables `pools` and `seats`, view `pool_nodes`.

use banyan_types::{Address, Amount};
use sqlx::PgConnection;

use super::wallet;
use crate::problem::Answer;

/// One tree of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Pool level.
    pub level: i32,
    /// Number within the level, from 1.
    pub tree: i32,
    /// `active` or `completed`.
    pub status: String,
    /// Seats taken.
    pub seats: i64,
    /// Boards completed.
    pub completions: i64,
    /// The lowest free index.
    pub next_index: i64,
    /// Who sits at index 1.
    pub root_user: Option<i64>,
}

/// All trees by level and number.
pub async fn trees(connection: &mut PgConnection) -> Answer<Vec<Tree>> {
    let rows = sqlx::query_as!(
        Tree,
        r#"SELECT level, tree_number AS tree, status::text AS "status!", seats, completions, next_index,
                  root_user_id AS root_user
           FROM pools ORDER BY level, tree_number"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The newest tree of a level.
pub async fn newest_tree(connection: &mut PgConnection, level: i32) -> Answer<Option<Tree>> {
    let row = sqlx::query_as!(
        Tree,
        r#"SELECT level, tree_number AS tree, status::text AS "status!", seats, completions, next_index,
                  root_user_id AS root_user
           FROM pools WHERE level = $1 ORDER BY tree_number DESC LIMIT 1"#,
        level
    )
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// Everyone registered, and those who take part.
pub async fn people(connection: &mut PgConnection) -> Answer<(i64, i64)> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "registered!", count(*) FILTER (WHERE participant) AS "participants!"
           FROM users WHERE id > 0"#
    )
    .fetch_one(connection)
    .await?;
    Ok((row.registered, row.participants))
}

/// One seat with who sits on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The seat's id.
    pub id: i64,
    /// Level and number of its tree.
    pub level: i32,
    /// Number of its tree.
    pub tree: i32,
    /// Breadth-first index, from 1.
    pub index: i64,
    /// Who sits there.
    pub user: i64,
    /// Their wallet.
    pub wallet: Address,
    /// `left`, `right` or `root`.
    pub position: String,
    /// Depth in the tree.
    pub layer: i32,
    /// Whether the left child is seated.
    pub left: bool,
    /// Whether the right child is seated.
    pub right: bool,
    /// `active` or `completed`.
    pub status: String,
    /// What it was bought at.
    pub price: Amount,
    /// Placed by a directive.
    pub manual: bool,
    /// The entry of the history that brought it.
    pub seq: i64,
    /// The entry that completed its board.
    pub completed_seq: Option<i64>,
}

/// Which seats to read.
#[derive(Clone, Copy, Debug)]
pub struct Seats {
    /// Only this user's.
    pub user: Option<i64>,
    /// Only this tree's, as `pools.id`.
    pub pool: Option<i64>,
    /// Only seats with an id above this one.
    pub after: i64,
    /// At most so many.
    pub limit: i64,
}

/// Seats with their neighbours, by level, tree and index.
pub async fn nodes(connection: &mut PgConnection, which: Seats) -> Answer<Vec<Node>> {
    let rows = sqlx::query!(
        r#"SELECT n.id AS "id!", p.level AS "level!", p.tree_number AS "tree_number!",
                  n.queue_index AS "queue_index!", n.user_id AS "user_id!", u.wallet_address AS "wallet_address!",
                  n.position::text AS "position!", n.layer AS "layer!",
                  n.left_child_id IS NOT NULL AS "has_left!", n.right_child_id IS NOT NULL AS "has_right!",
                  n.status::text AS "status!", s.price AS "price!: Amount", s.manual AS "manual!", s.seq AS "seq!",
                  s.completed_seq AS "completed_seq?"
           FROM pool_nodes n
           JOIN seats s ON s.id = n.id
           JOIN pools p ON p.id = n.pool_id
           JOIN users u ON u.id = n.user_id
           WHERE ($1::bigint IS NULL OR n.user_id = $1) AND ($2::bigint IS NULL OR n.pool_id = $2)
             AND n.id > $3
           ORDER BY n.id LIMIT $4"#,
        which.user,
        which.pool,
        which.after,
        which.limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Node {
                id: row.id,
                level: row.level,
                tree: row.tree_number,
                index: row.queue_index,
                user: row.user_id,
                wallet: wallet(&row.wallet_address)?,
                position: row.position,
                layer: row.layer,
                left: row.has_left,
                right: row.has_right,
                status: row.status,
                price: row.price,
                manual: row.manual,
                seq: row.seq,
                completed_seq: row.completed_seq,
            })
        })
        .collect()
}

/// A seat that can still take children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Breadth-first index.
    pub index: i64,
    /// Who sits there.
    pub user: i64,
    /// Their wallet.
    pub wallet: Address,
    /// Places below it that are free.
    pub free: i32,
}

/// The seats of a tree that take the next newcomers, in their order. Indexes end at `capacity`.
pub async fn waiting(
    connection: &mut PgConnection,
    pool: i64,
    capacity: i64,
    limit: i64,
) -> Answer<Vec<Waiting>> {
    let rows = sqlx::query!(
        r#"SELECT n.queue_index AS "index!", n.user_id AS "user!",
                  u.wallet_address AS "wallet_address!",
                  ((n.left_child_id IS NULL AND 2 * n.queue_index <= $2)::int
                   + (n.right_child_id IS NULL AND 2 * n.queue_index + 1 <= $2)::int) AS "free!"
           FROM pool_nodes n JOIN users u ON u.id = n.user_id
           WHERE n.pool_id = $1 AND 2 * n.queue_index <= $2
             AND n.queue_index >= (SELECT next_index / 2 FROM pools WHERE id = $1)
             AND (n.left_child_id IS NULL OR (n.right_child_id IS NULL AND 2 * n.queue_index + 1 <= $2))
           ORDER BY n.queue_index LIMIT $3"#,
        pool,
        capacity,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                index: row.index,
                user: row.user,
                wallet: wallet(&row.wallet_address)?,
                free: row.free,
            })
        })
        .collect()
}

/// Who sits on the board of a seat: the index and the user of each of its descendants that is taken.
pub async fn board(
    connection: &mut PgConnection,
    pool: i64,
    indexes: &[i64],
) -> Answer<Vec<(i64, i64, Address)>> {
    let rows = sqlx::query!(
        "SELECT s.queue_index, s.user_id, u.wallet_address
         FROM seats s JOIN users u ON u.id = s.user_id
         WHERE s.id = ANY(SELECT $1 * 4294967296 + unnest($2::bigint[]))",
        pool,
        indexes
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.queue_index, row.user_id, wallet(&row.wallet_address)?))).collect()
}

/// What is reserved for the next ticket of a seat.
pub async fn reserved(connection: &mut PgConnection, seats: &[i64]) -> Answer<Vec<(i64, Amount)>> {
    let rows = sqlx::query!(
        r#"SELECT seat_id AS "seat!", sum(amount) AS "amount!: Amount"
           FROM rewards WHERE state = 'reserved' AND seat_id = ANY($1) GROUP BY seat_id"#,
        seats
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.seat, row.amount)).collect())
}
