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
        Err(err) if is_closed_output(&err) => ExitCode::SUCCESS,
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

/// A reader such as `head` that has seen enough is no error. Only what is the pipe's own error counts: one that lies within
/// another is a connection that broke, of which nothing came.
fn is_closed_output(err: &anyhow::Error) -> bool {
    err.downcast_ref::<std::io::Error>().is_some_and(|err| err.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use anyhow::Context as _;

    use super::is_closed_output;

    /// An error of the database, within which the connection's lies.
    #[derive(Debug)]
    struct Database(Error);

    impl std::fmt::Display for Database {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the database does not answer")
        }
    }

    impl std::error::Error for Database {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_told_from_a_connection_that_broke() {
        let pipe = || Error::from(ErrorKind::BrokenPipe);
        assert!(is_closed_output(&anyhow::Error::from(pipe())));
        assert!(!is_closed_output(&anyhow::Error::from(Database(pipe()))));
        assert!(!is_closed_output(
            &anyhow::Error::from(Database(pipe())).context("the books cannot be verified")
        ));
        let written: anyhow::Result<()> = Err(pipe()).context("the records cannot be written");
        assert!(is_closed_output(&written.unwrap_err()), "context of our own does not hide it");
    }
}
