//! The id of a request: taken from `X-Request-Id` or made here, given back, and on every line of the log meanwhile.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids are replaced by one of ours.
const LONGEST: usize = 100;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers, if it answers one.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Runs a part of the answer as a task of its own, under the id of the request that this task answers.
pub fn keep<F: Future>(part: F) -> impl Future<Output = F::Output> {
    let id = current();
    async move {
        match id {
            Some(id) => CURRENT.scope(id, part).await,
            None => part.await,
        }
    }
    .in_current_span()
}

/// Gives the request its id, and the answer the same.
pub async fn layer(request: Request, next: Next) -> Response {
    let given = request.headers().get(&HEADER).and_then(|value| value.to_str().ok());
    let id = given.filter(|id| usable(id)).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let span = tracing::info_span!("request", request_id = id);
    let header = HeaderValue::from_str(&id);
    let mut response = CURRENT.scope(id, next.run(request).instrument(span)).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

/// An id goes into logs and answers, so it must be short and plain.
fn usable(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_confuse_a_log_are_not_taken() {
        assert!(usable("a-B_9.c"));
        for id in ["", "a b", "a\"b", "é", &"x".repeat(LONGEST + 1)] {
            assert!(!usable(id), "{id:?}");
        }
    }
}
