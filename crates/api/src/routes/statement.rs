//! A user's statement: what moved, why, and what was left after it.

use axum::Json;
use axum::extract::State;
use banyan_ledger::{Asked, Extract, store as ledger};
use serde::Deserialize;
use utoipa::IntoParams;

use super::people::Subject;
use crate::extract::{Page, Path, Query, asked, encode_cursor};
use crate::layers::identity::Caller;
use crate::problem::Answer;
use crate::proofs::{AccountProof, Proven};
use crate::state::App;
use crate::views::ledger::{AsOf, StandingProof, StatementLine, StatementView};
use crate::views::{CURRENCY, Finality, Hash, UserRef, Wei};

/// What of a statement is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatementQuery {
    /// The closing balance is as of this block, included; not together with `at`.
    pub block: Option<u64>,
    /// The closing balance is as of the last block at or before this time (RFC 3339); not together with `block`.
    #[param(example = "2026-01-31T23:59:59Z")]
    pub at: Option<String>,
    /// The opening balance is as of this block, included; lines begin after it.
    pub since: Option<u64>,
    /// How many lines at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// See a user's statement, as of any block or time
///
/// Every movement of what is the user's, their seats' reserves included, with its cause, the counter account and the
/// balance after it; and the proof of what the user has earned against the root on the contract.
#[utoipa::path(get, path = "/v1/users/{id}/statement", tag = "users",
    params(("id" = String, Path, description = "`me`, a user's number or wallet; 0 is the company"), StatementQuery),
    responses((status = 200, description = "A page, oldest first", body = StatementView)))]
pub async fn statement(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<StatementQuery>,
) -> Answer<Json<StatementView>> {
    let page = Page::<u64>::of(query.limit, query.cursor.as_deref())?;
    let until = asked(query.block, query.at.as_deref())?;
    let mut subject = Subject::find(&app, &caller, &id).await?;
    let person = subject.registered()?.clone();
    let connection = subject.books.connection();
    let to = ledger::moment(connection, until).await?;
    let from = match query.since {
        Some(block) => Some(ledger::moment(connection, Asked::Block(block)).await?),
        None => None,
    };
    let user = person.id.unsigned_abs();
    let extract = Extract { user, from, to, after: page.start.unwrap_or_default(), limit: page.limit };
    let told = ledger::statement(connection, &extract).await?;
    let proof = match app.proofs.of(connection, person.id).await? {
        Proven::Proof(proof) => Some(standing(proof)),
        Proven::NoRoot | Proven::Later(_) => None,
    };
    let last = told.lines.last().filter(|_| told.more);
    Ok(Json(StatementView {
        user: UserRef::from((person.id, person.wallet)),
        as_of: AsOf::new(to)?,
        opening: told.opening.into(),
        next: last.map(|line| encode_cursor(&line.number)),
        lines: told.lines.iter().map(StatementLine::new).collect::<Answer<_>>()?,
        closing: told.closing.into(),
        proof,
        currency: CURRENCY,
        finality: Finality::from(&subject.books.cursor),
    }))
}

fn standing(proof: AccountProof) -> StandingProof {
    let AccountProof { seq, root, cumulative, siblings } = proof;
    StandingProof {
        seq,
        root: Hash(root),
        cumulative: Wei(cumulative),
        proof: siblings.into_iter().map(Hash).collect(),
    }
}
