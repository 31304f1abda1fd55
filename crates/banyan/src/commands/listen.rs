//! `banyan listen`: brings the contract's finalized events into the books.

use std::process::ExitCode;
use std::sync::Arc;

use banyan_listener::{Deployment, Listener, Metrics};
use banyan_programme::Programme;
use prometheus::Registry;

use crate::process;
use crate::settings::{ConfigArgs, Settings};

/// Listens until told to stop.
pub fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(args)?;
    process::run(listen(settings))
}

async fn listen(settings: Settings) -> anyhow::Result<()> {
    let pool = settings.pool("banyan listen").await?;
    let plans = settings.plans()?;
    let registry = Registry::new();
    let metrics = Metrics::register(&registry)?;
    let told = metrics.clone();
    let word = Arc::new(move || told.status().name());
    process::observe("listener.metrics_listen", settings.listener.metrics_listen, registry, word).await?;
    let deployment = Deployment {
        node: settings.node()?,
        chain_id: settings.chain.id,
        contract: settings.chain.contract,
        finality: settings.chain.finality,
        plans: plans.hashes().collect(),
    };
    let books = banyan_programme::Deployment {
        chain_id: settings.chain.id,
        contract: settings.chain.contract,
        start_block: settings.chain.start_block,
    };
    let open = || Programme::open(pool.clone(), plans.clone(), books);
    Ok(Listener::new(deployment, settings.listener, metrics).run(open, process::asked_to_stop()).await?)
}
