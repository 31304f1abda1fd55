//! The subcommands. A new one is a file (or folder) here with an `Args` and a `run`, a variant of [`Command`] and an
//! arm of [`Command::run`].

mod audit;
mod disclose;
mod events;
mod ledger;
mod listen;
mod migrate;
mod plan;
mod reconcile;
mod replay;
mod serve;
mod settle;
mod simulate;
mod verdict;
mod why;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use banyan_engine::Plan;

use crate::settings::ConfigArgs;

/// What `banyan` can do.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Judges all that a contract ever did from a node alone, and compares the books with it if they are given.
    Audit(audit::Args),
    /// Reports what a plan over a file of events did to its participants: who earned what, who nothing.
    Disclose(disclose::Args),
    /// Asks the books, as of any block or time, and proves them.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Brings the contract's finalized events into the books.
    Listen(ConfigArgs),
    /// Brings the database's schema up to date.
    Migrate(ConfigArgs),
    /// Prints the OpenAPI document of the HTTP API.
    Openapi,
    /// Looks at plan files.
    Plan(plan::Args),
    /// Compares chain and books at one final block.
    Reconcile(reconcile::Args),
    /// Derives the raw logs anew into an empty schema, and compares the live rows with them.
    Replay(replay::Args),
    /// Serves the HTTP API.
    Serve(ConfigArgs),
    /// Sends payout batches and follows them until they are booked.
    Settle(ConfigArgs),
    /// Runs a plan over a file of events and prints what each one does.
    Simulate(simulate::Args),
    /// Explains what an event brought a user: the path from the payment to the reward.
    Why(why::Args),
    /// Explains why an event brought a user nothing.
    WhyNot(why::Args),
}

pub use verdict::failure;

impl Command {
    /// Does it. An error is told in one line; the exit code is then that of [`failure`].
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Command::Audit(args) => audit::run(args),
            Command::Disclose(args) => disclose::run(args),
            Command::Ledger(command) => ledger::run(&command),
            Command::Listen(args) => listen::run(&args),
            Command::Migrate(args) => migrate::run(&args),
            Command::Openapi => {
                print!("{}", banyan_api::openapi_document());
                Ok(ExitCode::SUCCESS)
            }
            Command::Plan(args) => plan::run(args),
            Command::Reconcile(args) => reconcile::run(&args),
            Command::Replay(args) => replay::run(&args),
            Command::Serve(args) => serve::run(&args),
            Command::Settle(args) => settle::run(&args),
            Command::Simulate(args) => simulate::run(args),
            Command::Why(args) => why::run_why(&args),
            Command::WhyNot(args) => why::run_why_not(&args),
        }
    }
}

/// Reads a plan file.
pub fn read_plan(path: &Path) -> anyhow::Result<Plan> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("expected a plan file at {}", path.display()))?;
    Plan::from_toml(&text).with_context(|| format!("{}", path.display()))
}
