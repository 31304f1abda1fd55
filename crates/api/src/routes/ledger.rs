//! The books as of any block or time, for those who watch over them.

use axum::Json;
use axum::extract::State;
use banyan_ledger::{Account, AccountKind, Source, store as ledger};

use crate::extract::{AsOfQuery, Path, Query};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::views::ledger::{AccountDifference, AccountView, AsOf, TrialBalanceView};
use crate::views::{CURRENCY, Finality, Wei};

/// Accounts that differ are named up to this many.
const NAMED: u32 = 100;

/// See all accounts by kind, as of any block or time
///
/// Worked out of the journal, and again out of entries, payments and batches: what differs is named.
#[utoipa::path(get, path = "/v1/ledger/trial-balance", tag = "treasury", params(AsOfQuery),
    responses((status = 200, description = "The trial balance", body = TrialBalanceView)))]
pub async fn trial_balance(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AsOfQuery>,
) -> Answer<Json<TrialBalanceView>> {
    caller.require(Role::READERS)?;
    let asked = query.asked()?;
    let mut books = Snapshot::open(&app.pool).await?;
    let moment = ledger::moment(books.connection(), asked).await?;
    let totals = ledger::totals_at(books.connection(), Source::Journal, moment).await?;
    let differences = ledger::differences_at(books.connection(), moment, NAMED).await?;
    let differences = differences.into_iter().map(|it| AccountDifference {
        account: it.account.to_string(),
        journal: Wei(it.posted),
        projections: Wei(it.projected),
    });
    Ok(Json(TrialBalanceView {
        as_of: AsOf::new(moment)?,
        balanced: totals.balanced(),
        journal: totals.into(),
        differences: differences.collect(),
        currency: CURRENCY,
        finality: Finality::from(&books.cursor),
    }))
}

/// See one account's balance, as of any block or time
///
/// `kind` is funds, payable, reserved, in_batch, owed, suspense or excess; `owner` is a user's number (a seat's for
/// reserved), 0 for the company and for what nobody owns.
#[utoipa::path(get, path = "/v1/ledger/accounts/{kind}/{owner}", tag = "treasury",
    params(("kind" = String, Path, description = "The kind of account", example = "payable"),
           ("owner" = u64, Path, description = "Its owner", example = 7), AsOfQuery),
    responses((status = 200, description = "The balance", body = AccountView)))]
pub async fn account(
    State(app): State<App>,
    caller: Caller,
    Path((kind, owner)): Path<(String, String)>,
    Query(query): Query<AsOfQuery>,
) -> Answer<Json<AccountView>> {
    caller.require(Role::READERS)?;
    let (account, asked) = (named(&kind, &owner)?, query.asked()?);
    let mut books = Snapshot::open(&app.pool).await?;
    let moment = ledger::moment(books.connection(), asked).await?;
    let balance = ledger::balance_at(books.connection(), Source::Journal, account, moment).await?;
    Ok(Json(AccountView {
        account: account.to_string(),
        as_of: AsOf::new(moment)?,
        balance: Wei(balance),
        currency: CURRENCY,
        finality: Finality::from(&books.cursor),
    }))
}

fn named(kind: &str, owner: &str) -> Answer<Account> {
    let known = AccountKind::from_name(kind);
    let number = owner.parse().ok().filter(|owner: &u64| i64::try_from(*owner).is_ok());
    known.zip(number).map(|(kind, owner)| Account { kind, owner }).ok_or_else(|| {
        let kinds = AccountKind::ALL.map(AccountKind::name).join(", ");
        let got: String = format!("{kind}/{owner}").chars().take(80).collect();
        Problem::new(Kind::NotFound, format!("expected one of {kinds} and an owner's number, got {got}"))
    })
}
