//! The contract's figures beside the books'.

use axum::Json;
use axum::extract::State;
use banyan_ledger::store as ledger;

use crate::layers::identity::Caller;
use crate::problem::{Answer, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::store::snapshot::Cursor;
use crate::views::treasury::{ContractFigures, LedgerFigures, Treasury};
use crate::views::{CURRENCY, Finality, Hash, Wallet, Wei};

/// See what the contract holds, beside what the books say
///
/// The contract is asked at the block of the books, by its hash.
#[utoipa::path(get, path = "/v1/treasury/summary", tag = "treasury",
    responses((status = 200, description = "Both sides", body = Treasury)))]
pub async fn summary(State(app): State<App>, caller: Caller) -> Answer<Json<Treasury>> {
    caller.require(Role::READERS)?;
    let mut books = Snapshot::open(&app.pool).await?;
    let totals = ledger::totals(books.connection()).await?;
    let cursor = books.cursor.clone();
    drop(books);
    let contract = figures(&app, &cursor).await?;
    let difference = contract
        .balance
        .0
        .checked_sub(totals.funds)
        .ok_or_else(|| Problem::internal("balance and funds differ by more than an amount can say"))?;
    Ok(Json(Treasury {
        contract,
        ledger: LedgerFigures::from(totals),
        difference: Wei(difference),
        balanced: difference.is_zero() && totals.balanced(),
        currency: CURRENCY,
        finality: Finality::from(&cursor),
    }))
}

async fn figures(app: &App, cursor: &Cursor) -> Answer<ContractFigures> {
    let (view, block) = (&app.view, cursor.block_hash);
    let totals = view.totals(block).await?;
    let seq = view.seq(block).await?;
    Ok(ContractFigures {
        block: cursor.block,
        block_hash: Hash(block),
        balance: Wei(view.balance(block).await?),
        total_in: Wei(totals.total_in),
        total_paid: Wei(totals.total_paid),
        total_owed: Wei(totals.total_owed),
        excess: Wei(totals.excess),
        plan: Hash(view.plan(block).await?.0),
        company: Wallet(view.company(block).await?),
        seq,
        head: Hash(view.head_at(block, seq).await?),
    })
}
