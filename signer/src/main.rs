//! The signer's binary: `serve` runs the service, `keygen` makes a key for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use banyan_chain::eip712::Domain;
use banyan_chain::{ContractView, Node};
use banyan_signer::clients::Clients;
use banyan_signer::history::{self, Source};
use banyan_signer::keys::{self, Key, Keys};
use banyan_signer::server;
use banyan_signer::service::{Desk, Parts, Service};
use banyan_signer::settings::{KeySettings, Settings};
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long one answer of the node is awaited.
const NODE_TIMEOUT: Duration = Duration::from_secs(10);

/// Signs what the chain and the plan justify, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "banyan-signer", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve {
        /// The settings (signer.toml).
        #[arg(long)]
        config: PathBuf,
    },
    /// Make a new key, write it as an encrypted keystore and print its address.
    Keygen {
        /// The keystore to write; it must not exist.
        #[arg(long)]
        out: PathBuf,
        /// File with the password in its first line.
        #[arg(long)]
        password_file: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Keygen { out, password_file } => keygen(&out, &password_file),
        Command::Serve { config } => {
            tracing_subscriber::fmt()
                .json()
                .with_env_filter(
                    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
                )
                .with_writer(std::io::stderr)
                .init();
            tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(&config))
        }
    }
}

fn keygen(out: &Path, password_file: &Path) -> anyhow::Result<()> {
    let password = keys::read_secret(password_file)?;
    let address = keys::generate(out, &password)?;
    println!("{}", address.to_checksum(None));
    Ok(())
}

async fn serve(config: &Path) -> anyhow::Result<()> {
    let stopped = asked_to_stop()?;
    let settings = Settings::read(config)?;
    let chain = &settings.chain;
    let domain = Domain { chain_id: chain.id, contract: chain.contract };
    let view = ContractView::new(Node::connect(&chain.rpc_url, NODE_TIMEOUT)?, chain.contract);
    let (history, reader) = history::open(Source {
        view: view.clone(),
        chain_id: chain.id,
        finality: chain.finality,
        start_block: chain.start_block,
        poll: Duration::from_millis(chain.poll_milliseconds),
        plans: settings.read_plans()?,
    });
    let clients = Clients::read(&settings.clients)?;
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!("cannot listen on {}: stop what uses the port, or change `listen`", settings.listen)
    })?;
    let service = Service::start(Parts {
        domain,
        finality: chain.finality,
        view,
        history,
        keys: open_keys(&settings.keys, chain.id)?,
        limits: settings.limits(),
        kill_switch: settings.kill_switch_file.clone(),
        desk: Desk::open(&settings.audit_file, &settings.limits)?,
    })?;
    tracing::info!(listen = %listener.local_addr()?, status = ?service.status(), "the signer serves");
    let answering = axum::serve(listener, server::router(service, clients));
    let reading = tokio::spawn(reader.run());
    tokio::select! {
        served = answering.with_graceful_shutdown(stopped).into_future() => Ok(served?),
        failed = never_started(reading) => Err(failed),
    }
}

/// Ends only when the contract cannot be followed from the start; a reading that halts later leaves the service up, so
/// that it can say so.
async fn never_started(
    reading: tokio::task::JoinHandle<Result<String, banyan_chain::follower::FollowError>>,
) -> anyhow::Error {
    match reading.await {
        Ok(Ok(_halted)) => std::future::pending().await,
        Ok(Err(error)) => error.into(),
        Err(error) => error.into(),
    }
}

fn open_keys(settings: &KeySettings, chain_id: u64) -> anyhow::Result<Keys> {
    if settings.intake == settings.payout {
        bail!("keys.intake and keys.payout name one file: the contract wants two different keys");
    }
    let password = keys::read_secret(&settings.password_file)?;
    let intake = Key::open(&settings.intake, &password)?;
    let payout = Key::open(&settings.payout, &password)?;
    Ok(Keys::new(intake, payout, chain_id)?)
}

/// Resolves when the process is asked to stop: SIGTERM, or Ctrl-C. It listens from the call on, not from the first poll: a
/// signer that is asked to stop while it opens its keys ends that and stops, and does not just die.
fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
