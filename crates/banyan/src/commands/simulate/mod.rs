//! `banyan simulate`: a plan, a file of events, and what each event does.

mod output;
mod snapshots;
mod summary;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use super::events::{Ending, Source};
use output::{Format, Output};
use snapshots::Stops;

/// Arguments of `banyan simulate`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file, such as config/plans/autopool.toml.
    #[arg(long)]
    plan: PathBuf,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    snapshots: Stops,
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
    let (simulation, seen) = args.snapshots.simulation(super::read_plan(&args.plan)?)?;
    let mut simulation = args.source.judging(simulation);
    let to_terminal = args.out.is_none() && !args.summary && io::stdout().is_terminal();
    let mut events = args.source.open(!to_terminal)?;
    args.snapshots.skip(&seen, || events.pass_over(snapshots::digest))?;
    let mut output = Output::open(args.out.as_deref(), args.summary, args.format, !args.snapshots.resumes())?;
    let mut snapshots = args.snapshots.writer(seen);
    let ending = events.run_watched(&mut simulation, |line, taken, simulation| {
        if let Some(taken) = taken {
            output.records(taken.id, simulation)?;
        }
        if let Some(snapshots) = &mut snapshots
            && snapshots.count(line)
        {
            output.flush()?;
            snapshots.write(simulation)?;
        }
        Ok(())
    })?;
    output.finish(simulation.machine())?;
    if let (Some(snapshots), Ending::Complete) = (&snapshots, &ending) {
        snapshots.write(&simulation)?;
    }
    Ok(ending.tell())
}
