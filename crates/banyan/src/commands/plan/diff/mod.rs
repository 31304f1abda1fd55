//! `banyan plan diff`: which keys of two plans differ, and what the new one would have made of a history.

mod replay;
mod text;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::ensure;
use banyan_engine::comparison::{Change, Effect, keys, may_follow};
use banyan_engine::{AdoptError, Plan};
use serde::Serialize;

use crate::commands::events::{Ending, Source};
use crate::commands::read_plan;
use replay::Refused;

/// Arguments of `banyan plan diff`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file in force.
    old: PathBuf,
    /// The plan file to compare it with.
    new: PathBuf,
    /// Events (JSON Lines, in order of time; `-` is standard input): who would get more and who less, had NEW been in
    /// force from the first of them.
    #[arg(long)]
    events: Option<PathBuf>,
    /// Does under both plans as production does with a refused payment, and tells what only one of them refuses. Without
    /// this the first event that either refuses ends the comparison.
    #[arg(long, requires = "events")]
    lenient: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Prints so many participants at most, half of them those who gain most; 0 prints all. JSON always has all.
    #[arg(long, default_value_t = 40)]
    limit: usize,
}

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, in the plans' currency.
    Table,
    /// For machines: one JSON object, amounts in smallest units, shares in basis points.
    Json,
}

/// What is printed.
#[derive(Serialize)]
struct Comparison {
    #[serde(serialize_with = "named")]
    old: Plan,
    #[serde(serialize_with = "named")]
    new: Plan,
    keys: Vec<Change>,
    /// Why the new plan may not follow the old one under seated participants; null if it may.
    #[serde(serialize_with = "reason")]
    may_not_follow: Option<AdoptError>,
    /// Null without events, and where an event ended the comparison.
    effect: Option<Effect>,
    /// Events that one of the plans refuses and the other takes.
    refused: Vec<Refused>,
}

/// Runs `banyan plan diff`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let [old, new] = [read_plan(&args.old)?, read_plan(&args.new)?];
    let mut comparison = Comparison {
        keys: keys(&old, &new),
        may_not_follow: may_follow(&old, &new).err(),
        old,
        new,
        effect: None,
        refused: Vec::new(),
    };
    let ending = match &args.events {
        Some(events) => comparison.replay(events, args.lenient)?,
        None => Ending::Complete,
    };
    let text = match args.format {
        Format::Table => text::text(&comparison, args.limit),
        Format::Json => serde_json::to_string_pretty(&comparison)? + "\n",
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ending.tell())
}

impl Comparison {
    fn replay(&mut self, events: &Path, lenient: bool) -> anyhow::Result<Ending> {
        let (old, new) = (self.old.currency(), self.new.currency());
        ensure!(
            old == new,
            "expected two plans in the same currency to compare amounts, got {old} and {new}"
        );
        let source = Source::new(events.to_owned(), lenient);
        let runs = [&self.old, &self.new].map(|plan| source.simulation(plan.clone()));
        let replayed = replay::replay(source.open(true)?, lenient, runs)?;
        if let Ending::Complete = replayed.ending {
            let [old, new] = &replayed.runs;
            self.effect = Some(Effect::of(old, new));
            self.refused = replayed.refused;
        }
        Ok(replayed.ending)
    }
}

fn named<S: serde::Serializer>(plan: &Plan, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::json!({ "name": plan.name(), "hash": plan.hash().to_string() }).serialize(serializer)
}

fn reason<S: serde::Serializer>(reason: &Option<AdoptError>, serializer: S) -> Result<S::Ok, S::Error> {
    reason.as_ref().map(ToString::to_string).serialize(serializer)
}
