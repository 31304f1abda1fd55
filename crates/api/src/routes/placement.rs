//! A seat by hand, prepared for the programme Safe.

use axum::Json;
use axum::extract::State;
use banyan_engine::UserId;
use banyan_entitlement::{ContractPlan, Decision, Directive};
use banyan_types::{Address, Amount};

use crate::decisions::{Asked, Standing, place_warnings, prepare};
use crate::extract::{Body, account, in_force_amount};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::people::UserKey;
use crate::views::directives::{PlacementRequest, Prepared};

/// Prepare a seat by hand
///
/// Checked and tried on a copy of the machine; nothing changes until the programme Safe has sent the transaction. It brings
/// the seat's price, which goes out as for any seat, with the participant as its source.
#[utoipa::path(post, path = "/v1/pool/manual-placement", tag = "pool", request_body = PlacementRequest,
    responses((status = 200, description = "Sign and send `transactions`", body = Prepared)))]
pub async fn place(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<PlacementRequest>,
) -> Answer<Json<Prepared>> {
    caller.require(Role::PLACERS)?;
    let key = account(&request.user)?;
    let standing = Standing::now(&app).await?;
    let user = wallet(&standing, key)?;
    let price = price(&standing, request.level)?;
    in_force_amount(request.amount.as_ref(), price)?;
    let PlacementRequest { level, tree, index, .. } = request;
    let decision = Decision { directive: Directive::Place { user, level, tree, index }, amount: price };
    let warnings = place_warnings(&standing, level, index);
    let asked = Asked { standing, decision, plan: None, caller: &caller, warnings };
    prepare(&app, asked).await.map(Json)
}

/// The wallet that a directive names; whether it takes part is the machine's to say.
pub fn wallet(standing: &Standing, key: UserKey) -> Answer<Address> {
    match key {
        UserKey::Wallet(wallet) => Ok(wallet),
        UserKey::Id(id) => {
            let known = u32::try_from(id).ok().and_then(|id| standing.entitlements.address(UserId(id)));
            known.ok_or_else(|| {
                let detail = format!("expected the number of a participant, got {id}, which nobody has");
                Problem::field(Kind::NotAParticipant, "user", detail)
            })
        }
    }
}

/// What a seat of the level costs under the plan that judges.
fn price(standing: &Standing, level: u64) -> Answer<Amount> {
    let plan = standing.entitlements.plan();
    let ticket = u32::try_from(level).ok().and_then(|level| plan?.ticket(level));
    ticket.map(|ticket| ticket.price).ok_or_else(|| {
        let levels = plan.map(ContractPlan::pool).map_or(0, |pool| pool.levels);
        let detail = format!("expected a level of 1 to {levels}, which the plan has, got {level}");
        Problem::field(Kind::NoSuchSeat, "level", detail)
    })
}
