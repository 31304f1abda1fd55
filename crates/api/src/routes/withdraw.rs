//! Asking to be paid.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_ledger::store as ledger;

use super::register::own_registration;
use crate::extract::Body;
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::intake as store;
use crate::views::intake::{WithdrawRequest, Withdrawal};
use crate::views::{CURRENCY, Wei};

/// Ask to be paid all that is payable
///
/// The next batch takes the account whatever the smallest payout is. While a request is open, asking again returns it.
#[utoipa::path(post, path = "/v1/users/withdraw", tag = "users", request_body = WithdrawRequest,
    responses((status = 202, description = "Queued", body = Withdrawal),
        (status = 200, description = "An earlier request is still open", body = Withdrawal)))]
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Body(WithdrawRequest {}): Body<WithdrawRequest>,
) -> Answer<(StatusCode, Json<Withdrawal>)> {
    let mut books = Snapshot::open(&app.pool).await?;
    let person = own_registration(&mut books, caller.wallet).await?;
    let number = u64::try_from(person.id).map_err(Problem::internal)?;
    let payable = ledger::balances(books.connection(), number).await?.payable;
    if !payable.is_positive() {
        let detail =
            "expected something payable, got 0 wei: what is reserved or in a batch cannot be asked for";
        return Err(Problem::new(Kind::NothingPayable, detail));
    }
    let finality = books.close();
    let request =
        store::request_withdrawal(&app.pool, person.id, caller.wallet, &payable.to_string()).await?;
    let status = if request.fresh { StatusCode::ACCEPTED } else { StatusCode::OK };
    let answer = Withdrawal {
        request_id: format!("txn_{}", request.id),
        status: request.status,
        payable: Wei(payable),
        currency: CURRENCY,
        finality,
    };
    Ok((status, Json(answer)))
}
