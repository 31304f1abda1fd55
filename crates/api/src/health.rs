//! Whether the parts that the API stands on answer. Without the database it is of no use; without the signer, the node
//! or Redis some routes answer 503 and the rest goes on, so it starts without them and says so.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::state::App;
use crate::store::snapshot;

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What `/healthz` says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// `ok`, `degraded` (some routes answer 503), or `down`.
    status: &'static str,
    /// PostgreSQL.
    database: &'static str,
    /// Sign-in nonces and rate limits.
    redis: &'static str,
    /// The chain's node.
    node: &'static str,
    /// The signer.
    signer: &'static str,
}

impl Health {
    fn new(database: bool, redis: bool, node: bool, signer: bool) -> Health {
        let word = |answers: bool| if answers { "ok" } else { "unreachable" };
        let status = match (database, redis && node && signer) {
            (true, true) => "ok",
            (true, false) => "degraded",
            (false, _) => "down",
        };
        Health {
            status,
            database: word(database),
            redis: word(redis),
            node: word(node),
            signer: word(signer),
        }
    }
}

/// Asks every part.
pub async fn healthz(State(app): State<App>) -> impl IntoResponse {
    let (database, redis, node, signer) = tokio::join!(
        answers(snapshot::reachable(&app.pool)),
        answers(ping(&app)),
        answers(app.node().chain_id()),
        answers(app.signer.status()),
    );
    let health = Health::new(database, redis, node, signer);
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health))
}

async fn ping(app: &App) -> redis::RedisResult<String> {
    redis::cmd("PING").query_async(&mut app.redis.clone()).await
}

async fn answers<T, E>(part: impl Future<Output = Result<T, E>>) -> bool {
    matches!(tokio::time::timeout(PATIENCE, part).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_is_indispensable() {
        assert_eq!(Health::new(true, true, true, true).status, "ok");
        let without_signer = Health::new(true, true, true, false);
        assert_eq!((without_signer.status, without_signer.signer), ("degraded", "unreachable"));
        assert_eq!(Health::new(false, true, true, true).status, "down");
    }
}
