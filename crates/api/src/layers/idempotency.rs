//! The same request again gets the same answer: `Idempotency-Key` on any POST but those of signing in.
//!
//! A request with a key is answered to its end and its answer kept, whether or not somebody still waits for it. What
//! signing in answers are secrets for whoever proves to be their owner just then, so these routes are left out.
//!
//! Only successes are kept. A request that was refused changed nothing, so sending it again is safe and may succeed,
//! and it leaves no row behind. A key whose first request died with its server is free again after a minute.

use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use banyan_ledger::store::Pool;

use super::identity::Identity;
use super::{request_id, seal};
use crate::extract::BODY_LIMIT;
use crate::problem::{Answer, Kind, Problem};
use crate::store::idempotency::{self as store, Claim};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Routes that take no key.
const SIGNING_IN: &str = "/v1/auth/";
const LONGEST_KEY: usize = 200;
/// How often a request under way says so; a key that nothing was said of for a minute is free again.
const RENEWAL: Duration = Duration::from_secs(20);
/// No answer of a POST is larger.
const LARGEST_ANSWER: usize = 4 << 20;

/// One request with a key.
struct Keyed {
    actor: String,
    key: String,
    operation: String,
    body: Bytes,
}

/// Answers a repeated POST from memory, and remembers what a new one was answered.
pub async fn layer(State(pool): State<Pool>, request: Request, next: Next) -> Response {
    let keyed = request.method() == Method::POST && request.headers().contains_key(KEY);
    if !keyed || request.uri().path().starts_with(SIGNING_IN) {
        return next.run(request).await;
    }
    match once(pool, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(pool: Pool, request: Request, next: Next) -> Answer<Response> {
    let (keyed, request) = take_apart(request).await?;
    let digest = seal::digest(&keyed.operation, &keyed.body);
    match store::claim(&pool, &keyed.actor, &keyed.key, &keyed.operation, &digest).await? {
        Claim::Ours => {}
        Claim::OtherRequest => {
            return Err(Problem::new(
                Kind::IdempotencyKeyReused,
                "expected the same request as the first with this Idempotency-Key, got another: use a new key",
            ));
        }
        Claim::Running => {
            return Err(Problem::new(
                Kind::IdempotencyKeyInUse,
                "the first request with this Idempotency-Key is still being answered: ask again in a moment",
            )
            .retry_after(1));
        }
        Claim::Answered { status, sealed } => return replay(&keyed, status, sealed.as_deref()),
    }
    let answering = tokio::spawn(request_id::keep(async move {
        let response = holding(&pool, &keyed, RENEWAL, next.run(request)).await;
        remember(&pool, &keyed, response).await
    }));
    match answering.await {
        Ok(answer) => answer,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(stopped) => Err(Problem::internal(stopped)),
        },
    }
}

/// Waits for an answer, however long, and keeps its key from being taken over meanwhile.
async fn holding<T>(pool: &Pool, keyed: &Keyed, every: Duration, answer: impl Future<Output = T>) -> T {
    let mut answer = pin!(answer);
    loop {
        match tokio::time::timeout(every, &mut answer).await {
            Ok(answer) => return answer,
            Err(_) => {
                if let Err(error) = store::renew(pool, &keyed.actor, &keyed.key).await {
                    tracing::warn!(%error, "the idempotency key of a request under way was not renewed");
                }
            }
        }
    }
}

/// Reads key and body, and puts the request together again.
async fn take_apart(request: Request) -> Answer<(Keyed, Request)> {
    let (parts, body) = request.into_parts();
    let key = parts.headers.get(KEY).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|b| b.is_ascii_graphic()) {
        let detail =
            format!("expected 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID, got {key:?}");
        return Err(Problem::field(Kind::InvalidIdempotencyKey, "Idempotency-Key", detail));
    }
    let actor = match parts.extensions.get::<Identity>() {
        Some(Identity::Known(caller)) => caller.name(),
        Some(Identity::Anonymous | Identity::Refused(_)) | None => "anonymous".to_owned(),
    };
    let operation = format!("{} {}", parts.method, parts.uri);
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| crate::extract::too_large())?;
    let request = Request::from_parts(parts, Body::from(body.clone()));
    Ok((Keyed { actor, key, operation, body }, request))
}

async fn remember(pool: &Pool, keyed: &Keyed, response: Response) -> Answer<Response> {
    if !response.status().is_success() {
        store::release(pool, &keyed.actor, &keyed.key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let answer = to_bytes(body, LARGEST_ANSWER).await.map_err(Problem::internal)?;
    let sealed = if answer.is_empty() { None } else { seal::seal(&keyed.operation, &keyed.body, &answer) };
    store::answer(pool, &keyed.actor, &keyed.key, parts.status.as_u16(), sealed.as_deref()).await?;
    Ok(Response::from_parts(parts, Body::from(answer)))
}

fn replay(keyed: &Keyed, status: u16, sealed: Option<&str>) -> Answer<Response> {
    let status = StatusCode::from_u16(status).map_err(Problem::internal)?;
    let mut response = match sealed {
        None => status.into_response(),
        Some(sealed) => {
            let answer = seal::open(&keyed.operation, &keyed.body, sealed)
                .ok_or_else(|| Problem::internal("a kept answer does not open with its own request"))?;
            let json = HeaderValue::from_static("application/json");
            (status, [(header::CONTENT_TYPE, json)], answer).into_response()
        }
    };
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use banyan_testkit::postgres::{Database, migrated_database, until};
    use tokio::sync::{Notify, Semaphore};
    use tower::ServiceExt as _;

    use super::*;

    struct Bench {
        router: Router,
        /// Told when work begins.
        begun: Arc<Notify>,
        /// Work ends when it is let through.
        gate: Arc<Semaphore>,
        done: Arc<AtomicU32>,
        pool: Pool,
        _database: Database,
    }

    /// A route that counts how often its work was done, behind this layer alone.
    async fn bench() -> Bench {
        let database = migrated_database().await.unwrap();
        let pool = Pool::connect(database.url()).await.unwrap();
        let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let done = Arc::new(AtomicU32::new(0));
        let (beginning, through, counter) = (Arc::clone(&begun), Arc::clone(&gate), Arc::clone(&done));
        let work = post(move || async move {
            beginning.notify_one();
            through.acquire().await.unwrap().forget();
            counter.fetch_add(1, Ordering::SeqCst).to_string()
        });
        let router = Router::new()
            .route("/v1/payouts/build-batch", work.clone())
            .route("/v1/auth/refresh", work)
            .route("/v1/panic", post(async || -> StatusCode { panic!("as it happens") }))
            .layer(from_fn_with_state(pool.clone(), layer));
        Bench { router, begun, gate, done, pool, _database: database }
    }

    impl Bench {
        fn ask(&self, path: &str) -> impl Future<Output = Response> + Send + 'static {
            let request = Request::post(path).header(KEY, "c7b1").body(Body::from("{}")).unwrap();
            let answer = self.router.clone().oneshot(request);
            async { answer.await.unwrap() }
        }
    }

    async fn text(response: Response) -> String {
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_nobody_waited_for_is_done_once_and_its_answer_kept() {
        let bench = bench().await;
        let path = "/v1/payouts/build-batch";
        // Whoever asked goes while the work is under way, as a deadline or a lost connection has it.
        let asking = tokio::spawn(bench.ask(path));
        bench.begun.notified().await;
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        bench.gate.add_permits(1);
        let kept = "SELECT EXISTS (SELECT FROM idempotency_keys WHERE status IS NOT NULL)";
        until(&bench.pool, "an answer that is kept", kept).await;
        assert_eq!(bench.done.load(Ordering::SeqCst), 1, "the work was done");
        let again = bench.ask(path).await;
        assert_eq!((again.status(), again.headers().contains_key(REPLAYED)), (StatusCode::OK, true));
        assert_eq!(text(again).await, "0");
        assert_eq!(bench.done.load(Ordering::SeqCst), 1, "and not again");
    }

    #[tokio::test]
    async fn signing_in_is_never_answered_from_memory() {
        let bench = bench().await;
        bench.gate.add_permits(2);
        for expected in ["0", "1"] {
            let answer = bench.ask("/v1/auth/refresh").await;
            assert!(!answer.headers().contains_key(REPLAYED));
            assert_eq!(text(answer).await, expected);
        }
    }

    #[tokio::test]
    async fn a_long_answer_keeps_its_key_and_a_dead_one_does_not() {
        let bench = bench().await;
        let pool = &bench.pool;
        let keyed = |key: &str| Keyed {
            actor: "ann".to_owned(),
            key: key.to_owned(),
            operation: "POST /v1/x".to_owned(),
            body: Bytes::new(),
        };
        let claim = async |key: &str| store::claim(pool, "ann", key, "POST /v1/x", &[0; 32]).await.unwrap();
        for key in ["long", "dead"] {
            assert_eq!(claim(key).await, Claim::Ours);
        }
        store::age(pool).await;
        let renewed =
            "SELECT created_at > now() - interval '1 minute' FROM idempotency_keys WHERE key = 'long'";
        let long = until(pool, "a renewal", renewed);
        holding(pool, &keyed("long"), Duration::from_millis(5), long).await;
        assert_eq!(claim("long").await, Claim::Running);
        assert_eq!(claim("dead").await, Claim::Ours);
    }

    #[tokio::test]
    async fn a_panic_reaches_whoever_waits() {
        let bench = bench().await;
        let router = bench.router.clone();
        let request = Request::post("/v1/panic").header(KEY, "c7b1").body(Body::empty()).unwrap();
        let outcome = tokio::spawn(router.oneshot(request)).await;
        assert!(outcome.unwrap_err().is_panic());
    }
}
