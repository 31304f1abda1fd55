//! Parts of paths: whatever cannot be read is a problem that names the part.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path as AxumPath};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{Answer, Kind, Problem};

/// The parts of a path read into `T`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Path<T>> {
        let read = AxumPath::<T>::from_request_parts(parts, state).await;
        let AxumPath(value) = read.map_err(|rejection| refused(&rejection))?;
        Ok(Path(value))
    }
}

fn refused(rejection: &PathRejection) -> Problem {
    if let PathRejection::FailedToDeserializePathParams(failed) = rejection
        && let ErrorKind::InvalidUtf8InPathParam { key } = failed.kind()
    {
        let detail = format!("expected UTF-8, percent-encoded, got other bytes in the path's part `{key}`");
        return Problem::field(Kind::InvalidPath, key, detail);
    }
    Problem::new(Kind::InvalidPath, format!("expected a path of /v1/openapi.json: {}", rejection.body_text()))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn echo(Path(id): Path<String>) -> String {
        id
    }

    async fn ask(path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = Router::new().route("/users/{id}", get(echo)).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_is_no_text_is_a_problem_that_names_the_part() {
        assert_eq!(ask("/users/%C3%A9").await, (200, "é".to_owned()));
        let (status, body) = ask("/users/%FF").await;
        assert_eq!(status, 400);
        assert!(body.contains("/problems/invalid-path") && body.contains("\"field\":\"id\""), "{body}");
    }
}
