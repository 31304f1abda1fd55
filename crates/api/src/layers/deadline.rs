//! No request may take for ever, and no panic may close the connection without a word.

use std::any::Any;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::{Kind, Problem};
use crate::state::App;

/// Gives up after the configured time.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let seconds = u64::from(app.settings.request_timeout_seconds);
    match tokio::time::timeout(Duration::from_secs(seconds), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            Kind::RequestTimeout,
            format!("no answer within {seconds} seconds; whether the action happened is not known: look, or send it again with the same Idempotency-Key"),
        )
        .retry_after(1)
        .into_response(),
    }
}

/// Turns a panic of a handler into the problem `internal`.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    Problem::internal(message).into_response()
}
