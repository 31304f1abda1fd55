//! Paying again: a permission to pay, signed for one registered wallet.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_signer::protocol;

use super::register::own_registration;
use crate::extract::{Body, Path, in_force_amount, user_key};
use crate::intake::{self, Preparation};
use crate::layers::identity::Caller;
use crate::layers::rate_limit;
use crate::permit::Wanted;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::people::UserKey;
use crate::views::intake::{Payload, RetopupRequest};

/// Get a signed permission to pay again
///
/// Only for oneself. Send `call` from the caller's own wallet before `expiresAt`. Asked again for the same, the API gives
/// the same payload while it can still be used for some minutes.
#[utoipa::path(post, path = "/v1/users/{id}/retopup", tag = "users", request_body = RetopupRequest,
    params(("id" = String, Path, description = "`me`, or the caller's own number or wallet")),
    responses((status = 201, description = "Send `call` with the wallet", body = Payload)))]
pub async fn retopup(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(request): Body<RetopupRequest>,
) -> Answer<(StatusCode, Json<Payload>)> {
    rate_limit::intake(&app, caller.wallet).await?;
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
    let wanted = Wanted::Retopup(protocol::RetopupRequest { user, amount, plan: hash });
    let asked = Preparation { wanted, user: Some(person.id), plan, quote: None, finality };
    let payload = intake::prepare(&app, asked).await?;
    Ok((StatusCode::CREATED, Json(payload)))
}

fn not_for_others() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "expected `me`, got another user: a wallet can pay for itself only, the contract sees to it",
    )
}
