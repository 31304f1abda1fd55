//! `cargo xtask bench ledger`: how fast the books take postings, single transactions and registrations, whether that stays
//! so while they grow, and whether readers feel it. `pgbench` runs on the same server in the same rounds.

mod page;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::report::{Bound, Goal};
use super::series::Series;
use crate::command::{self, shown};

/// What was measured at some size of the books, or at none.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Point {
    /// The size.
    at: f64,
    /// The figure.
    value: f64,
}

/// A line that the measuring program prints.
#[derive(Debug, Deserialize)]
struct Told {
    figure: String,
    #[serde(flatten)]
    point: Point,
}

/// Everything that was measured, by name, in the order in which it was.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Figures(BTreeMap<String, Vec<Point>>);

/// Measures, prints the figures and writes the report.
///
/// # Errors
/// When something does not build or run, or the books are wrong afterwards.
pub fn run(folder: &Path, rounds: u32, (people, rows): (u32, u32)) -> Result<()> {
    println!("Building in release mode …");
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).context("expected this program in a profile's folder")?;
    let mut cargo = command::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "banyan-programme", "--example", "measure"]);
    command::run(cargo.arg("--target-dir").arg(target))?;
    let mut program = Command::new(target.join("release/examples/measure"));
    program.args([rounds, people, rows].map(|number| number.to_string()));
    let figures = measure(&mut program)?;
    page::write(folder, &figures)
}

/// Runs the program, and reads each figure as it comes.
fn measure(program: &mut Command) -> Result<Figures> {
    let mut child =
        program.stdout(Stdio::piped()).spawn().with_context(|| format!("starting `{}`", shown(program)))?;
    let mut figures = Figures::default();
    for line in BufReader::new(child.stdout.take().context("expected a pipe")?).lines() {
        let line = line?;
        println!("{line}");
        let told: Told = serde_json::from_str(&line).with_context(|| format!("reading {line:?}"))?;
        figures.0.entry(told.figure).or_default().push(told.point);
    }
    let ended = child.wait()?;
    ensure!(ended.success(), "`{}` failed ({ended}): the reason is above", shown(program));
    Ok(figures)
}

impl Figures {
    /// All that was told of one figure.
    fn points(&self, figure: &str) -> &[Point] {
        self.0.get(figure).map_or(&[], Vec::as_slice)
    }

    /// The same without sizes, round by round.
    fn series(&self, figure: &str) -> Series {
        self.points(figure).iter().map(|point| point.value).collect()
    }

    /// The size that a figure was measured at last.
    fn size(&self, figure: &str) -> f64 {
        self.points(figure).last().map_or(f64::NAN, |point| point.at)
    }

    /// The promised figures.
    fn goals(&self) -> Vec<Goal> {
        let at_least = |what, wanted, figure| {
            let rounds: Series = self.series(figure);
            Goal { what, wanted, bound: Bound::AtLeast, figure: rounds.max(), rounds }
        };
        let at_most =
            |what, wanted, figure, rounds| Goal { what, wanted, bound: Bound::AtMost, figure, rounds };
        let (small, large) = (self.series("small"), self.series("large"));
        let reads = self.series("read_p99_busy").over(&self.series("read_p99_quiet"));
        vec![
            at_least("two-leg postings/s, 1,000 a batch", 15e3, "postings"),
            at_least("single transactions/s of 16 callers, committed together", 2.5e3, "joined"),
            at_least("registrations/s, event to posted and sealed rewards", 3.5e3, "registrations"),
            at_least("… wanted", 5e3, "registrations"),
            at_most("p99 of reads beside 300 registrations/s over that without", 2.0, reads.median(), reads),
            at_most(
                "processor time of an event in the large books over that in small ones",
                1.3,
                large.min() / small.min(),
                large.over(&small),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goal_is_taken_from_the_lines_of_its_rounds() {
        let mut program = Command::new("printf");
        let line = |figure: &str, at: u32, value: u32| {
            format!("{{\"figure\":\"{figure}\",\"at\":{at},\"value\":{value}}}\\n")
        };
        let rounds =
            |figure: &str, values: [u32; 2]| values.map(|value| line(figure, 100_000, value)).concat();
        let lines = [
            rounds("postings", [14_000, 16_000]),
            rounds("joined", [2_000, 2_400]),
            rounds("registrations", [3_000, 4_000]),
            rounds("read_p99_quiet", [100, 100]),
            rounds("read_p99_busy", [150, 190]),
            rounds("small", [100, 110]),
            rounds("large", [140, 120]),
        ];
        let figures = measure(program.arg(lines.concat())).unwrap();
        let reached: Vec<bool> = figures.goals().iter().map(Goal::reached).collect();
        assert_eq!(reached, [true, false, true, false, true, true]);
    }

    #[test]
    fn a_program_that_fails_is_no_measurement() {
        let error = measure(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains('3'), "{error}");
    }
}
