//! Everything about the sources that a machine can judge: format, clippy, and this project's own rules.

mod edges;
mod length;
mod licences;
mod names;
mod sources;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use banyan_testkit::{install, paths};

use crate::command;

/// One rule broken in one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, relative to the top folder.
    pub place: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl Problem {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// Judges all sources by one of our own rules.
type Check = fn() -> Result<Vec<Problem>>;

/// Runs all checks, and fails when any has found something.
///
/// # Errors
/// Names the checks that failed, after all have run.
pub fn run() -> Result<()> {
    let mut failed = Vec::new();
    let own: [(&str, Check); 4] = [
        ("dependency direction", edges::check),
        ("names and their places", names::check),
        ("lengths", length::check),
        (
            "licences (advisories need cargo-deny and its database, which this does not fetch)",
            licences::check,
        ),
    ];
    for (title, check) in own {
        let problems = check()?;
        println!("  {} {title}", if problems.is_empty() { "ok  " } else { "FAIL" });
        for Problem { place, what } in &problems {
            println!("       {place}: {what}");
        }
        if !problems.is_empty() {
            failed.push(title);
        }
    }
    for (title, mut tool) in tools()? {
        let outcome = command::run(&mut tool);
        println!("  {} {title}", if outcome.is_ok() { "ok  " } else { "FAIL" });
        if outcome.is_err() {
            failed.push(title);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("lint: {}", failed.join("; ")) }
}

/// The tools that others made.
fn tools() -> Result<Vec<(&'static str, Command)>> {
    let people = paths::root().join("tests/people");
    install::npm(&paths::contracts())?;
    install::npm(&people)?;
    let mut format = command::cargo();
    format.args(["fmt", "--all", "--", "--check", "-l"]);
    let mut clippy = command::cargo();
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    let mut solidity = Command::new(forge());
    solidity.args(["fmt", "--check"]);
    let mut typescript = Command::new(people.join("node_modules/.bin/tsc"));
    typescript.args(["--strict", "--noEmit", "-p"]).arg(&people);
    Ok(vec![
        ("cargo fmt", format),
        ("forge fmt", solidity),
        ("tsc --strict (tests/people)", typescript),
        ("clippy", clippy),
    ])
}

/// Runs forge out of the npm packages, in the contracts' folder.
pub fn forge() -> PathBuf {
    paths::contracts().join("tools/forge")
}
