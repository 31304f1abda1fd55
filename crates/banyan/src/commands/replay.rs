//! `banyan replay`: derives the raw logs anew into an empty schema, and compares them with the live rows.

use std::process::ExitCode;

use anyhow::Context as _;
use banyan_ledger::Asked;
use banyan_ledger::store::{moment, snapshot};
use banyan_programme::Deployment;
use banyan_reconciliation::{Blocks, Replay, Replayer};

use super::verdict;
use crate::process;
use crate::settings::{ConfigArgs, Settings};

/// What `banyan replay` takes.
#[derive(clap::Args)]
#[command(after_help = verdict::ENDINGS)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// First block to compare; by default that of chain.start_block.
    #[arg(long, value_name = "BLOCK")]
    from: Option<u64>,
    /// Last block to compare; by default that at which the books stand.
    #[arg(long, value_name = "BLOCK")]
    to: Option<u64>,
}

/// Ends with 1 if a row differs.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&args.config)?;
    process::run_to(replay(settings, args.from, args.to))
}

async fn replay(settings: Settings, from: Option<u64>, to: Option<u64>) -> anyhow::Result<ExitCode> {
    let pool = settings.pool("banyan replay").await?;
    let to = match to {
        Some(block) => block,
        None => {
            let mut work = snapshot(&pool).await?;
            moment(&mut work, Asked::Now).await?.block
        }
    };
    let blocks = Blocks { from: from.unwrap_or(settings.chain.start_block), to };
    let deployment = Deployment {
        chain_id: settings.chain.id,
        contract: settings.chain.contract,
        start_block: settings.chain.start_block,
    };
    let replayer = Replayer::new(pool, settings.view()?, deployment, settings.plans()?);
    let running = replayer.start(blocks, "banyan replay").await?;
    let replay = running.finish().await.context("the replay did not come to its end")?;
    tell(&replay);
    Ok(if replay.clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(replay: &Replay) {
    println!("{} logs up to block {}, seq {}", replay.events, replay.read_to, replay.seq);
    if let Some(reason) = &replay.node_silent {
        println!("the logs were not compared with the node's: {reason}");
    }
    for it in &replay.tables {
        println!("{}: {} rows derived, {} found, {} differ", it.table, it.derived, it.found, it.differing);
    }
    for it in &replay.differences {
        let column = it.column.as_deref().unwrap_or("the row");
        println!("{} {}: {column}: expected {}, found {}", it.table, it.key, it.expected, it.found);
    }
    println!("{} rows differ", replay.differing);
}
