//! Starting, serving, and stopping when asked.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use banyan_chain::eip712::Domain;
use banyan_chain::{ContractView, NodeError};
use banyan_entitlement::Plans;
use banyan_ledger::store::Pool;
use banyan_programme::Deployment;
use banyan_reconciliation::{Reconciler, Replayer};
use banyan_settlement::Payouts;
use banyan_signer::client::SignerClient;
use banyan_types::{Address, PlanHash};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::auth::{Nonces, SessionKeyError, SessionKeys};
use crate::decisions::Present;
use crate::explanations::Explanations;
use crate::extract::BODY_LIMIT;
use crate::health;
use crate::layers::{deadline, idempotency, identity, observe, rate_limit, request_id};
use crate::metrics::Metrics;
use crate::proofs::Proofs;
use crate::routes;
use crate::settings::{Operators, Settings};
use crate::state::{App, Parts};
use crate::store::{sessions, sweep};

/// How often the API's own records are swept and the gauges set.
const SWEEP: Duration = Duration::from_secs(5);
/// How often refresh tokens of ended sign-ins are swept: there is no hurry, and tokens of long ones are looked through.
const SESSION_SWEEP: Duration = Duration::from_secs(3_600);
/// How long Redis may take.
const REDIS_PATIENCE: Duration = Duration::from_millis(500);
/// How long requests under way may take when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Why the API does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else listens there.
    #[error(
        "{key} = \"{address}\" cannot be listened on ({source}): stop what uses the port, or choose another in [api]"
    )]
    Listen {
        /// The setting.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Redis does not answer.
    #[error("Redis does not answer at {url} ({reason}): start it (redis-server), or correct redis.url")]
    Redis {
        /// Where it was looked for.
        url: String,
        /// What it says.
        reason: String,
    },
    /// The node does not answer, or is on another chain.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Nothing lies at the contract's address.
    #[error(
        "there is no contract at {contract} on chain {chain}: deploy it first, or correct chain.contract"
    )]
    NoContract {
        /// The configured address.
        contract: Address,
        /// The configured chain.
        chain: u64,
    },
    /// The contract's plan is none of the files'.
    #[error(
        "the contract {contract} has the plan {found} in force, which is none of plans.files (they have {known}): add the file of that plan, or correct chain.contract"
    )]
    UnknownPlan {
        /// The contract.
        contract: Address,
        /// Its plan.
        found: PlanHash,
        /// The files' plans.
        known: String,
    },
    /// An operator's wallet that everybody has the key of.
    #[error(
        "the wallet {wallet} in [operators] has a public test key that everybody has, and chain {chain} is no test chain of your own: name another wallet"
    )]
    TestKey {
        /// The wallet.
        wallet: Address,
        /// The configured chain.
        chain: u64,
    },
    /// The session key cannot be used.
    #[error(transparent)]
    SessionKey(#[from] SessionKeyError),
    /// An origin in `api.cors_origins` is none.
    #[error("api.cors_origins has {0:?}: expected an origin such as \"https://app.example\"")]
    Origin(String),
    /// Two metrics share a name.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
}

/// What the API stands on.
pub struct Foundations {
    /// Section `[api]`.
    pub settings: Settings,
    /// Section `[operators]`.
    pub operators: Operators,
    /// Redis' URL.
    pub redis_url: String,
    /// The database.
    pub pool: Pool,
    /// The contract on its node.
    pub view: ContractView,
    /// The chain's id.
    pub chain_id: u64,
    /// A block at or before that of the contract's first event.
    pub start_block: u64,
    /// The plans at hand.
    pub plans: Plans,
    /// The signer, with the API's token.
    pub signer: SignerClient,
    /// Payout batches, with settlement's token.
    pub payouts: Payouts,
}

/// The API, listening but not yet answering.
pub struct Server {
    app: App,
    router: Router,
    api: TcpListener,
    metrics: TcpListener,
}

impl Server {
    /// Checks everything that can be checked before the first request, and takes the ports.
    ///
    /// # Errors
    /// See [`StartError`]: each says what to do. A signer that does not answer is no error: `/healthz` says so.
    pub async fn open(on: Foundations) -> Result<Server, StartError> {
        if let Some(wallet) = on.operators.test_key(on.chain_id) {
            return Err(StartError::TestKey { wallet, chain: on.chain_id });
        }
        check_contract(&on.view, on.chain_id, &on.plans).await?;
        let session_keys = SessionKeys::open(&on.settings.session_key_file, &on.settings.domain)?;
        let redis = connect_redis(&on.redis_url).await?;
        if let Err(error) = on.signer.status().await {
            tracing::warn!(alarm = "signer_unreachable", %error, "the signer does not answer; payloads cannot be prepared until it does");
        }
        let api = listen("api.listen", on.settings.listen).await?;
        let metrics = listen("api.metrics_listen", on.settings.metrics_listen).await?;
        let (chain_id, contract, start_block) = (on.chain_id, on.view.contract(), on.start_block);
        let deployment = Deployment { chain_id, contract, start_block };
        let app = App::new(Parts {
            replayer: Replayer::new(on.pool.clone(), on.view.clone(), deployment, on.plans.clone()),
            domain: Domain { chain_id: on.chain_id, contract: on.view.contract() },
            settings: on.settings,
            operators: on.operators,
            reconciler: Reconciler::new(on.pool.clone(), on.view.clone(), on.chain_id, on.plans.clone()),
            plans: on.plans,
            pool: on.pool,
            nonces: Nonces::new(redis.clone()),
            redis,
            signer: on.signer,
            payouts: on.payouts,
            view: on.view,
            session_keys,
            metrics: Metrics::new()?,
            explanations: Explanations::new(),
            proofs: Proofs::default(),
            present: Present::new(),
        });
        let router = router(&app)?;
        Ok(Server { app, router, api, metrics })
    }

    /// Where the API listens.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.api.local_addr()
    }

    /// Answers until `stop` resolves; requests under way are finished.
    ///
    /// # Errors
    /// The system's.
    pub async fn run(self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        let (stopping, stopped) = watch::channel(false);
        let answering = |listener, router: Router| {
            let mut stopped = stopped.clone();
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).with_graceful_shutdown(async move {
                // An error means that the sender is gone, which is a stop too.
                let _ = stopped.wait_for(|stop| *stop).await;
            })
        };
        let api = tokio::spawn(answering(self.api, self.router).into_future());
        let metrics = tokio::spawn(answering(self.metrics, inner_router(self.app.clone())).into_future());
        let sweeping_sessions = tokio::spawn(sweep_sessions_for_ever(self.app.clone()));
        let sweeping = tokio::spawn(sweep_for_ever(self.app));
        stop.await;
        tracing::info!("stopping: requests under way are finished");
        sweeping.abort();
        sweeping_sessions.abort();
        let _ = stopping.send(true);
        let both = async {
            api.await.map_err(std::io::Error::other)??;
            metrics.await.map_err(std::io::Error::other)?
        };
        tokio::time::timeout(LAST_ANSWERS, both).await.unwrap_or(Ok(()))
    }
}

async fn check_contract(view: &ContractView, chain_id: u64, plans: &Plans) -> Result<(), StartError> {
    let node = view.node();
    node.expect_chain(chain_id).await?;
    let contract = view.contract();
    if node.code(contract).await?.is_empty() {
        return Err(StartError::NoContract { contract, chain: chain_id });
    }
    let found = view.plan(node.head_block().await?.hash).await?;
    if found == PlanHash::NONE || plans.get(found).is_some() {
        return Ok(());
    }
    let known: Vec<String> = plans.hashes().map(|hash| hash.to_string()).collect();
    Err(StartError::UnknownPlan { contract, found, known: known.join(", ") })
}

async fn connect_redis(url: &str) -> Result<ConnectionManager, StartError> {
    let failed = |error: redis::RedisError| StartError::Redis {
        url: without_password(url),
        reason: error.to_string(),
    };
    let client = redis::Client::open(url).map_err(failed)?;
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(REDIS_PATIENCE))
        .set_response_timeout(Some(REDIS_PATIENCE));
    ConnectionManager::new_with_config(client, config).await.map_err(failed)
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        (_, _) => url.to_owned(),
    }
}

async fn listen(key: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { key, address, source })
}

/// The public router with everything that a request passes through, outermost last.
pub(crate) fn router(app: &App) -> Result<Router, StartError> {
    let (routes, _) = routes::documented();
    Ok(routes
        .route("/healthz", get(health::healthz))
        .layer(from_fn_with_state(app.pool.clone(), idempotency::layer))
        .layer(from_fn_with_state(app.clone(), rate_limit::layer))
        .layer(from_fn_with_state(app.clone(), identity::layer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), deadline::layer))
        .layer(CatchPanicLayer::custom(deadline::panicked))
        .layer(cors(&app.settings.cors_origins)?)
        .layer(from_fn_with_state(app.clone(), observe::layer))
        .layer(from_fn(request_id::layer))
        .with_state(app.clone()))
}

/// Browsers of no other origin may call, unless the settings name it.
fn cors(origins: &[String]) -> Result<CorsLayer, StartError> {
    let origins: Vec<HeaderValue> = origins
        .iter()
        .map(|origin| {
            let plain = origin.starts_with("https://") || origin.starts_with("http://");
            let value = HeaderValue::from_str(origin).ok().filter(|_| plain);
            value.ok_or_else(|| StartError::Origin(origin.clone()))
        })
        .collect::<Result<_, _>>()?;
    if origins.is_empty() {
        return Ok(CorsLayer::new());
    }
    let named = |name: &'static str| HeaderName::from_static(name);
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            named("idempotency-key"),
            named("x-request-id"),
        ])
        .expose_headers([
            named("x-request-id"),
            named("ratelimit-limit"),
            named("ratelimit-remaining"),
            named("ratelimit-reset"),
            named("retry-after"),
            named("idempotent-replayed"),
        ]))
}

/// What the operators' own tools ask.
fn inner_router(app: App) -> Router {
    Router::new().route("/metrics", get(metrics)).route("/healthz", get(health::healthz)).with_state(app)
}

async fn metrics(State(app): State<App>) -> Response {
    match app.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn sweep_sessions_for_ever(app: App) {
    let mut ticks = tokio::time::interval(SESSION_SWEEP);
    loop {
        ticks.tick().await;
        loop {
            match sessions::sweep(&app.pool).await {
                Ok(0) => break,
                Ok(swept) => tracing::debug!(swept, "refresh tokens of ended sign-ins swept"),
                Err(error) => {
                    tracing::warn!(%error, "refresh tokens of ended sign-ins were not swept");
                    break;
                }
            }
        }
    }
}

async fn sweep_for_ever(app: App) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        match sweep::sweep(&app.pool).await {
            Ok(expired) => app.metrics.expired(expired),
            Err(error) => tracing::warn!(%error, "expired payloads were not swept"),
        }
        match sweep::figures(&app.pool).await {
            Ok(figures) => app.metrics.figures(&figures),
            Err(problem) => tracing::warn!(?problem, "the gauges were not set"),
        }
    }
}
