//! Payout batches, for operators: build, have signed, submit, retry, look at.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_settlement::{BatchDetail as Built, Filter as BuildFilter};
use banyan_types::Address;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::rewards::one_of;
use crate::extract::{BatchKey, Body, Page, Path, Query, amount, batch_key, user_key};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::actions::{self, Action};
use crate::store::payouts::{self as store, Batch, Filter};
use crate::store::{Snapshot, people};
use crate::views::Finality;
use crate::views::payouts::{AttemptView, BatchDetail, BatchView, Batches, BuildRequest, ItemView};

/// States of a batch.
const STATES: [&str; 9] =
    ["building", "signed", "queued", "broadcast", "included", "final", "settled", "expired", "abandoned"];

/// Which batches.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BatchesQuery {
    /// Only in this state.
    state: Option<String>,
    /// How many at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List payout batches
#[utoipa::path(get, path = "/v1/payouts", tag = "payouts", params(BatchesQuery),
    responses((status = 200, description = "A page, newest first", body = Batches)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<BatchesQuery>,
) -> Answer<Json<Batches>> {
    caller.require(Role::READERS)?;
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let state = one_of("state", query.state, &STATES)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let filter = Filter { state, below: page.start, limit: page.rows(), ..Filter::default() };
    let mut rows = store::list(books.connection(), &filter).await?;
    let next = page.cut(&mut rows, |row| row.number);
    let items = rows.iter().map(BatchView::from).collect();
    Ok(Json(Batches { items, next, finality: Finality::from(&books.cursor) }))
}

/// See a payout batch
#[utoipa::path(get, path = "/v1/payouts/{id}", tag = "payouts",
    params(("id" = String, Path, description = "`batch_…` or the batch's number")),
    responses((status = 200, description = "The batch with its accounts and attempts", body = BatchDetail)))]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<BatchDetail>> {
    caller.require(Role::READERS)?;
    detail(&app, batch_key(&id)?).await.map(Json)
}

/// Build a payout batch
///
/// Takes what is payable into a batch, by whole rewards. Frozen and held accounts, and those in an open batch, are left out.
#[utoipa::path(post, path = "/v1/payouts/build-batch", tag = "payouts", request_body = BuildRequest,
    responses((status = 201, description = "The batch, building", body = BatchDetail)))]
pub async fn build(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<BuildRequest>,
) -> Answer<(StatusCode, Json<BatchDetail>)> {
    caller.require(Role::PAYERS)?;
    let filter = BuildFilter {
        minimum: request.minimum.as_ref().map(|value| amount("minimum", value)).transpose()?,
        max_items: request.max_items.map(max_items).transpose()?,
        accounts: match request.accounts {
            None => None,
            Some(names) => Some(accounts(&app, caller.wallet, &names).await?),
        },
        publish_root: request.publish_root.unwrap_or(true),
    };
    let built = app.payouts.build_batch(&filter, &caller.name()).await?;
    finish(&app, &caller, "payout.build", &built).await.map(|batch| (StatusCode::CREATED, Json(batch)))
}

fn max_items(number: u32) -> Answer<usize> {
    if (1..=200).contains(&number) {
        return usize::try_from(number).map_err(Problem::internal);
    }
    let detail = format!("expected 1 to 200 accounts, which the contract takes, got {number}");
    Err(Problem::field(Kind::InvalidBody, "maxItems", detail))
}

async fn accounts(app: &App, caller: Address, names: &[String]) -> Answer<Vec<Address>> {
    let mut books = Snapshot::open(&app.pool).await?;
    let mut found = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let field = format!("accounts[{place}]");
        let key = user_key(if name == "company" { "0" } else { name }, caller).map_err(|_| {
            Problem::field(
                Kind::InvalidAddress,
                &field,
                format!("expected a wallet, a number or `company`, got {name:?}"),
            )
        })?;
        let person = people::find(books.connection(), key).await?.ok_or_else(|| {
            Problem::field(Kind::UnknownUser, &field, format!("expected a registered account, got {name}"))
        })?;
        found.push(person.wallet);
    }
    Ok(found)
}

/// Have a batch signed
///
/// The signer recomputes what everybody has earned from the chain, and refuses a batch that says more; then the batch is
/// abandoned.
#[utoipa::path(post, path = "/v1/payouts/{id}/sign", tag = "payouts",
    params(("id" = String, Path, description = "`batch_…` or the batch's number")),
    responses((status = 200, description = "The batch, signed", body = BatchDetail)))]
pub async fn sign(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<BatchDetail>> {
    caller.require(Role::PAYERS)?;
    let id = find(&app, batch_key(&id)?).await?;
    let signed = app.payouts.sign_batch(id).await?;
    finish(&app, &caller, "payout.sign", &signed).await.map(Json)
}

/// Submit a signed batch
///
/// The settlement process sends it and follows it to finality.
#[utoipa::path(post, path = "/v1/payouts/{id}/submit", tag = "payouts",
    params(("id" = String, Path, description = "`batch_…` or the batch's number")),
    responses((status = 202, description = "The batch, queued", body = BatchDetail)))]
pub async fn submit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<(StatusCode, Json<BatchDetail>)> {
    caller.require(Role::PAYERS)?;
    let id = find(&app, batch_key(&id)?).await?;
    let queued = app.payouts.queue_batch(id).await?;
    finish(&app, &caller, "payout.submit", &queued).await.map(|batch| (StatusCode::ACCEPTED, Json(batch)))
}

/// Retry a batch that did not get through
///
/// One that was never sent is signed again; the accounts of one that expired or was abandoned go into a new batch.
#[utoipa::path(post, path = "/v1/payouts/{id}/retry", tag = "payouts",
    params(("id" = String, Path, description = "`batch_…` or the batch's number")),
    responses((status = 200, description = "The batch, signed again", body = BatchDetail),
        (status = 201, description = "A new batch in its place", body = BatchDetail)))]
pub async fn retry(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<(StatusCode, Json<BatchDetail>)> {
    caller.require(Role::PAYERS)?;
    let id = find(&app, batch_key(&id)?).await?;
    let retried = app.payouts.retry_batch(id, &caller.name()).await?;
    let status = if retried.batch.id == id { StatusCode::OK } else { StatusCode::CREATED };
    finish(&app, &caller, "payout.retry", &retried).await.map(|batch| (status, Json(batch)))
}

/// Logs what was done and reads the batch back.
async fn finish(app: &App, caller: &Caller, action: &str, built: &Built) -> Answer<BatchDetail> {
    let batch = &built.batch;
    let subject = format!("batch_{}", batch.id);
    let log = json!({"number": batch.number, "items": built.items.len(), "maxTotal": batch.max_total});
    let action = Action { actor: &caller.name(), action, subject: &subject, detail: log };
    actions::log_done(&app.pool, &action).await?;
    detail(app, BatchKey::Id(batch.id)).await
}

async fn find(app: &App, key: BatchKey) -> Answer<Uuid> {
    let mut books = Snapshot::open(&app.pool).await?;
    read(&mut books, key).await.map(|batch| batch.id)
}

async fn read(books: &mut Snapshot, key: BatchKey) -> Answer<Batch> {
    let (id, number) = match key {
        BatchKey::Id(id) => (Some(id), None),
        BatchKey::Number(number) => (None, Some(number)),
    };
    let filter = Filter { id, number, limit: 1, ..Filter::default() };
    store::list(books.connection(), &filter).await?.pop().ok_or_else(|| {
        let detail = "expected the id or number of a batch: GET /v1/payouts lists them";
        Problem::new(Kind::UnknownBatch, detail)
    })
}

async fn detail(app: &App, key: BatchKey) -> Answer<BatchDetail> {
    let mut books = Snapshot::open(&app.pool).await?;
    let batch = read(&mut books, key).await?;
    let items = store::items(books.connection(), batch.id).await?;
    let attempts = store::attempts(books.connection(), batch.id).await?;
    Ok(BatchDetail {
        batch: BatchView::from(&batch),
        items: items.into_iter().map(ItemView::from).collect(),
        attempts: attempts.into_iter().map(AttemptView::from).collect(),
        finality: Finality::from(&books.cursor),
    })
}
