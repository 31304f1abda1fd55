//! `banyan plan`: what a plan file is.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `banyan plan`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Prints the plan's hash, by which the contract and its payloads name it.
    Hash {
        /// The plan file.
        file: PathBuf,
        /// Prints what the hash is taken of instead: the plan's canonical JSON (RFC 8785), without a line end.
        #[arg(long)]
        canonical: bool,
    },
}

/// Runs `banyan plan`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let What::Hash { file, canonical } = args.what;
    let plan = super::read_plan(&file)?;
    let text = if canonical { plan.canonical_json() } else { format!("{}\n", plan.hash()) };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
