//! The steps of a test run, in order, and what each of them does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use banyan_testkit::counts;
use banyan_testkit::postgres::{Options, Postgres};
use banyan_testkit::process::BUILT;

use super::Extent;
use super::totals::{self, Totals};
use crate::{command, lint, prepare, setup};

/// A step of a test run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Everything the others need is on the machine.
    SetUp,
    /// All binaries and tests compile.
    Build,
    /// `cargo xtask lint`.
    Lint,
    /// The unit tests of the pure crates and the ledger, for the inner loop.
    Inner,
    /// The tests of every crate.
    Crates,
    /// The contract's tests.
    Contracts,
    /// The whole product, end to end.
    EndToEnd,
    /// `cargo xtask prepare --check`.
    Prepared,
}

/// Crates whose unit tests `--quick` runs.
const INNER: [&str; 5] =
    ["banyan-types", "banyan-engine", "banyan-entitlement", "banyan-ledger", "banyan-settlement"];

/// What a phase came to.
pub struct Outcome {
    /// Whether everything in it succeeded.
    pub success: bool,
    /// The tests that it counted.
    pub totals: Totals,
    /// What to show of its output when it failed.
    pub tail: String,
}

impl Outcome {
    fn of(result: Result<()>) -> Self {
        let tail = result.as_ref().err().map(|reason| format!("{reason:#}")).unwrap_or_default();
        Self { success: result.is_ok(), totals: Totals::default(), tail }
    }
}

impl Phase {
    /// The phases of a run.
    pub fn of(extent: Extent) -> &'static [Self] {
        use Phase::{Build, Contracts, Crates, EndToEnd, Inner, Lint, Prepared, SetUp};
        match extent {
            Extent::Quick => &[Inner],
            Extent::Full | Extent::Soak => &[SetUp, Build, Lint, Crates, Contracts, EndToEnd, Prepared],
        }
    }

    /// Its name, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::SetUp => "set up",
            Self::Build => "build",
            Self::Lint => "lint",
            Self::Inner => "unit tests of the pure crates and the ledger",
            Self::Crates => "tests of every crate",
            Self::Contracts => "contract tests",
            Self::EndToEnd => "end-to-end tests",
            Self::Prepared => "committed files that are made are up to date",
        }
    }

    /// Whether there is no use in going on when it failed.
    pub fn is_needed_by_the_rest(self) -> bool {
        matches!(self, Self::SetUp | Self::Build)
    }

    /// Its log file in a folder.
    pub fn log(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.log", self.title().replace(' ', "-")))
    }
}

/// What the phases of a run share.
pub struct Run {
    extent: Extent,
    logs: PathBuf,
    /// One server for the tests of all crates; each test has its own database in it.
    server: Option<Postgres>,
}

impl Run {
    /// A run that writes its logs into a folder.
    pub fn new(extent: Extent, logs: PathBuf) -> Self {
        Self { extent, logs, server: None }
    }

    /// Does one phase.
    ///
    /// # Errors
    /// When a tool cannot be started; a failing one is an outcome.
    pub fn phase(&mut self, phase: Phase) -> Result<Outcome> {
        let log = phase.log(&self.logs);
        match phase {
            Phase::SetUp => Ok(Outcome::of(setup::run())),
            Phase::Lint => Ok(Outcome::of(lint::run())),
            Phase::Prepared => Ok(Outcome::of(prepare::run(true))),
            Phase::Build => build(&log),
            Phase::Inner => self.cargo_test(&log, &INNER.map(|name| ["--package", name]).concat()),
            Phase::Crates => self.cargo_test(&log, &["--workspace", "--exclude", "banyan-tests"]),
            Phase::EndToEnd => self.cargo_test(&log, &["--package", "banyan-tests"]),
            Phase::Contracts => {
                counted(Command::new(lint::forge()).arg("test").env(counts::VARIABLE, self.counts()), &log)
            }
        }
    }

    fn cargo_test(&mut self, log: &Path, selection: &[&str]) -> Result<Outcome> {
        let server = match self.server.take() {
            Some(server) => server,
            None => Postgres::start(Options::default())?,
        };
        let mut cargo = command::cargo();
        // All crates are told of, also after the first that fails.
        cargo.arg("test").args(selection).arg("--no-fail-fast");
        cargo.env("DATABASE_URL", server.url()).env(counts::VARIABLE, self.counts());
        if self.extent != Extent::Quick {
            cargo.env(BUILT, "1");
        }
        self.server = Some(server);
        counted(&mut cargo, log)
    }

    fn counts(&self) -> &'static str {
        match self.extent {
            Extent::Quick | Extent::Full => "modest",
            Extent::Soak => "soak",
        }
    }
}

/// Our binaries for the end-to-end tests, and all tests.
fn build(log: &Path) -> Result<Outcome> {
    let mut cargo = command::cargo();
    cargo.args(["build", "--workspace", "--bins", "--tests"]);
    let tells = |line: &str| line.starts_with("error") || line.trim_start().starts_with("Compiling banyan");
    let ended = command::logged(&mut cargo, log, tells)?;
    Ok(Outcome { success: ended.success, totals: Totals::default(), tail: command::tail(&ended.text, 60) })
}

fn counted(command: &mut Command, log: &Path) -> Result<Outcome> {
    let ended = command::logged(command, log, tells)?;
    let totals = totals::read(&ended.text);
    let mut tail = totals::failures(&ended.text);
    if tail.is_empty() {
        tail = command::tail(&ended.text, 60);
    }
    Ok(Outcome { success: ended.success && totals.failed == 0, totals, tail })
}

/// The lines that tell a reader where a run of tests is and what failed.
fn tells(line: &str) -> bool {
    let line = line.trim_start();
    ["Running ", "Doc-tests ", "Ran ", "test result: FAILED", "error", "[FAIL"]
        .iter()
        .any(|start| line.starts_with(start))
        || (line.starts_with("test ") && line.ends_with("FAILED"))
}
