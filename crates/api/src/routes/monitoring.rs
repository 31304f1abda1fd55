//! Reconciliations: the latest, and one now.

use axum::Json;
use axum::extract::State;

use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::store::payouts as store;
use crate::views::Finality;
use crate::views::treasury::ReconciliationView;

/// See the latest reconciliation
#[utoipa::path(get, path = "/v1/monitoring/reconciliation", tag = "monitoring",
    responses((status = 200, description = "What was compared, and what differs", body = ReconciliationView)))]
pub async fn latest(State(app): State<App>, caller: Caller) -> Answer<Json<ReconciliationView>> {
    caller.require(Role::READERS)?;
    read_latest(&app).await.map(Json)
}

async fn read_latest(app: &App) -> Answer<ReconciliationView> {
    let mut books = Snapshot::open(&app.pool).await?;
    let found = store::latest_reconciliation(books.connection()).await?.ok_or_else(|| {
        let detail = "no reconciliation has run yet: start one with POST /v1/monitoring/reconciliation";
        Problem::new(Kind::NotFound, detail)
    })?;
    let differences = store::differences(books.connection(), found.id).await?;
    Ok(ReconciliationView::new(found, differences, Finality::from(&books.cursor)))
}
