//! What all services have in common: JSON logs, a signal to stop, and a port for the operators' own tools.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs a service on a runtime of its own.
pub fn run(service: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<ExitCode> {
    run_to(async move { service.await.map(|()| ExitCode::SUCCESS) })
}

/// Runs something that says itself with which exit code it ends.
pub fn run_to(service: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("the system gives no threads")?.block_on(service)
}

/// Resolves when the process is asked to stop: SIGTERM, or Ctrl-C. It listens from the call on, not from the first poll: a
/// service that is asked to stop while it does its first work ends that work and stops, and does not just die.
pub fn asked_to_stop() -> impl Future<Output = ()> {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        tokio::select! {
            () = heard(terminate, "SIGTERM") => {}
            () = heard(interrupt, "Ctrl-C") => {}
        }
    }
}

async fn heard(signals: std::io::Result<Signal>, name: &str) {
    match signals {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "{name} cannot be heard");
            std::future::pending::<()>().await;
        }
    }
}

/// What a service says about itself.
pub type Word = Arc<dyn Fn() -> &'static str + Send + Sync>;

/// Answers `/metrics` and `/healthz` on `address`, which the setting `key` names; `word` says how the service is.
pub async fn observe(key: &str, address: SocketAddr, registry: Registry, word: Word) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{key} = \"{address}\" cannot be listened on: stop what uses the port, or choose another")
    })?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .with_state((registry, word));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "metrics are not served any more");
        }
    });
    Ok(())
}

async fn metrics(State((registry, _)): State<(Registry, Word)>) -> Response {
    match TextEncoder::new().encode_to_string(&registry.gather()) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// 503 only while the service cannot do its work.
async fn healthz(State((_, word)): State<(Registry, Word)>) -> Response {
    let word = word();
    let status = if word == "halted" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, axum::Json(serde_json::json!({ "status": word }))).into_response()
}
