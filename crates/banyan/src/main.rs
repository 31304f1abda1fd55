//! `banyan`: one binary, one subcommand a file in [`commands`]. This file only finds the right one.

mod commands;
mod overrides;
mod process;
mod settings;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

/// The settlement backend of a referral programme whose money is held by a contract.
#[derive(Parser)]
#[command(name = "banyan", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(err) => return explain_usage(&err),
    };
    match cli.command.run() {
        Ok(code) => code,
        Err(err) if is_broken_pipe(&err) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("error: {err:#}");
            failure()
        }
    }
}

/// How it ends that nothing came of what was asked. The subcommand is the first argument: there are no options before it.
fn failure() -> ExitCode {
    commands::failure(std::env::args().nth(1).as_deref())
}

/// Prints help, or what is wrong with the arguments. Exit code 2 belongs to refused events, so this is 1, except where 1
/// says that something differs.
fn explain_usage(err: &clap::Error) -> ExitCode {
    let printed = err.print();
    match err.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion if printed.is_ok() => ExitCode::SUCCESS,
        _ => failure(),
    }
}

/// A reader such as `head` that has seen enough is no error.
fn is_broken_pipe(err: &anyhow::Error) -> bool {
    err.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|err| err.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
