//! Every route of the API. Handlers are thin: they check who asks and what, call one thing below, and dress the answer.

mod admin;
mod auth;
mod config;
mod directives;
mod documents;
mod explanation;
mod history;
mod ledger;
mod monitoring;
mod payouts;
mod people;
mod placement;
mod pool;
mod proof;
mod register;
mod retopup;
mod rewards;
mod statement;
mod treasury;
mod tree;
mod withdraw;

pub use documents::openapi_document;

use axum::Router;
use axum::http::{Method, Uri};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::{Kind, Problem};
use crate::state::App;

/// All routes, and the document that describes them.
pub fn documented() -> (Router<App>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(documents::frame())
        .routes(routes!(auth::nonce))
        .routes(routes!(auth::wallet))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(register::register))
        .routes(routes!(register::confirm))
        .routes(routes!(withdraw::withdraw))
        .routes(routes!(people::profile))
        .routes(routes!(history::history))
        .routes(routes!(people::referrals))
        .routes(routes!(tree::tree))
        .routes(routes!(proof::proof))
        .routes(routes!(statement::statement))
        .routes(routes!(retopup::retopup))
        .routes(routes!(pool::summary))
        .routes(routes!(pool::queue))
        .routes(routes!(pool::nodes))
        .routes(routes!(placement::place))
        .routes(routes!(rewards::pending))
        .routes(routes!(explanation::explanation))
        .routes(routes!(payouts::list))
        .routes(routes!(payouts::build))
        .routes(routes!(payouts::get))
        .routes(routes!(payouts::sign))
        .routes(routes!(payouts::submit))
        .routes(routes!(payouts::retry))
        .routes(routes!(treasury::summary))
        .routes(routes!(ledger::trial_balance))
        .routes(routes!(ledger::account))
        .routes(routes!(monitoring::latest, monitoring::run))
        .routes(routes!(monitoring::list))
        .routes(routes!(monitoring::get))
        .routes(routes!(monitoring::accounts))
        .routes(routes!(monitoring::difference))
        .routes(routes!(monitoring::start_replay))
        .routes(routes!(monitoring::replay))
        .routes(routes!(admin::freeze))
        .routes(routes!(admin::unfreeze))
        .routes(routes!(admin::kill_switch, admin::set_kill_switch))
        .routes(routes!(config::prepare))
        .routes(routes!(directives::list, directives::prepare))
        .routes(routes!(admin::logs))
        .split_for_parts();
    documents::complete(&mut document);
    let router =
        router.merge(documents::router()).fallback(not_found).method_not_allowed_fallback(method_not_allowed);
    (router, document)
}

async fn not_found(uri: Uri) -> Problem {
    let detail = format!("expected one of the paths of /v1/openapi.json, got {}", uri.path());
    Problem::new(Kind::NotFound, detail)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not take {method}: the header Allow says what it takes", uri.path());
    Problem::new(Kind::MethodNotAllowed, detail)
}
