//! What operators do to accounts and to the whole, and the log of it.

use axum::Json;
use axum::extract::State;
use banyan_chain::contract;
use banyan_types::Amount;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::IntoParams;

use super::people::Subject;
use crate::extract::{Body, Page, Path, Query};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::actions::{self, Action};
use crate::views::admin::{Freeze, FreezeRequest, KillSwitch, KillSwitchRequest, LogLine, Logs};
use crate::views::{Call, Finality, UserRef, Wallet, Wei};

/// Hold an account back
///
/// Settlement stops paying it at once; `call` makes it binding on the contract.
#[utoipa::path(post, path = "/v1/admin/users/{id}/freeze", tag = "admin", request_body = FreezeRequest,
    params(("id" = String, Path, description = "A user's number or wallet")),
    responses((status = 200, description = "Held; send `call` with the guardian's wallet", body = Freeze)))]
pub async fn freeze(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(request): Body<FreezeRequest>,
) -> Answer<Json<Freeze>> {
    hold(&app, &caller, &id, true, request.reason).await.map(Json)
}

/// Let an account go
///
/// Settlement may pay it again, unless the contract has it frozen; `call` undoes that.
#[utoipa::path(post, path = "/v1/admin/users/{id}/unfreeze", tag = "admin", request_body = FreezeRequest,
    params(("id" = String, Path, description = "A user's number or wallet")),
    responses((status = 200, description = "Let go; send `call` with an admin's wallet", body = Freeze)))]
pub async fn unfreeze(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(request): Body<FreezeRequest>,
) -> Answer<Json<Freeze>> {
    hold(&app, &caller, &id, false, request.reason).await.map(Json)
}

async fn hold(app: &App, caller: &Caller, id: &str, held: bool, reason: Option<String>) -> Answer<Freeze> {
    caller.require(Role::GUARDS)?;
    let subject = Subject::find(app, caller, id).await?;
    let person = subject.registered()?.clone();
    if person.id == 0 {
        let detail = "expected a participant, got the company, which cannot be frozen";
        return Err(Problem::field(Kind::InvalidPath, "id", detail));
    }
    let finality = Finality::from(&subject.books.cursor);
    drop(subject);
    let wallet = person.wallet.to_string();
    let action = if held { "user.held" } else { "user.let_go" };
    let detail = json!({"user": person.id, "reason": reason});
    let action = Action { actor: &caller.name(), action, subject: &wallet, detail };
    actions::hold(&app.pool, person.id, held, &action).await?;
    let (data, role) = if held {
        (contract::freeze(person.wallet), "guardian")
    } else {
        (contract::unfreeze(person.wallet), "admin")
    };
    let call = Call {
        to: Wallet(app.domain.contract),
        data: data.to_string(),
        value: Wei(Amount::ZERO),
        chain_id: app.domain.chain_id,
        role: Some(role),
    };
    let user = UserRef::from((person.id, person.wallet));
    Ok(Freeze { user, held, frozen: person.frozen, call, finality })
}

/// See the kill switch
#[utoipa::path(get, path = "/v1/admin/kill-switch", tag = "admin",
    responses((status = 200, description = "The switch", body = KillSwitch)))]
pub async fn kill_switch(State(app): State<App>, caller: Caller) -> Answer<Json<KillSwitch>> {
    caller.require(Role::READERS)?;
    let value = actions::kill_switch(&app.pool).await?;
    let never = KillSwitch { on: false, reason: None, by: None, at: None };
    let switch = value.map_or(Ok(never), serde_json::from_value).map_err(Problem::internal)?;
    Ok(Json(switch))
}

/// Throw or release the kill switch
///
/// While it is on no batch is built, signed or submitted. The signer has a switch of its own, which this does not touch.
#[utoipa::path(post, path = "/v1/admin/kill-switch", tag = "admin", request_body = KillSwitchRequest,
    responses((status = 200, description = "The switch", body = KillSwitch)))]
pub async fn set_kill_switch(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<KillSwitchRequest>,
) -> Answer<Json<KillSwitch>> {
    caller.require(Role::GUARDS)?;
    if request.reason.trim().is_empty() {
        let detail = "expected a reason in words, got none: the log and whoever waits will ask";
        return Err(Problem::field(Kind::InvalidBody, "reason", detail));
    }
    let at = OffsetDateTime::now_utc().format(&Rfc3339).map_err(Problem::internal)?;
    let switch =
        KillSwitch { on: request.on, reason: Some(request.reason), by: Some(caller.name()), at: Some(at) };
    let value = serde_json::to_value(&switch).map_err(Problem::internal)?;
    let action = Action {
        actor: &caller.name(),
        action: if switch.on { "kill_switch.on" } else { "kill_switch.off" },
        subject: "payouts",
        detail: json!({"reason": switch.reason}),
    };
    actions::set_kill_switch(&app.pool, &value, &action).await?;
    tracing::warn!(alarm = "kill_switch", on = switch.on, by = caller.name(), "the kill switch was set");
    Ok(Json(switch))
}

/// Which lines of the log.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LogsQuery {
    /// Only of this wallet.
    actor: Option<String>,
    /// Only of this action, such as `user.held`.
    action: Option<String>,
    /// How many at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Read the log of actions
#[utoipa::path(get, path = "/v1/admin/logs", tag = "admin", params(LogsQuery),
    responses((status = 200, description = "A page, newest first", body = Logs)))]
pub async fn logs(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<LogsQuery>,
) -> Answer<Json<Logs>> {
    caller.require(Role::LOG_READERS)?;
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let below = page.start.unwrap_or(i64::MAX);
    let (actor, action) = (query.actor.as_deref(), query.action.as_deref());
    let mut rows = actions::logged(&app.pool, actor, action, below, page.rows()).await?;
    let next = page.cut(&mut rows, |row| row.id);
    Ok(Json(Logs { items: rows.into_iter().map(LogLine::from).collect(), next }))
}
