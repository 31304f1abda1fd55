//! Reconciliations: the latest, and one now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_reconciliation::Scope;
use serde_json::json;

use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::store::actions::{self, Action};
use crate::store::payouts::{self as store, Reconciliation};
use crate::views::Finality;
use crate::views::treasury::ReconciliationView;

/// See the latest reconciliation
#[utoipa::path(get, path = "/v1/monitoring/reconciliation", tag = "monitoring",
    responses((status = 200, description = "What was compared, and what differs", body = ReconciliationView)))]
pub async fn latest(State(app): State<App>, caller: Caller) -> Answer<Json<ReconciliationView>> {
    caller.require(Role::READERS)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let found = store::reconciliation(books.connection(), None).await?.ok_or_else(|| {
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
    let found = store::reconciliation(books.connection(), Some(result.id)).await?;
    let found = found.ok_or_else(|| Problem::internal("a stored reconciliation is not found again"))?;
    dress(&mut books, found).await.map(|view| (StatusCode::CREATED, Json(view)))
}

async fn dress(books: &mut Snapshot, found: Reconciliation) -> Answer<ReconciliationView> {
    let differences = store::differences(books.connection(), found.id).await?;
    ReconciliationView::new(found, differences, Finality::from(&books.cursor))
}
