//! Paying again: a permission to pay, signed for one registered wallet.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use banyan_chain::contract;
use banyan_chain::eip712::Retopup;
use banyan_signer::protocol;

use super::register::own_registration;
use crate::extract::{Body, in_force_amount, user_key};
use crate::intake::{self, Prepared};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::intake::Action;
use crate::store::people::UserKey;
use crate::views::intake::{Payload, RetopupRequest};

/// Get a signed permission to pay again
///
/// Only for oneself. Send `call` from the caller's own wallet before `expiresAt`.
#[utoipa::path(post, path = "/v1/users/{id}/retopup", tag = "users", request_body = RetopupRequest,
    params(("id" = String, Path, description = "`me`, or the caller's own number or wallet")),
    responses((status = 201, description = "Send `call` with the wallet", body = Payload)))]
pub async fn retopup(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(request): Body<RetopupRequest>,
) -> Answer<(StatusCode, Json<Payload>)> {
    let key = user_key(&id, caller.wallet)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let (hash, plan) = app.plan_in_force(books.connection()).await?;
    in_force_amount(request.amount.as_ref(), plan.retopup_amount())?;
    if matches!(key, UserKey::Wallet(wallet) if wallet != caller.wallet) {
        return Err(not_for_others());
    }
    let person = own_registration(&mut books, caller.wallet).await?;
    if matches!(key, UserKey::Id(id) if id != person.id) {
        return Err(not_for_others());
    }
    let finality = books.close();
    let (user, amount) = (caller.wallet, plan.retopup_amount());
    let signed = app.signer.retopup(&protocol::RetopupRequest { user, amount, plan: hash }).await?;
    let payload = Retopup { user, amount, plan: hash, nonce: signed.nonce, deadline: signed.deadline };
    let calldata = contract::retopup(&payload, &signed.signature);
    let (action, number) = (Action::Retopup, Some(person.id));
    let prepared =
        Prepared { action, wallet: user, user: number, amount, plan: hash, signed, calldata, quote: None };
    let payload = intake::record(&app, prepared, plan, finality).await?;
    Ok((StatusCode::CREATED, Json(payload)))
}

fn not_for_others() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "expected `me`, got another user: a wallet can pay for itself only, the contract sees to it",
    )
}
