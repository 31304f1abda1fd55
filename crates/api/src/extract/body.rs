//! JSON bodies, strictly: the right content type, JSON, known fields only, and a size that fits.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use banyan_types::strict;
use serde::de::DeserializeOwned;

use crate::problem::{Answer, Kind, Problem};

/// The largest body in bytes; the largest that is of use is a batch of 200 accounts, under 12 KiB.
pub const BODY_LIMIT: usize = 64 << 10;

/// A body read as JSON into `T`. No body at all is read as `{}`.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Body<T>> {
        let json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large()
            } else {
                Problem::new(Kind::InvalidJson, "the body broke off: send it again")
            }
        })?;
        if bytes.is_empty() {
            return read(b"{}").map(Body);
        }
        if !json {
            return Err(Problem::new(
                Kind::UnsupportedMediaType,
                "expected the header `Content-Type: application/json`",
            ));
        }
        read(&bytes).map(Body)
    }
}

/// The problem of a body that is too large.
pub fn too_large() -> Problem {
    Problem::new(Kind::BodyTooLarge, format!("expected at most {BODY_LIMIT} bytes: send less"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, error.inner())
    })?;
    deserializer.end().map_err(|error| refused(".", &error))?;
    Ok(value)
}

/// What serde says, with the nearest known field and without its position in a body of one line.
fn refused(path: &str, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if !error.is_data() {
        return Problem::new(
            Kind::InvalidJson,
            format!(
                "expected JSON, got something else at line {}, column {}: {message}",
                error.line(),
                error.column()
            ),
        );
    }
    let quoted = |prefix: &str| message.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    let named = quoted("unknown field `").or_else(|| quoted("missing field `"));
    let field = named.map_or_else(|| path.to_owned(), str::to_owned);
    let detail = strict::with_nearest_key(message)
        .replace("unknown key", "unknown field")
        .replace("known key", "known field");
    Problem::field(Kind::InvalidBody, &field, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only the errors are looked at")]
    struct Wanted {
        sponsor: String,
        amount: Option<String>,
    }

    fn problem(body: &str) -> (Kind, String) {
        let problem = read::<Wanted>(body.as_bytes()).unwrap_err();
        (problem.kind(), format!("{problem:?}"))
    }

    #[test]
    fn each_way_to_send_nonsense_is_told_apart() {
        for (body, kind, says) in [
            ("sponsor=1", Kind::InvalidJson, "line 1, column 1"),
            ("{\"sponsor\":", Kind::InvalidJson, "EOF"),
            ("{\"sponsor\":\"a\"} x", Kind::InvalidJson, "trailing"),
            ("{\"sponsr\":\"a\"}", Kind::InvalidBody, "nearest known field is `sponsor`"),
            ("{}", Kind::InvalidBody, "missing field `sponsor`"),
            ("{\"sponsor\":7}", Kind::InvalidBody, "field: \"sponsor\""),
            ("[]", Kind::InvalidBody, "invalid length"),
        ] {
            let (got, text) = problem(body);
            assert_eq!(got, kind, "{body}: {text}");
            assert!(text.contains(says), "{body}: {text}");
        }
    }

    #[test]
    fn the_content_type_may_say_its_charset() {
        let mut headers = HeaderMap::new();
        assert!(!is_json(&headers));
        headers.insert(header::CONTENT_TYPE, "Application/JSON; charset=utf-8".parse().unwrap());
        assert!(is_json(&headers));
        headers.insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        assert!(!is_json(&headers));
    }
}
