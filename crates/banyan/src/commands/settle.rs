//! `banyan settle`: sends payout batches and follows them until the books have read what they paid.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use banyan_settlement::{Executor, Metrics, Mode, Parts, Settler};
use prometheus::Registry;

use crate::process;
use crate::settings::{ConfigArgs, Settings};

/// Settles until told to stop.
pub fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(args)?;
    process::run(settle(settings))
}

async fn settle(settings: Settings) -> anyhow::Result<()> {
    let pool = settings.pool("banyan settle").await?;
    let registry = Registry::new();
    let metrics = Metrics::register(&registry)?;
    let own = &settings.settlement;
    let executor = Executor::open(&own.executor_keystore, &own.password_file, settings.domain())?;
    process::observe("settlement.metrics_listen", own.metrics_listen, registry, Arc::new(|| "ok")).await?;
    let parts = Parts {
        payouts: settings.payouts(pool.clone())?,
        pool,
        node: settings.node()?,
        finality: settings.chain.finality,
        executor,
        policy: own.policy(),
        automatic: match own.mode {
            Mode::Manual => None,
            Mode::Automatic => Some(Duration::from_secs(own.interval_seconds)),
        },
        poll: own.poll(),
        metrics,
    };
    Ok(Settler::new(parts).run(settings.chain.id, process::asked_to_stop()).await?)
}
