//! `banyan plan`: what a plan file is. A new verb is a file here with an `Args` and a `run`, a variant of [`What`] and
//! an arm of [`run`].

mod diff;
mod hash;
mod lint;
mod schema;
mod show;
mod table;

use std::process::ExitCode;

/// Arguments of `banyan plan`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Compares two plans: which keys differ and, over a file of events, who would get more and who less.
    Diff(diff::Args),
    /// Prints the plan's hash, by which the contract and its payloads name it.
    Hash(hash::Args),
    /// Reads the plan as its owner would fear it: what it cannot do, and what may hurt.
    Lint(lint::Args),
    /// Prints the reference of every key of plan files, as Markdown.
    Reference,
    /// Prints the JSON Schema of plan files, for editors.
    Schema,
    /// Shows what one payment does: who gets how much of it, and when.
    Show(show::Args),
}

/// Runs `banyan plan`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Diff(args) => diff::run(&args),
        What::Hash(args) => hash::run(&args),
        What::Lint(args) => lint::run(&args),
        What::Reference => schema::reference(),
        What::Schema => schema::schema(),
        What::Show(args) => show::run(&args),
    }
}
