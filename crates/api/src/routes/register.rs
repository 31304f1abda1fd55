//! Registering: a permission to pay, signed for one wallet, with the seat that it would take now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_entitlement::ContractPlan;
use banyan_signer::protocol::RegistrationRequest;
use banyan_types::Address;

use super::people::not_registered;
use crate::extract::{Body, hash, in_force_amount, sponsor, transaction_id};
use crate::intake::{self, Preparation, QuotedSeat};
use crate::layers::identity::Caller;
use crate::layers::rate_limit;
use crate::permit::Wanted;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::intake::{self as store, Recorded};
use crate::store::people::{self, Person, UserKey};
use crate::store::pool;
use crate::views::Finality;
use crate::views::intake::{ConfirmRequest, Confirmation, Payload, RegisterRequest};

/// Get a signed permission to register
///
/// Nothing is reserved: the quote says which seat would be taken now. Send `call` from the caller's own wallet before
/// `expiresAt`. Asked again for the same, the API gives the same payload while it can still be used for some minutes.
#[utoipa::path(post, path = "/v1/users/register", tag = "users", request_body = RegisterRequest,
    responses((status = 201, description = "Send `call` with the wallet", body = Payload)))]
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<RegisterRequest>,
) -> Answer<(StatusCode, Json<Payload>)> {
    rate_limit::intake(&app, caller.wallet).await?;
    let named = sponsor(&request.sponsor)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let (hash, plan) = app.plan_in_force(books.connection()).await?;
    in_force_amount(request.amount.as_ref(), plan.entry())?;
    refuse_registered(&mut books, caller.wallet).await?;
    let sponsor = find_sponsor(&mut books, named, caller.wallet).await?;
    let quote = quote(&mut books, plan, &sponsor).await?;
    let finality = books.close();
    let (user, sponsor, amount) = (caller.wallet, sponsor.wallet, plan.entry());
    let wanted = Wanted::Register(RegistrationRequest { user, sponsor, amount, plan: hash });
    let asked = Preparation { wanted, user: None, plan, quote, finality };
    let payload = intake::prepare(&app, asked).await?;
    Ok((StatusCode::CREATED, Json(payload)))
}

async fn refuse_registered(books: &mut Snapshot, wallet: Address) -> Answer<()> {
    match people::find(books.connection(), UserKey::Wallet(wallet)).await? {
        None => Ok(()),
        Some(person) => Err(Problem::new(
            Kind::AlreadyRegistered,
            format!(
                "expected a wallet that is not registered, got {wallet}, which is user {}: to pay again use POST /v1/users/me/retopup",
                person.id
            ),
        )),
    }
}

async fn find_sponsor(books: &mut Snapshot, named: UserKey, caller: Address) -> Answer<Person> {
    if named == UserKey::Wallet(caller) {
        let detail =
            format!("expected another participant or `company`, got the caller's own wallet {caller}");
        return Err(Problem::field(Kind::SelfSponsor, "sponsor", detail));
    }
    let found = people::find(books.connection(), named).await?;
    found.filter(|person| person.participant || person.id == 0).ok_or_else(|| {
        let got = match named {
            UserKey::Id(id) => id.to_string(),
            UserKey::Wallet(wallet) => wallet.to_string(),
        };
        let detail = format!(
            "expected a participant or `company`, got {got}, who takes no part as of the finalized block {}: check the address, or wait if they have just registered",
            books.cursor.block
        );
        Problem::field(Kind::UnknownSponsor, "sponsor", detail)
    })
}

async fn quote(books: &mut Snapshot, plan: &ContractPlan, sponsor: &Person) -> Answer<Option<QuotedSeat>> {
    let newest = pool::newest_tree(books.connection(), 1).await?;
    Ok(intake::quote(plan, newest.as_ref(), sponsor.id, sponsor.referral_count))
}

/// Say that a payload was sent
///
/// An acknowledgement, for registrations and retopups: the books follow the chain by themselves.
#[utoipa::path(post, path = "/v1/users/register/confirm", tag = "users", request_body = ConfirmRequest,
    responses((status = 200, description = "Noted", body = Confirmation)))]
pub async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<ConfirmRequest>,
) -> Answer<Json<Confirmation>> {
    let id = transaction_id("transactionId", &request.transaction_id)?;
    let tx_hash = hash("txHash", &request.tx_hash)?;
    store::confirm(&app.pool, id, caller.wallet, tx_hash).await?;
    let found = store::find(&app.pool, id).await?.filter(|found| found.wallet == caller.wallet);
    let found = found.ok_or_else(|| {
        let detail = format!(
            "expected the `transactionId` of a payload prepared for {}, got {}",
            caller.wallet, request.transaction_id
        );
        Problem::field(Kind::UnknownTransaction, "transactionId", detail)
    })?;
    refuse_conflict(&found, &tx_hash.to_string())?;
    let books = Snapshot::open(&app.pool).await?;
    Ok(Json(Confirmation {
        transaction_id: request.transaction_id,
        action: found.action,
        status: found.status,
        tx_hash: found.tx_hash,
        finality: Finality::from(&books.cursor),
    }))
}

fn refuse_conflict(found: &Recorded, tx_hash: &str) -> Answer<()> {
    let open = matches!(found.status.as_str(), "submitted" | "confirmed");
    if open && found.tx_hash.as_deref() == Some(tx_hash) {
        return Ok(());
    }
    let detail = format!(
        "expected a payload that was not sent yet, got one that is {} with the transaction {}: if it was replaced, the books will follow the chain by themselves",
        found.status,
        found.tx_hash.as_deref().unwrap_or("none")
    );
    Err(Problem::field(Kind::TransactionConflict, "txHash", detail))
}

/// The caller's own registration, which further payments need.
pub async fn own_registration(books: &mut Snapshot, wallet: Address) -> Answer<Person> {
    let person = people::find(books.connection(), UserKey::Wallet(wallet)).await?;
    let person = person.ok_or_else(|| not_registered(wallet, books))?;
    if !person.participant {
        let detail = "expected a participant, but the plan refused this wallet's registration and its payment goes back";
        return Err(Problem::new(Kind::NotRegistered, detail));
    }
    if person.frozen || person.held {
        let detail = format!(
            "the account {wallet} is frozen: it goes on earning, but cannot pay in or be paid; ask support"
        );
        return Err(Problem::new(Kind::AccountFrozen, detail));
    }
    Ok(person)
}
