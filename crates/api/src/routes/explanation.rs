//! Why an entry of the contract's history brought somebody a reward, or nothing.

use axum::Json;
use axum::extract::State;
use banyan_engine::explain::Explanation;
use serde::Deserialize;
use utoipa::IntoParams;

use super::people::Subject;
use crate::explanations;
use crate::extract::{Path, Query};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::views::explanation::ExplanationView;

/// Whom to explain it to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExplanationQuery {
    /// `me` (without this parameter), a user's number or wallet; 0 is the company.
    user: Option<String>,
}

/// See why an event brought a user a reward, or nothing
///
/// `seq` is the event's number in the contract's history. The path up the tree, the facts and the arithmetic of every
/// reward, and the reason where there is none. Other people's are for support, operators and auditors. The first question
/// about a long history takes a while; if it takes too long, ask again.
#[utoipa::path(get, path = "/v1/events/{seq}/explanation", tag = "rewards",
    params(("seq" = i64, Path, description = "The event's number in the contract's history"), ExplanationQuery),
    responses((status = 200, description = "The explanation", body = ExplanationView)))]
pub async fn explanation(
    State(app): State<App>,
    caller: Caller,
    Path(seq): Path<String>,
    Query(query): Query<ExplanationQuery>,
) -> Answer<Json<ExplanationView>> {
    let subject = Subject::find(&app, &caller, query.user.as_deref().unwrap_or("me")).await?;
    subject.registered()?;
    let seq = booked(&seq, subject.books.cursor.seq)?;
    // The question may wait for its turn, and must hold no connection meanwhile.
    let (wallet, finality) = (subject.wallet, subject.books.close());
    let answer = explanations::explain(&app, seq, wallet, caller.wallet).await?;
    let answer = if caller.has(Role::READERS) { answer } else { own(answer, seq)? };
    Ok(Json(ExplanationView::new(answer, finality)))
}

/// What of an event a participant may read: nothing, if it has nothing to do with her.
fn own(answer: Explanation, seq: i64) -> Answer<Explanation> {
    answer.of_her_own().ok_or_else(|| {
        let detail = format!(
            "expected an event that brought the caller something or might have, got {seq}, which says nothing about her: other people's events are for support, operators and auditors"
        );
        Problem::field(Kind::NotFound, "seq", detail)
    })
}

/// The number of an entry that the books have.
fn booked(text: &str, last: u64) -> Answer<i64> {
    let got: String = text.chars().take(40).collect();
    let number = text.parse::<i64>().ok().filter(|seq| *seq >= 0).ok_or_else(|| {
        let detail = format!("expected an event's number in the contract's history, got {got:?}");
        Problem::field(Kind::InvalidPath, "seq", detail)
    })?;
    if number.unsigned_abs() <= last {
        return Ok(number);
    }
    let detail =
        format!("expected an event of the books, which have 0 to {last}, got {got}: wait until it is final");
    Err(Problem::field(Kind::NotFound, "seq", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_the_books_have_are_events() {
        assert_eq!((booked("0", 7).unwrap(), booked("7", 7).unwrap()), (0, 7));
        for (text, kind) in [
            ("8", Kind::NotFound),
            ("-1", Kind::InvalidPath),
            ("seven", Kind::InvalidPath),
            ("9223372036854775808", Kind::InvalidPath),
            ("", Kind::InvalidPath),
        ] {
            assert_eq!(booked(text, 7).unwrap_err().kind(), kind, "{text}");
        }
    }
}
