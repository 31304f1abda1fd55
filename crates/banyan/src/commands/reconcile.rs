//! `banyan reconcile`: compares chain and books, once or at each checkpoint.

use std::process::ExitCode;
use std::sync::Arc;

use banyan_reconciliation::{Metrics, Reconciler, Reconciliation, Schedule, Scope};
use prometheus::Registry;

use super::verdict;
use crate::process;
use crate::settings::{ConfigArgs, Settings};

/// What `banyan reconcile` takes.
#[derive(clap::Args)]
#[command(after_help = verdict::ENDINGS)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Compares once and all of it, also where the configuration says when to repeat.
    #[arg(long)]
    once: bool,
}

/// Ends with 1 if a single comparison found a difference.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&args.config)?;
    let schedule = settings.reconciliation.schedule();
    if schedule.repeats() && !args.once {
        return process::run(repeat(settings, schedule));
    }
    process::run_to(once(settings))
}

async fn reconciler(settings: &Settings) -> anyhow::Result<Reconciler> {
    let pool = settings.pool("banyan reconcile").await?;
    Ok(Reconciler::new(pool, settings.view()?, settings.chain.id, settings.plans()?))
}

async fn repeat(settings: Settings, schedule: Schedule) -> anyhow::Result<()> {
    let registry = Registry::new();
    let metrics = Metrics::register(&registry)?;
    let reconciler = reconciler(&settings).await?;
    if let Some(address) = settings.reconciliation.metrics_listen {
        process::observe("reconciliation.metrics_listen", address, registry, Arc::new(|| "ok")).await?;
    }
    reconciler.run_on(schedule, &metrics, process::asked_to_stop()).await;
    Ok(())
}

async fn once(settings: Settings) -> anyhow::Result<ExitCode> {
    let result = reconciler(&settings).await?.run(Scope::All, "banyan reconcile").await?;
    tell(&result);
    Ok(if result.balanced() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(result: &Reconciliation) {
    let (chain, books) = (&result.figures.chain, &result.figures.books);
    println!("block {} {}, seq {}", result.block, result.block_hash, result.seq);
    println!("contract {} wei, books {} wei, excess {} wei", chain.balance, books.funds, chain.excess);
    for it in &result.differences {
        let account = it.account.map(|account| format!(" of {account}")).unwrap_or_default();
        println!("{}{account}: expected {}, found {}", it.kind.name(), it.expected, it.found);
        for row in &it.evidence {
            println!("    {} {}", row.table, row.id);
        }
    }
    println!("{} differences", result.differences.len());
}
