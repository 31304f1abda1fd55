//! The proof with which anybody can push an account's own money to it.

use axum::Json;
use axum::extract::State;
use banyan_chain::contract;
use banyan_types::Amount;

use super::people::Subject;
use crate::extract::Path;
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::proofs::{AccountProof, Proven};
use crate::state::App;
use crate::store::people;
use crate::views::intake::Proof;
use crate::views::{CURRENCY, Call, Finality, Hash, Wallet, Wei};

/// Get the proof of what a user has earned
///
/// Against the root that stands on the contract. Send `call` from any wallet: the money goes to the account.
#[utoipa::path(get, path = "/v1/users/{id}/proof", tag = "users",
    params(("id" = String, Path, description = "`me`, a user's number or wallet; 0 is the company")),
    responses((status = 200, description = "The proof and the claim", body = Proof)))]
pub async fn proof(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer<Json<Proof>> {
    let mut subject = Subject::find(&app, &caller, &id).await?;
    let person = subject.registered()?.clone();
    let connection = subject.books.connection();
    let AccountProof { seq, root, cumulative, siblings } = match app.proofs.of(connection, person.id).await? {
        Proven::Proof(proof) => proof,
        Proven::NoRoot => {
            let detail = "expected a root on the contract, got none: the next batch publishes one";
            return Err(Problem::new(Kind::NoStandingRoot, detail));
        }
        Proven::Later(seq) => {
            let id = person.id;
            let detail = format!(
                "expected an account of the root at seq {seq}, got user {id}, who registered later: wait for the next root"
            );
            return Err(Problem::new(Kind::NoStandingRoot, detail));
        }
    };
    let paid = people::income(connection, person.id).await?.paid;
    let claimable = cumulative.checked_sub(paid).filter(|rest| rest.is_positive());
    let data = contract::claim(person.wallet, cumulative, siblings.clone());
    Ok(Json(Proof {
        account: Wallet(person.wallet),
        cumulative: Wei(cumulative),
        currency: CURRENCY,
        root: Hash(root),
        seq,
        proof: siblings.into_iter().map(Hash).collect(),
        paid: Wei(paid),
        claimable: Wei(claimable.unwrap_or_default()),
        call: Call {
            to: Wallet(app.domain.contract),
            data: data.to_string(),
            value: Wei(Amount::ZERO),
            chain_id: app.domain.chain_id,
            role: None,
        },
        finality: Finality::from(&subject.books.cursor),
    }))
}
