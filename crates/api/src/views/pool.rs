//! The pool's trees, as anybody may see them: all of it is on the chain.

use serde::Serialize;
use utoipa::ToSchema;

use super::{CURRENCY, Finality, UserRef, Wei};
use crate::store::pool::{Node, Tree, Waiting};

/// All levels of the pool.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolSummary {
    /// By level, from 1.
    pub levels: Vec<LevelView>,
    /// Wallets that the contract registered.
    pub registered_users: i64,
    /// Those who take part.
    pub participants: i64,
    /// As of when.
    pub finality: Finality,
}

/// One level.
#[derive(Serialize, ToSchema)]
pub struct LevelView {
    /// Pool level.
    pub level: u32,
    /// What a seat costs in all.
    pub ticket: Wei,
    /// What of it goes to the pool.
    pub price: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// Its trees by number.
    pub trees: Vec<TreeView>,
    /// Seats in all trees.
    pub seats: i64,
    /// Boards completed in all trees.
    pub completions: i64,
    /// Seats whose board is not complete.
    pub queue: i64,
}

/// One tree.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TreeView {
    /// Number within the level.
    pub tree: i32,
    /// `active`, or `completed` when it is full.
    pub status: String,
    /// Seats taken.
    pub seats: i64,
    /// Boards completed.
    pub completions: i64,
    /// The lowest free index.
    pub next_index: i64,
    /// Who sits at index 1.
    pub root_user_id: Option<i64>,
}

impl From<&Tree> for TreeView {
    fn from(tree: &Tree) -> TreeView {
        TreeView {
            tree: tree.tree,
            status: tree.status.clone(),
            seats: tree.seats,
            completions: tree.completions,
            next_index: tree.next_index,
            root_user_id: tree.root_user,
        }
    }
}

/// Who takes the next newcomers of a level.
#[derive(Serialize, ToSchema)]
pub struct Queue {
    /// Pool level.
    pub level: i32,
    /// Number of the newest tree.
    pub tree: i32,
    /// Seats with free places below, in the order in which these are filled.
    pub items: Vec<QueueItem>,
    /// The next seat; null when all trees are full.
    pub next: Option<NextSeat>,
    /// As of when.
    pub finality: Finality,
}

/// A seat with free places below.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueItem {
    /// Breadth-first index.
    pub index: i64,
    /// Who sits there.
    pub user: UserRef,
    /// Free places: 1 or 2.
    pub free_children: i32,
}

impl From<Waiting> for QueueItem {
    fn from(waiting: Waiting) -> QueueItem {
        QueueItem {
            index: waiting.index,
            user: UserRef::from((waiting.user, waiting.wallet)),
            free_children: waiting.free,
        }
    }
}

/// A free seat.
#[derive(Serialize, ToSchema)]
pub struct NextSeat {
    /// Number of the tree.
    pub tree: i32,
    /// Breadth-first index.
    pub index: i64,
    /// Index of the seat above.
    pub parent: Option<i64>,
}

/// A page of a tree's seats, breadth-first.
#[derive(Serialize, ToSchema)]
pub struct Nodes {
    /// Pool level.
    pub level: i32,
    /// Number of the tree.
    pub tree: i32,
    /// The seats.
    pub items: Vec<NodeView>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// As of when.
    pub finality: Finality,
}

/// One seat.
#[derive(Serialize, ToSchema)]
pub struct NodeView {
    /// Its number as a string.
    pub id: String,
    /// Breadth-first index.
    pub index: i64,
    /// Who sits there.
    pub user: UserRef,
    /// Index of the seat above.
    pub parent: Option<i64>,
    /// `root`, `left` or `right`.
    pub position: String,
    /// Depth in the tree; the root's is 0.
    pub layer: i32,
    /// Index of the left seat below, if it is taken.
    pub left: Option<i64>,
    /// Index of the right seat below, if it is taken.
    pub right: Option<i64>,
    /// `active` or `completed`.
    pub status: String,
    /// What it was bought at.
    pub price: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// Whether a directive placed it.
    pub manual: bool,
    /// The entry of the history that brought it.
    pub seq: i64,
}

impl From<Node> for NodeView {
    fn from(node: Node) -> NodeView {
        NodeView {
            id: node.id.to_string(),
            index: node.index,
            user: UserRef::from((node.user, node.wallet)),
            parent: (node.index > 1).then_some(node.index >> 1),
            position: node.position,
            layer: node.layer,
            left: node.left.then_some(node.index << 1),
            right: node.right.then_some((node.index << 1) | 1),
            status: node.status,
            price: Wei(node.price),
            currency: CURRENCY,
            manual: node.manual,
            seq: node.seq,
        }
    }
}
