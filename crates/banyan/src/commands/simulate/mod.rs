//! `banyan simulate`: a plan, a file of events, and what each event does.

mod output;
mod summary;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use super::events::Source;
use output::{Format, Output};

/// Arguments of `banyan simulate`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file, such as config/plans/autopool.toml.
    #[arg(long)]
    plan: PathBuf,
    #[command(flatten)]
    source: Source,
    /// Prints totals by kind of reward and the conservation line instead of the records.
    #[arg(long)]
    summary: bool,
    /// How to print; without this, records come as jsonl and the summary as a table.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Writes to this file instead of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Runs `banyan simulate`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut simulation = args.source.simulation(super::read_plan(&args.plan)?);
    let to_terminal = args.out.is_none() && !args.summary && io::stdout().is_terminal();
    let events = args.source.open(!to_terminal)?;
    let mut output = Output::open(args.out.as_deref(), args.summary, args.format)?;
    let ending = events.run(&mut simulation, |taken, simulation| output.records(taken.id, simulation))?;
    output.finish(simulation.machine())?;
    Ok(ending.tell())
}
