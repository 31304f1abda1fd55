//! What a benchmark leaves behind: goals reached or not, tables, and where and when that was.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use banyan_testkit::paths;
use serde::Serialize;
use serde_json::json;

use super::series::Series;
use crate::command;

/// A figure that was promised.
#[derive(Debug, Serialize)]
pub struct Goal {
    /// What is measured, with its unit.
    pub what: &'static str,
    /// The promised figure.
    pub wanted: f64,
    /// Whether the figure may not be lower, or not be higher.
    pub bound: Bound,
    /// The figure that is compared.
    pub figure: f64,
    /// The figures of all rounds.
    pub rounds: Series,
}

/// On which side of the promise a figure must lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The more, the better.
    AtLeast,
    /// The less, the better.
    AtMost,
}

impl Goal {
    /// Whether the promise is kept.
    pub fn reached(&self) -> bool {
        match self.bound {
            Bound::AtLeast => self.figure >= self.wanted,
            Bound::AtMost => self.figure <= self.wanted,
        }
    }

    fn row(&self) -> String {
        let bound = if self.bound == Bound::AtLeast { "≥" } else { "≤" };
        let verdict = if self.reached() { "reached" } else { "NOT reached" };
        format!(
            "| {} | {bound} {} | {} | {} | {} | {} | {verdict} |\n",
            self.what,
            number(self.wanted),
            number(self.figure),
            number(self.rounds.min()),
            number(self.rounds.median()),
            number(self.rounds.max()),
        )
    }
}

/// The goals as a table in Markdown.
pub fn goals(goals: &[Goal]) -> String {
    let rows: String = goals.iter().map(Goal::row).collect();
    format!("| figure | goal | measured | min | median | max | |\n|---|---:|---:|---:|---:|---:|---|\n{rows}")
}

/// A table in Markdown: a title for each column, and the rows.
pub fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let ruler = titles.iter().map(|_| "---:").collect();
    let rows: String = rows.iter().map(|row| line(row.iter().map(String::as_str).collect())).collect();
    line(titles.to_vec()) + &line(ruler) + &rows
}

/// A number as people read it: three significant digits, thousands apart.
pub fn number(value: f64) -> String {
    if value < 100.0 {
        let places = if value < 10.0 { 2 } else { 1 };
        return format!("{value:.places$}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Where and when it was measured, in one line.
pub fn occasion() -> Result<String> {
    let ask = |program: &str, arguments: &[&str]| {
        let answer = command::output(Command::new(program).args(arguments).current_dir(paths::root()))?;
        anyhow::Ok(answer.trim().to_owned())
    };
    let commit = ask("git", &["rev-parse", "--short", "HEAD"])?;
    let date = ask("date", &["-u", "+%Y-%m-%d %H:%M UTC"])?;
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = information.lines().filter(|line| line.starts_with("model name")).collect();
    let model = models.first().and_then(|line| line.split_once(": ")).map_or("unknown", |(_, model)| model);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    Ok(format!("commit {commit}, {date}, {} × {}, load at the end {load}", models.len(), model.trim()))
}

/// Writes `report.md` and `report.json`.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    folder: &Path,
    page: &str,
    occasion: &str,
    goals: &[Goal],
    tables: serde_json::Value,
) -> Result<()> {
    let reached: Vec<bool> = goals.iter().map(Goal::reached).collect();
    let figures = json!({ "occasion": occasion, "goals": goals, "reached": reached, "tables": tables });
    std::fs::write(folder.join("report.md"), page)?;
    std::fs::write(folder.join("report.json"), serde_json::to_string_pretty(&figures)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_from_its_side_only() {
        let goal = |bound, figure| Goal { what: "x", wanted: 10.0, bound, figure, rounds: Series::default() };
        assert!(goal(Bound::AtLeast, 10.0).reached() && !goal(Bound::AtLeast, 9.9).reached());
        assert!(goal(Bound::AtMost, 10.0).reached() && !goal(Bound::AtMost, 10.1).reached());
        assert!(goals(&[goal(Bound::AtMost, 12.0)]).contains("| x | ≤ 10.0 | 12.0 | "));
    }

    #[test]
    fn numbers_are_read_in_thousands() {
        let texts = [0.5, 12.34, 100.0, 1_234.4, 1_234_567.0].map(number);
        assert_eq!(texts, ["0.50", "12.3", "100", "1,234", "1,234,567"]);
    }
}
