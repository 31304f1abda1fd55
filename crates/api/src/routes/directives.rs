//! The other decisions, prepared; and all that were taken.

use axum::Json;
use axum::extract::State;
use banyan_entitlement::{Decision, Directive};
use banyan_types::Amount;

use super::placement::wallet;
use crate::decisions::{Asked, Standing, prepare as prepare_decision};
use crate::extract::{Body, Page, PageQuery, Query, account, amount};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::{Snapshot, directives};
use crate::views::Finality;
use crate::views::directives::{DirectiveItem, DirectiveRequest, Directives, Prepared};

/// What the contract takes as data; the text of a grant comes behind three words.
const LONGEST_REASON: usize = 4096 - 96;

/// Prepare a grant, or the end of the programme
///
/// Checked and tried on a copy of the machine; nothing changes until the contract has the directive.
#[utoipa::path(post, path = "/v1/admin/directives", tag = "admin", request_body = DirectiveRequest,
    responses((status = 200, description = "Sign and send `transactions`", body = Prepared)))]
pub async fn prepare(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<DirectiveRequest>,
) -> Answer<Json<Prepared>> {
    caller.require(Role::DECIDERS)?;
    let (decision, standing, warnings) = match request {
        DirectiveRequest::Grant { user, amount: value, reason } => {
            let (key, amount) = (account(&user)?, amount("amount", &value)?);
            check_reason(&reason)?;
            let standing = Standing::now(&app).await?;
            let user = wallet(&standing, key)?;
            (Decision { directive: Directive::Grant { user, reason }, amount }, standing, vec![])
        }
        DirectiveRequest::WindUp {} => {
            let decision = Decision { directive: Directive::WindUp, amount: Amount::ZERO };
            let warning = "this cannot be undone: no payment enters any more, under no plan".to_owned();
            (decision, Standing::now(&app).await?, vec![warning])
        }
    };
    let asked = Asked { standing, decision, plan: None, caller: &caller, warnings };
    prepare_decision(&app, asked).await.map(Json)
}

fn check_reason(reason: &str) -> Answer<()> {
    if !reason.trim().is_empty() && reason.len().next_multiple_of(32) <= LONGEST_REASON {
        return Ok(());
    }
    let detail = format!(
        "expected a reason in words, of at most {LONGEST_REASON} bytes, got {} bytes: everybody reads it on the chain",
        reason.len()
    );
    Err(Problem::field(Kind::InvalidBody, "reason", detail))
}

/// List the directives in the books
///
/// Also those that had no effect, with the reason.
#[utoipa::path(get, path = "/v1/admin/directives", tag = "admin", params(PageQuery),
    responses((status = 200, description = "A page, newest first", body = Directives)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Directives>> {
    caller.require(Role::READERS)?;
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let mut books = Snapshot::open(&app.pool).await?;
    let below = page.start.unwrap_or(i64::MAX);
    let mut rows = directives::decided(books.connection(), below, page.rows()).await?;
    let next = page.cut(&mut rows, |row| row.seq);
    let items = rows.into_iter().map(DirectiveItem::from).collect();
    Ok(Json(Directives { items, next, finality: Finality::from(&books.cursor) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_what_the_contract_takes() {
        let longest = "x".repeat(LONGEST_REASON);
        let grant = Directive::Grant { user: banyan_types::COMPANY, reason: longest.clone() };
        assert_eq!(grant.encode().1.len(), 4096);
        assert!(check_reason(&longest).is_ok());
        assert!(check_reason(&(longest + "x")).is_err());
        assert!(check_reason(" ").is_err());
    }
}
