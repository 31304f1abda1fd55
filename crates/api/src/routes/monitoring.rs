//! Reconciliations: the latest, all of them, one with its accounts and rows, and one now. Replays of the raw logs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_reconciliation::{Blocks, Scope, rows_now};
use serde_json::json;
use uuid::Uuid;

use crate::extract::{Body, Page, PageQuery, Path, Query, reconciliation_id, replay_id};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::store::actions::{self, Action};
use crate::store::monitoring::{self as store, Filter, Reconciliation};
use crate::views::monitoring::{
    ComparedAccounts, DifferenceDetail, DifferenceView, ReconciliationView, Reconciliations, ReplayRequest,
    ReplayView, RowView,
};
use crate::views::{CURRENCY, Finality};

/// See the latest reconciliation
#[utoipa::path(get, path = "/v1/monitoring/reconciliation", tag = "monitoring",
    responses((status = 200, description = "What was compared, and what differs", body = ReconciliationView)))]
pub async fn latest(State(app): State<App>, caller: Caller) -> Answer<Json<ReconciliationView>> {
    caller.require(Role::READERS)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let filter = Filter { limit: 1, ..Filter::default() };
    let found = store::reconciliations(books.connection(), &filter).await?.pop().ok_or_else(|| {
        let detail = "no reconciliation has run yet: start one with POST /v1/monitoring/reconciliation";
        Problem::new(Kind::NotFound, detail)
    })?;
    dress(&mut books, found).await.map(Json)
}

/// Reconcile now
///
/// Compares chain and books at the block of the books, with every reward derived anew.
#[utoipa::path(post, path = "/v1/monitoring/reconciliation", tag = "monitoring",
    responses((status = 201, description = "What was compared, and what differs", body = ReconciliationView)))]
pub async fn run(State(app): State<App>, caller: Caller) -> Answer<(StatusCode, Json<ReconciliationView>)> {
    caller.require(Role::RECONCILERS)?;
    let result = app.reconciler.run(Scope::All, &caller.name()).await?;
    let action = Action {
        actor: &caller.name(),
        action: "reconciliation.run",
        subject: &format!("recon_{}", result.id),
        detail: json!({"block": result.block, "differences": result.differences.len()}),
    };
    actions::log_done(&app.pool, &action).await?;
    let mut books = Snapshot::open(&app.pool).await?;
    let found = find(&mut books, result.id).await?;
    dress(&mut books, found).await.map(|view| (StatusCode::CREATED, Json(view)))
}

/// List reconciliations
#[utoipa::path(get, path = "/v1/monitoring/reconciliations", tag = "monitoring", params(PageQuery),
    responses((status = 200, description = "A page, latest first", body = Reconciliations)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Reconciliations>> {
    caller.require(Role::READERS)?;
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let mut books = Snapshot::open(&app.pool).await?;
    let filter = Filter { id: None, below: page.start, limit: page.rows() };
    let mut rows = store::reconciliations(books.connection(), &filter).await?;
    let next = page.cut(&mut rows, |row| row.run);
    Ok(Json(Reconciliations { items: rows.into_iter().map(Into::into).collect(), next }))
}

/// See one reconciliation
#[utoipa::path(get, path = "/v1/monitoring/reconciliations/{id}", tag = "monitoring",
    params(("id" = String, Path, description = "`recon_…`")),
    responses((status = 200, description = "What was compared, and what differs", body = ReconciliationView)))]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<ReconciliationView>> {
    caller.require(Role::READERS)?;
    let id = reconciliation_id(&id)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let found = find(&mut books, id).await?;
    dress(&mut books, found).await.map(Json)
}

/// See what a reconciliation compared of each account
#[utoipa::path(get, path = "/v1/monitoring/reconciliations/{id}/accounts", tag = "monitoring",
    params(("id" = String, Path, description = "`recon_…`"), PageQuery),
    responses((status = 200, description = "A page, by number", body = ComparedAccounts)))]
pub async fn accounts(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<ComparedAccounts>> {
    caller.require(Role::READERS)?;
    let id = reconciliation_id(&id)?;
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let mut books = Snapshot::open(&app.pool).await?;
    let run = find(&mut books, id).await?.run;
    let after = page.start.unwrap_or(-1);
    let mut rows = store::accounts(books.connection(), run, after, page.rows()).await?;
    let next = page.cut(&mut rows, |row| row.user);
    Ok(Json(ComparedAccounts { items: rows.into_iter().map(Into::into).collect(), next, currency: CURRENCY }))
}

/// See a difference and the rows that it is about
///
/// The rows are those of now: what was mended since shows so.
#[utoipa::path(get, path = "/v1/monitoring/reconciliations/{id}/differences/{ordinal}", tag = "monitoring",
    params(("id" = String, Path, description = "`recon_…`"),
        ("ordinal" = String, Path, description = "The difference's number in the run, from 0")),
    responses((status = 200, description = "The difference and its rows", body = DifferenceDetail)))]
pub async fn difference(
    State(app): State<App>,
    caller: Caller,
    Path((id, ordinal)): Path<(String, String)>,
) -> Answer<Json<DifferenceDetail>> {
    caller.require(Role::READERS)?;
    let id = reconciliation_id(&id)?;
    let mut books = Snapshot::open(&app.pool).await?;
    find(&mut books, id).await?;
    let all = store::differences(books.connection(), id).await?;
    let found = all.into_iter().find(|it| it.ordinal.to_string() == ordinal).ok_or_else(|| {
        let detail = "expected the `ordinal` of one of the differences of this reconciliation";
        Problem::field(Kind::UnknownReconciliation, "ordinal", detail)
    })?;
    let mut rows = Vec::new();
    for row in found.evidence.as_array().into_iter().flatten() {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        rows.extend(rows_now(books.connection(), text("table"), text("id")).await?);
    }
    Ok(Json(DifferenceDetail {
        difference: DifferenceView::from(found),
        rows: rows.into_iter().map(RowView::from).collect(),
        finality: Finality::from(&books.cursor),
    }))
}

/// Replay the raw logs
///
/// Derives everything anew from the genesis on into an empty schema, and compares what came from these blocks row by row
/// with the live tables. It takes a while: ask for the id until it is done. One at a time.
#[utoipa::path(post, path = "/v1/monitoring/replay-events", tag = "monitoring", request_body = ReplayRequest,
    responses((status = 202, description = "The replay, under way", body = ReplayView)))]
pub async fn start_replay(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<ReplayRequest>,
) -> Answer<(StatusCode, Json<ReplayView>)> {
    caller.require(Role::REPLAYERS)?;
    let blocks = Blocks { from: request.from_block, to: request.to_block };
    let running = app.replayer.start(blocks, &caller.name()).await?;
    let id = running.id;
    let action = Action {
        actor: &caller.name(),
        action: "replay.start",
        subject: &format!("replay_{id}"),
        detail: json!({"fromBlock": blocks.from, "toBlock": blocks.to}),
    };
    actions::log_done(&app.pool, &action).await?;
    let view = replay_view(&app, id).await?;
    // Its end is noted and logged by the replay itself.
    tokio::spawn(running.finish());
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// See a replay
#[utoipa::path(get, path = "/v1/monitoring/replay-events/{id}", tag = "monitoring",
    params(("id" = String, Path, description = "`replay_…`")),
    responses((status = 200, description = "How far it is, and what it found", body = ReplayView)))]
pub async fn replay(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<ReplayView>> {
    caller.require(Role::READERS)?;
    replay_view(&app, replay_id(&id)?).await.map(Json)
}

async fn replay_view(app: &App, id: Uuid) -> Answer<ReplayView> {
    let mut books = Snapshot::open(&app.pool).await?;
    let found = store::replay(books.connection(), id).await?.ok_or_else(|| {
        Problem::new(
            Kind::UnknownReplay,
            "expected the id of a replay: POST /v1/monitoring/replay-events gives it",
        )
    })?;
    let differences = store::row_differences(books.connection(), id).await?;
    ReplayView::new(found, differences)
}

async fn find(books: &mut Snapshot, id: Uuid) -> Answer<Reconciliation> {
    let filter = Filter { id: Some(id), below: None, limit: 1 };
    store::reconciliations(books.connection(), &filter).await?.pop().ok_or_else(|| {
        let detail = "expected the id of a reconciliation: GET /v1/monitoring/reconciliations lists them";
        Problem::new(Kind::UnknownReconciliation, detail)
    })
}

async fn dress(books: &mut Snapshot, found: Reconciliation) -> Answer<ReconciliationView> {
    let differences = store::differences(books.connection(), found.id).await?;
    ReconciliationView::new(found, differences, Finality::from(&books.cursor))
}
