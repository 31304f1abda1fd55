//! Errors as clients see them: RFC 9457 `application/problem+json` with a stable `type`, a `detail` that says what was
//! expected, what came and what to do, and the fields concerned.
//!
//! A [`Problem`] may carry the cause for the log; the cause never reaches the answer.

mod kind;
mod mapping;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::layers::request_id;
pub use kind::Kind;

/// Where the `type` URIs of problems begin.
pub const TYPE_BASE: &str = "https://banyan.example/problems/";

/// The result of a handler.
pub type Answer<T> = Result<T, Problem>;

/// An error on its way to the client.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    cause: Option<String>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's name in the request.
    #[schema(example = "sponsor")]
    pub field: String,
    /// What was expected of it, and what came.
    pub detail: String,
}

/// The body of every error answer, `application/problem+json`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody {
    /// A stable URI for this kind of problem.
    #[serde(rename = "type")]
    #[schema(schema_with = types)]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status again.
    #[schema(example = 422)]
    status: u16,
    /// What was expected, what came, and what to do.
    detail: String,
    /// The fields concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The request's id, under which the log has the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// Every `type` that there is.
fn types() -> Schema {
    let uris = Kind::ALL.iter().map(|kind| format!("{TYPE_BASE}{}", kind.slug()));
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(uris)).build().into()
}

impl Problem {
    /// A problem of `kind`; `detail` says what was expected, what came, and what to do.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem { kind, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// A problem with one field of the request.
    pub fn field(kind: Kind, field: &str, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        Problem::new(kind, detail.clone()).and_field(field, detail)
    }

    /// A fault of ours; the cause is logged and not told.
    pub fn internal(cause: impl std::fmt::Display) -> Problem {
        let detail = "this is not the request's fault: try again, and report the request id if it stays";
        Problem { cause: Some(cause.to_string()), ..Problem::new(Kind::Internal, detail) }
    }

    /// Something that we need does not answer: worth another try in a second.
    pub fn unavailable(kind: Kind, what: &str, cause: impl std::fmt::Display) -> Problem {
        let detail = format!("{what} does not answer; nothing was changed: try again in a moment");
        Problem { cause: Some(cause.to_string()), retry_after: Some(1), ..Problem::new(kind, detail) }
    }

    /// Names one more field.
    #[must_use]
    pub fn and_field(mut self, field: &str, detail: impl Into<String>) -> Problem {
        self.errors.push(FieldError { field: field.to_owned(), detail: detail.into() });
        self
    }

    /// Says after how many seconds another try makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Problem {
        self.retry_after = Some(seconds);
        self
    }

    /// What kind of problem it is.
    #[cfg(test)]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn body(self) -> ProblemBody {
        ProblemBody {
            kind: format!("{TYPE_BASE}{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            errors: self.errors,
            request_id: request_id::current(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match &self.cause {
            Some(cause) => tracing::error!(problem = self.kind.slug(), cause, "request failed"),
            None => tracing::debug!(problem = self.kind.slug(), detail = self.detail, "request refused"),
        }
        let (kind, retry_after) = (self.kind, self.retry_after);
        let mut response = (kind.status(), axum::Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_rfc_9457_asks() {
        let problem = Problem::field(Kind::UnknownSponsor, "sponsor", "expected a participant, got 0x00");
        insta::assert_json_snapshot!(problem.body(), @r#"
        {
          "type": "https://banyan.example/problems/unknown-sponsor",
          "title": "Unknown sponsor",
          "status": 422,
          "detail": "expected a participant, got 0x00",
          "errors": [
            {
              "field": "sponsor",
              "detail": "expected a participant, got 0x00"
            }
          ]
        }
        "#);
    }

    #[test]
    fn the_cause_of_a_fault_stays_in_the_log() {
        let body = serde_json::to_string(&Problem::internal("password=hunter2").body()).unwrap();
        assert!(!body.contains("hunter2"), "{body}");
    }

    #[test]
    fn who_is_not_signed_in_is_told_how_and_who_must_wait_how_long() {
        let response = Problem::new(Kind::Unauthenticated, "sign in").retry_after(7).into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(response.headers()["retry-after"], "7");
    }
}
