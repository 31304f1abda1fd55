//! The OpenAPI document, and a page that renders it without asking any other host.

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};

use crate::problem::ProblemBody;
use crate::state::App;

/// The page of `/docs`.
const PAGE: &str = include_str!("documents.html");
/// The name of the security scheme.
const BEARER: &str = "bearer";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Banyan",
        description = "The settlement backend of a membership programme whose money is held by a contract on BNB Smart Chain.\n\nAmounts are base-10 strings of wei with the currency beside them. Every answer about money says as of which finalized block it is true. Lists have cursors. Any POST but those of signing in (`/v1/auth/…`) takes an `Idempotency-Key`. Errors are RFC 9457 problems with a stable `type`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Signing in with a wallet (EIP-4361)"),
        (name = "users", description = "Participants, what is theirs, and paying in"),
        (name = "pool", description = "The pool's trees"),
        (name = "rewards", description = "What is not paid yet"),
        (name = "payouts", description = "Payout batches"),
        (name = "treasury", description = "Contract and books side by side"),
        (name = "monitoring", description = "Reconciliations and replays"),
        (name = "admin", description = "Accounts, the kill switch, directives, the log")
    ),
    components(schemas(ProblemBody))
)]
struct Frame;

/// The document without its routes.
pub fn frame() -> OpenApi {
    Frame::openapi()
}

/// Adds to every route what all have in common: the sign-in where it is needed, and problems.
pub fn complete(document: &mut OpenApi) {
    Completion.modify(document);
}

/// The document as it is committed and served.
pub fn openapi() -> OpenApi {
    super::documented().1
}

struct Completion;

impl Modify for Completion {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme(BEARER, scheme);
        let problem = ResponseBuilder::new()
            .description("A problem")
            .content(
                "application/problem+json",
                ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
            )
            .build();
        for (path, item) in &mut document.paths.paths {
            let (auth, pool) = (path.starts_with("/v1/auth/"), path.starts_with("/v1/pool/"));
            let operations = [(auth || pool, &mut item.get), (auth, &mut item.post)];
            for (open, operation) in operations {
                let Some(operation) = operation else { continue };
                operation.responses.responses.insert("default".to_owned(), problem.clone().into());
                if !open {
                    let none: [&str; 0] = [];
                    operation.security = Some(vec![SecurityRequirement::new(BEARER, none)]);
                }
            }
        }
    }
}

/// Serves the document and its page.
pub fn router() -> Router<App> {
    Router::new().route("/v1/openapi.json", get(document)).route("/docs", get(page))
}

/// The OpenAPI document as it is committed: indented JSON and a final newline.
pub fn openapi_document() -> String {
    let document = openapi().to_pretty_json().expect("an OpenAPI document is always JSON");
    document + "\n"
}

async fn document() -> impl IntoResponse {
    axum::Json(openapi())
}

async fn page() -> impl IntoResponse {
    let policy =
        "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(PAGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_document_is_that_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == openapi_document(),
            "crates/api/openapi.json is not what the code says: run `cargo xtask prepare`"
        );
    }

    #[test]
    fn the_document_is_openapi_3_1_and_knows_who_must_sign_in() {
        let document = serde_json::to_value(openapi()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert!(document["paths"]["/v1/auth/nonce"]["post"].get("security").is_none());
        assert!(document["paths"]["/v1/pool/summary"]["get"].get("security").is_none());
        assert!(document["paths"]["/v1/pool/manual-placement"]["post"].get("security").is_some());
        assert_eq!(document["paths"]["/v1/payouts"]["get"]["security"][0]["bearer"], serde_json::json!([]));
        let problem = &document["paths"]["/v1/users/register"]["post"]["responses"]["default"]["content"];
        assert_eq!(problem["application/problem+json"]["schema"]["$ref"], "#/components/schemas/Problem");
    }

    #[test]
    fn the_page_asks_no_other_host() {
        assert!(!PAGE.contains("://"), "the page must not name a host");
    }
}
