//! The exit codes of the subcommands that compare. Whoever has a machine ask must be able to tell "it differs" from "it
//! could not be said": a node that does not answer is no difference.

use std::process::ExitCode;

/// What the codes mean, below the help of each of these subcommands.
pub const ENDINGS: &str = "Exit codes: 0 all is as it should be; 1 something differs; 2 it could not be said, \
                           for the question is not understood, or the node or the database does not answer it";

/// The subcommands whose code 1 says that something differs.
const COMPARING: [&str; 4] = ["audit", "ledger", "reconcile", "replay"];

/// The error, with the flags in the place of the configuration's keys, where there is no configuration to correct.
pub fn of_flags(error: &anyhow::Error, flags: &[(&str, &str)]) -> anyhow::Error {
    let told = flags.iter().fold(format!("{error:#}"), |told, (key, flag)| told.replace(key, flag));
    anyhow::Error::msg(told)
}

/// How a run ends that came to nothing, if `subcommand` was asked for.
pub fn failure(subcommand: Option<&str>) -> ExitCode {
    match subcommand {
        Some(name) if COMPARING.contains(&name) => ExitCode::from(2),
        Some(_) | None => ExitCode::FAILURE,
    }
}
