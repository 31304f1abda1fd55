//! What is kept of a soak: a page for people and the same figures for programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use banyan_testkit::paths;
use serde_json::json;

use super::{Done, time};
use crate::command;

/// Writes `report.md` and `report.json` into a folder, and returns the path of the former.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, done: &[Done]) -> Result<PathBuf> {
    let commit = command::output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(paths::root()))?;
    let page = folder.join("report.md");
    std::fs::write(&page, markdown(commit.trim(), done))?;
    std::fs::write(folder.join("report.json"), serde_json::to_string_pretty(&figures(commit.trim(), done))?)?;
    Ok(page)
}

fn markdown(commit: &str, done: &[Done]) -> String {
    let rows: String = done
        .iter()
        .map(|phase| {
            let outcome = if phase.success { "ok" } else { "FAILED" };
            let (passed, failed) = (phase.totals.passed, phase.totals.failed);
            format!("| {} | {outcome} | {passed} | {failed} | {} |\n", phase.title, time(phase.took))
        })
        .collect();
    format!(
        "# Soak of {commit}\n\nAll tests with large counts. The logs of the phases lie beside this page.\n\n\
         | phase | outcome | passed | failed | time |\n|---|---|---|---|---|\n{rows}"
    )
}

fn figures(commit: &str, done: &[Done]) -> serde_json::Value {
    let phases: Vec<_> = done
        .iter()
        .map(|phase| {
            json!({
                "phase": phase.title,
                "success": phase.success,
                "passed": phase.totals.passed,
                "failed": phase.totals.failed,
                "skipped": phase.totals.skipped,
                "seconds": phase.took.as_secs(),
            })
        })
        .collect();
    json!({ "commit": commit, "success": done.iter().all(|phase| phase.success), "phases": phases })
}

#[cfg(test)]
mod tests {
    use super::super::totals::Totals;
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_failed_phase_is_seen_in_both_forms() {
        let totals = Totals { passed: 3, failed: 1, skipped: 0 };
        let done = [Done { title: "contract tests", success: false, totals, took: Duration::from_secs(65) }];
        assert!(markdown("abc", &done).contains("| contract tests | FAILED | 3 | 1 | 1 min 5 s |"));
        assert_eq!(figures("abc", &done)["success"], false);
    }
}
