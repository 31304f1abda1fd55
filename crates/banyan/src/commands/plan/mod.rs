//! `banyan plan`: what a plan file is. A new verb is a file here with an `Args` and a `run`, a variant of [`What`] and
//! an arm of [`run`].

mod hash;
mod lint;

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
    Hash(hash::Args),
    /// Reads the plan as its owner would fear it: what it cannot do, and what may hurt.
    Lint(lint::Args),
}

/// Runs `banyan plan`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Hash(args) => hash::run(&args),
        What::Lint(args) => lint::run(&args),
    }
}
