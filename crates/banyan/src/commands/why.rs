//! `banyan why` and `banyan why-not`: the path from a payment to a reward, and the reason for nothing.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use banyan_engine::explain::{Explanation, Inquiry};

use super::events::{Ending, Source};

/// Arguments of `banyan why` and `banyan why-not`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file, such as config/plans/autopool.toml.
    #[arg(long)]
    plan: PathBuf,
    #[command(flatten)]
    source: Source,
    /// The id of the event; what the calendar brought is recorded under the id of the first event after it.
    #[arg(long)]
    event: String,
    /// Whom to explain it to: a user's name, or company.
    #[arg(long)]
    user: String,
    /// How to print; json is the machine form of docs/explain.md.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How an explanation is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Sentences for people.
    Text,
    /// The machine form, the same for both questions.
    Json,
}

/// Runs `banyan why`.
pub fn run_why(args: &Args) -> anyhow::Result<ExitCode> {
    run(args, Explanation::why)
}

/// Runs `banyan why-not`.
pub fn run_why_not(args: &Args) -> anyhow::Result<ExitCode> {
    run(args, Explanation::why_not)
}

fn run(args: &Args, say: fn(&Explanation) -> String) -> anyhow::Result<ExitCode> {
    let mut simulation = args.source.simulation(super::read_plan(&args.plan)?);
    let mut inquiry = Inquiry::new(&mut simulation, &args.event, &args.user);
    let ending = args.source.open(true)?.run(&mut simulation, |taken, simulation| {
        inquiry.look(taken.id, !taken.returned, simulation);
        Ok(())
    })?;
    let Some(answer) = inquiry.answer(&simulation) else {
        if matches!(ending, Ending::Refused(_)) {
            return Ok(ending.tell());
        }
        bail!(
            "expected the id of an event of the file that was not refused as `--event`, got {:?}",
            args.event
        );
    };
    let text = match args.format {
        Format::Text => say(&answer),
        Format::Json => serde_json::to_string(&answer)? + "\n",
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(ending.tell())
}
