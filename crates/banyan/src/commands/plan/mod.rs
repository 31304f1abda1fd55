//! `banyan plan`: what a plan file is. A new verb is a file here with an `Args` and a `run`, a variant of [`What`] and
//! an arm of [`run`].

mod hash;

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
}

/// Runs `banyan plan`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Hash(args) => hash::run(&args),
    }
}
