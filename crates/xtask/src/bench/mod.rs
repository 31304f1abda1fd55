//! Measures how fast the product is, and says of each goal whether it is reached.
//!
//! A benchmark is no test: it fails when a result is wrong, never because the machine is slow. Everything that is
//! compared runs side by side, in several rounds, so that a machine which is slow for a while is slow for all.
#![allow(clippy::float_arithmetic, reason = "rates, ratios and places on a plot are no amounts")]

mod engine;
mod ledger;
mod process;
mod report;
mod series;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use banyan_testkit::paths;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    /// The plan engine, alone and under `banyan simulate`.
    Engine,
    /// The books: bookings, registrations, and reads beside them.
    Ledger,
}

/// What can be said about a benchmark.
#[derive(clap::Args)]
pub struct Options {
    /// What to measure.
    name: Name,
    /// How often everything is measured in turn.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Participants of the books that registrations are measured on.
    #[arg(long, default_value_t = 1_000_000)]
    people: u32,
    /// Postings that those books have at least; ten million take a quarter of an hour more.
    #[arg(long, default_value_t = 0)]
    rows: u32,
}

/// Measures, prints the figures, and leaves a report under `target/bench`.
///
/// # Errors
/// When something does not build or run, or gives a wrong result.
pub fn run(options: &Options) -> Result<()> {
    match options.name {
        Name::Engine => engine::run(&folder("engine")?, options.rounds),
        Name::Ledger => ledger::run(&folder("ledger")?, options.rounds, (options.people, options.rows)),
    }
}

/// The folder of a benchmark's report, emptied.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = paths::root().join("target/bench").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}
