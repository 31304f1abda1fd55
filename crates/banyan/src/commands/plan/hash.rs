//! `banyan plan hash`: by what the contract and its payloads name a plan.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::commands::read_plan;

/// Arguments of `banyan plan hash`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file.
    file: PathBuf,
    /// Prints what the hash is taken of instead: the plan's canonical JSON (RFC 8785), without a line end.
    #[arg(long)]
    canonical: bool,
}

/// Runs `banyan plan hash`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let plan = read_plan(&args.file)?;
    let text = if args.canonical { plan.canonical_json() } else { format!("{}\n", plan.hash()) };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
