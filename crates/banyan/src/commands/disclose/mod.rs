//! `banyan disclose`: what a programme really did to its participants.

mod picture;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use banyan_engine::disclosure::{Collector, Disclosure};

use super::events::{Ending, Source};

/// Arguments of `banyan disclose`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file, such as config/plans/autopool.toml.
    #[arg(long)]
    plan: PathBuf,
    #[command(flatten)]
    source: Source,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Draws the distribution of net income, and how unequal all income is, into this file as well.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Writes to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How a disclosure is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, in the plan's currency.
    Table,
    /// For machines: one JSON object, amounts in smallest units, shares in basis points.
    Json,
}

/// Runs `banyan disclose`. A refused event ends it without a statement: half a history discloses nothing.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut simulation = args.source.simulation(super::read_plan(&args.plan)?);
    let mut collector = Collector::new();
    let ending = args.source.open(true)?.run(&mut simulation, |taken, simulation| {
        let event = simulation.last_event().expect("this event was just taken");
        match taken.returned {
            false => collector.applied(event, simulation.records()),
            true => collector.returned(event, simulation.records()),
        }
        Ok(())
    })?;
    if let Ending::Refused(_) = ending {
        return Ok(ending.tell());
    }
    let disclosure = collector.finish(simulation.machine());
    if let Some(path) = &args.svg {
        write(path, &picture::of(&disclosure).svg()?)?;
    }
    let text = args.format.text(&disclosure)?;
    match &args.out {
        Some(path) => write(path, &text)?,
        None => std::io::stdout().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Format {
    fn text(self, disclosure: &Disclosure) -> anyhow::Result<String> {
        match self {
            Format::Table => Ok(table::text(disclosure)),
            Format::Json => Ok(serde_json::to_string_pretty(disclosure)? + "\n"),
        }
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("expected to write to {}", path.display()))
}
