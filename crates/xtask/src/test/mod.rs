//! Runs everything that can fail, phase by phase, and ends with one line of totals.

mod phases;
mod report;
mod totals;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use banyan_testkit::paths;

use phases::{Phase, Run};
use totals::Totals;

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The inner loop: unit tests of the pure crates and the ledger.
    Quick,
    /// Everything, with modest counts.
    Full,
    /// Everything, with large counts.
    Soak,
}

/// One phase, as the report tells it.
#[derive(Debug)]
pub struct Done {
    title: &'static str,
    success: bool,
    totals: Totals,
    took: Duration,
}

/// Runs the phases and prints the totals as its last line.
///
/// # Errors
/// When anything failed.
pub fn run(extent: Extent) -> Result<()> {
    let folder = paths::root().join("target").join(if extent == Extent::Soak { "soak" } else { "test" });
    // Logs of an earlier run would be taken for this one's.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let start = Instant::now();
    let mut run = Run::new(extent, folder.clone());
    let mut done = Vec::new();
    let phases = Phase::of(extent);
    for (number, phase) in phases.iter().enumerate() {
        println!("{}/{} {}", number + 1, phases.len(), phase.title());
        let result = one(&mut run, *phase)?;
        let stop = !result.success && phase.is_needed_by_the_rest();
        done.push(result);
        if stop {
            break;
        }
    }
    if extent == Extent::Soak {
        println!("report: {}", report::write(&folder, &done)?.display());
    }
    summary(&done, start.elapsed(), &folder);
    let failed = done.iter().filter(|phase| !phase.success).count();
    if failed > 0 { bail!("{failed} of {} phases failed", done.len()) } else { Ok(()) }
}

fn one(run: &mut Run, phase: Phase) -> Result<Done> {
    let start = Instant::now();
    let outcome = run.phase(phase)?;
    let mut totals = outcome.totals;
    if !outcome.success {
        println!("{}", outcome.tail);
        // A phase that broke before it could count a failure is one.
        totals.failed = totals.failed.max(1);
    }
    let done = Done { title: phase.title(), success: outcome.success, totals, took: start.elapsed() };
    println!("  {} {} in {}", if done.success { "ok  " } else { "FAIL" }, done.title, time(done.took));
    Ok(done)
}

fn summary(done: &[Done], took: Duration, logs: &std::path::Path) {
    println!();
    let mut all = Totals::default();
    for phase in done {
        let mark = if phase.success { "ok  " } else { "FAIL" };
        println!("{mark} {:>9}  {}", time(phase.took), phase.title);
        all += phase.totals;
    }
    println!("{} in all; {} left out; logs: {}", time(took), all.skipped, logs.display());
    println!("{} passed, {} failed", all.passed, all.failed);
}

/// `3 min 7 s`.
fn time(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::time;
    use std::time::Duration;

    #[test]
    fn times_are_told_in_minutes_and_seconds() {
        assert_eq!(time(Duration::from_millis(59_900)), "59 s");
        assert_eq!(time(Duration::from_secs(187)), "3 min 7 s");
    }
}
