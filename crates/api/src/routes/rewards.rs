//! What is not paid yet, for operators.

use axum::Json;
use axum::extract::State;
use banyan_types::Amount;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Page, Query, user_key};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::store::people;
use crate::store::rewards::{self, Filter, Pending};
use crate::views::rewards::{PendingReward, PendingRewards, PendingTotals, RewardView};
use crate::views::{CURRENCY, Finality, UserRef, Wei};

/// States of a reward that is not paid yet.
const PENDING: [&str; 3] = ["payable", "reserved", "batched"];
/// Every kind of reward.
const KINDS: [&str; 14] = [
    "DIRECT",
    "POOL_L1",
    "POOL_L2",
    "POOL_L3",
    "LEVEL",
    "BONUS",
    "GRANT",
    "REFUSED",
    "SEAT_REFUND",
    "COMPANY_FEE",
    "POOL_COMPANY",
    "POOL_BREAKAGE",
    "LEVEL_BREAKAGE",
    "DIRECTIVE",
];

/// Which rewards.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PendingQuery {
    /// Only this user's: `me`, a number or a wallet.
    user: Option<String>,
    /// Only of this kind, such as `POOL_L1`.
    r#type: Option<String>,
    /// Only in this state: `payable`, `reserved` or `batched`.
    state: Option<String>,
    /// How many at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List the rewards that are not paid yet
#[utoipa::path(get, path = "/v1/rewards/pending", tag = "rewards", params(PendingQuery),
    responses((status = 200, description = "A page, newest first", body = PendingRewards)))]
pub async fn pending(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PendingQuery>,
) -> Answer<Json<PendingRewards>> {
    caller.require(Role::READERS)?;
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let states = one_of("state", query.state, &PENDING)?
        .map_or_else(|| PENDING.map(str::to_owned).to_vec(), |one| vec![one]);
    let kind = one_of("type", query.r#type, &KINDS)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let user = match query.user {
        None => None,
        Some(text) => {
            let found = people::find(books.connection(), user_key(&text, caller.wallet)?).await?;
            let found = found.ok_or_else(|| {
                Problem::field(Kind::UnknownUser, "user", format!("expected a registered user, got {text}"))
            })?;
            Some(found.id)
        }
    };
    let filter = Filter { user, kind, states, below: page.start.unwrap_or(i64::MAX), limit: page.rows() };
    let mut rows = rewards::list(books.connection(), &filter).await?;
    let totals = totals(&rewards::pending(books.connection()).await?);
    let next = page.cut(&mut rows, |row| row.id);
    let items = rows
        .iter()
        .map(|row| PendingReward { user: UserRef::from(row.user), reward: RewardView::from(row) })
        .collect();
    let finality = Finality::from(&books.cursor);
    Ok(Json(PendingRewards { items, next, totals, currency: CURRENCY, finality }))
}

/// A parameter that must be one of a few words.
pub fn one_of(field: &str, given: Option<String>, words: &[&str]) -> Answer<Option<String>> {
    match given {
        Some(word) if !words.contains(&word.as_str()) => {
            let detail = format!("expected one of {}, got {word:?}", words.join(", "));
            Err(Problem::field(Kind::InvalidQuery, field, detail))
        }
        other => Ok(other),
    }
}

fn totals(pending: &[Pending]) -> PendingTotals {
    let of = |state: &str| {
        Wei(pending.iter().find(|one| one.state == state).map_or(Amount::ZERO, |one| one.amount))
    };
    PendingTotals {
        payable: of("payable"),
        reserved: of("reserved"),
        batched: of("batched"),
        count: pending.iter().map(|one| one.count).sum(),
    }
}
