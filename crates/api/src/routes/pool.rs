//! The pool's trees, for anybody: all of it is on the chain.

use axum::Json;
use axum::extract::State;
use banyan_entitlement::ContractPlan;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Page, PageQuery, Path, Query, level};
use crate::intake;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::pool::{self, Seats, Tree};
use crate::views::pool::{LevelView, NextSeat, NodeView, Nodes, PoolSummary, Queue, QueueItem, TreeView};
use crate::views::{CURRENCY, Finality, Wei};

/// See all levels of the pool
#[utoipa::path(get, path = "/v1/pool/summary", tag = "pool",
    responses((status = 200, description = "By level", body = PoolSummary)))]
pub async fn summary(State(app): State<App>) -> Answer<Json<PoolSummary>> {
    let mut books = Snapshot::open(&app.pool).await?;
    let plan = app.shape(books.connection()).await?;
    let trees = pool::trees(books.connection()).await?;
    let (registered_users, participants) = pool::people(books.connection()).await?;
    let levels = (1..=plan.pool().levels).filter_map(|number| level_view(plan, number, &trees)).collect();
    let finality = Finality::from(&books.cursor);
    Ok(Json(PoolSummary { levels, registered_users, participants, finality }))
}

fn level_view(plan: &ContractPlan, number: u32, trees: &[Tree]) -> Option<LevelView> {
    let ticket = plan.ticket(number)?;
    let own: Vec<&Tree> = trees.iter().filter(|tree| u32::try_from(tree.level) == Ok(number)).collect();
    let seats: i64 = own.iter().map(|tree| tree.seats).sum();
    let completions: i64 = own.iter().map(|tree| tree.completions).sum();
    Some(LevelView {
        level: number,
        ticket: Wei(ticket.whole),
        price: Wei(ticket.price),
        currency: CURRENCY,
        trees: own.into_iter().map(TreeView::from).collect(),
        seats,
        completions,
        queue: seats - completions,
    })
}

/// See who takes the next newcomers of a level
#[utoipa::path(get, path = "/v1/pool/{level}/queue", tag = "pool",
    params(("level" = u32, Path, description = "Pool level, from 1"), QueueQuery),
    responses((status = 200, description = "Seats with free places below, in their order", body = Queue)))]
pub async fn queue(
    State(app): State<App>,
    Path(number): Path<String>,
    Query(query): Query<QueueQuery>,
) -> Answer<Json<Queue>> {
    let page = Page::<()>::of(query.limit, None)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let plan = app.shape(books.connection()).await?;
    let number = level(&number, plan.pool().levels)?;
    let newest = pool::newest_tree(books.connection(), number).await?;
    let next = intake::next_seat(plan, number, newest.as_ref());
    let tree = newest.map_or(1, |tree| tree.tree);
    let limit = i64::try_from(page.limit).map_err(Problem::internal)?;
    // Twice an index must stay within 64 bits.
    let capacity = intake::capacity(plan).min(i64::from(u32::MAX));
    let waiting = pool::waiting(books.connection(), pool_id(number, tree), capacity, limit).await?;
    Ok(Json(Queue {
        level: number,
        tree,
        items: waiting.into_iter().map(QueueItem::from).collect(),
        next: next.map(|seat| NextSeat { tree: seat.tree, index: seat.index, parent: seat.parent }),
        finality: Finality::from(&books.cursor),
    }))
}

/// How much of a queue.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct QueueQuery {
    /// How many seats at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Which page of which tree.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NodesQuery {
    /// Number of the tree; the newest by default.
    #[param(minimum = 1)]
    tree: Option<i32>,
    /// How many seats at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List the seats of a tree
#[utoipa::path(get, path = "/v1/pool/{level}/nodes", tag = "pool",
    params(("level" = u32, Path, description = "Pool level, from 1"), NodesQuery),
    responses((status = 200, description = "A page, breadth-first", body = Nodes)))]
pub async fn nodes(
    State(app): State<App>,
    Path(number): Path<String>,
    Query(query): Query<NodesQuery>,
) -> Answer<Json<Nodes>> {
    let PageQuery { limit, cursor } = PageQuery { limit: query.limit, cursor: query.cursor };
    let page = Page::<i64>::of(limit, cursor.as_deref())?;
    let mut books = Snapshot::open(&app.pool).await?;
    let plan = app.shape(books.connection()).await?;
    let number = level(&number, plan.pool().levels)?;
    let tree = match query.tree {
        Some(tree) if u32::try_from(tree).is_ok_and(|tree| (1..=plan.pool().trees).contains(&tree)) => tree,
        Some(tree) => {
            let detail = format!("expected a tree of 1 to {}, got {tree}", plan.pool().trees);
            return Err(Problem::field(Kind::InvalidQuery, "tree", detail));
        }
        None => pool::newest_tree(books.connection(), number).await?.map_or(1, |tree| tree.tree),
    };
    let after = page.start.unwrap_or(0);
    let which = Seats { user: None, pool: Some(pool_id(number, tree)), after, limit: page.rows() };
    let mut rows = pool::nodes(books.connection(), which).await?;
    let next = page.cut(&mut rows, |row| row.id);
    let items = rows.into_iter().map(NodeView::from).collect();
    Ok(Json(Nodes { level: number, tree, items, next, finality: Finality::from(&books.cursor) }))
}

/// `pools.id` of a tree.
fn pool_id(level: i32, tree: i32) -> i64 {
    i64::from(level) * 1024 + i64::from(tree)
}
