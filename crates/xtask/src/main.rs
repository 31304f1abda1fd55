//! `cargo xtask`: everything that a newcomer, a developer or a build machine does with this project, in one word each.

mod bench;
mod command;
mod demo;
mod lint;
mod prepare;
mod setup;
mod test;

use clap::{Parser, Subcommand};

/// The project's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs everything the other tasks need; quiet when nothing is missing.
    Setup,
    /// Runs the whole product on a local chain and acts as its people do; ends with the numbers side by side.
    Demo(demo::Options),
    /// Sets up, builds, lints and runs all tests; the last line has the totals.
    Test {
        /// Only the unit tests of the pure crates and the ledger.
        #[arg(long)]
        quick: bool,
    },
    /// The same tests with large counts, and a report under target/soak.
    Soak,
    /// Measures how fast the product is; the report goes under target/bench.
    Bench(bench::Options),
    /// Format, clippy, dependency direction, names, lengths, licences.
    Lint,
    /// Regenerates what is committed but made: query data, contract ABI, OpenAPI.
    Prepare {
        /// Change nothing; fail when something committed is out of date.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> std::process::ExitCode {
    let done = match Arguments::parse().task {
        Task::Setup => setup::run(),
        Task::Demo(options) => demo::run(&options),
        Task::Test { quick: true } => test::run(test::Extent::Quick),
        Task::Test { quick: false } => test::run(test::Extent::Full),
        Task::Soak => test::run(test::Extent::Soak),
        Task::Bench(options) => bench::run(&options),
        Task::Lint => lint::run(),
        Task::Prepare { check } => prepare::run(check),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
