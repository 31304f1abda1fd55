//! The programs that are measured: the engine's own pace, and `banyan simulate`, whose results are checked each time.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};
use banyan_testkit::paths;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SimulateCost;
use crate::bench::process::{Ended, measured};
use crate::command;

/// Where the programs and their files are.
pub struct Programs {
    banyan: PathBuf,
    pace: PathBuf,
    plan: PathBuf,
    events: PathBuf,
    records: PathBuf,
}

/// The events of the file.
#[derive(Debug, Serialize, Deserialize)]
pub struct History {
    people: u32,
    events: u32,
    /// Sum of everybody's depth below the company.
    depths: u64,
    /// All that is paid in, in smallest units.
    pub money_in: String,
}

impl History {
    /// How deep below the company participants are on average.
    pub fn mean_depth(&self) -> f64 {
        self.depths as f64 / f64::from(self.people)
    }

    /// Participants and events.
    pub fn size(&self) -> (u32, u32) {
        (self.people, self.events)
    }
}

/// Events and the processor time that they took.
#[derive(Debug, Deserialize)]
pub struct Timed {
    events: u32,
    ns: u64,
    /// Sum of the buyers' depths, of purchases.
    #[serde(default)]
    depths: u64,
}

impl Timed {
    /// Nanoseconds an event.
    pub fn each(&self) -> f64 {
        self.ns as f64 / f64::from(self.events)
    }

    /// How deep below the company buyers are on average.
    pub fn mean_depth(&self) -> f64 {
        self.depths as f64 / f64::from(self.events)
    }
}

/// A tree that grew and then went on.
#[derive(Debug, Deserialize)]
pub struct Autopool {
    pub growing: Timed,
    pub grown: Timed,
    pub money_in: String,
}

impl Programs {
    /// Builds what is measured, in release mode, into the target folder that this program lies in.
    pub fn build(folder: &Path) -> Result<Programs> {
        let this = std::env::current_exe()?;
        let target = this.ancestors().nth(2).context("expected this program in a profile's folder")?;
        let mut cargo = command::cargo();
        cargo.args(["build", "--quiet", "--release", "--package", "banyan", "--package", "banyan-engine"]);
        cargo.args(["--bin", "banyan", "--example", "pace", "--target-dir"]).arg(target);
        command::run(&mut cargo)?;
        let built = target.join("release");
        Ok(Programs {
            banyan: built.join("banyan"),
            pace: built.join("examples/pace"),
            plan: paths::root().join("config/plans/autopool.toml"),
            events: folder.join("events.jsonl"),
            records: folder.join("records.jsonl"),
        })
    }

    /// Writes the history that `simulate` reads: the one that [`Programs::autopool`] grows a tree by.
    pub fn write_events(&self, people: u32) -> Result<History> {
        self.pace(&["lines", &people.to_string(), &self.events.to_string_lossy()])
    }

    /// Removes what nobody reads after the benchmark.
    pub fn remove_events(&self) -> Result<()> {
        std::fs::remove_file(&self.events).context("removing the events")
    }

    /// The engine alone.
    pub fn autopool(&self, people: u32) -> Result<Autopool> {
        self.pace(&["autopool", &people.to_string()])
    }

    /// Purchases under Rest Empire, by a crowd of so many layers.
    pub fn purchases(&self, layers: u32, people: u32) -> Result<Timed> {
        self.pace(&["purchases", &layers.to_string(), &people.to_string()])
    }

    fn pace<T: serde::de::DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let printed = command::output(Command::new(&self.pace).args(arguments))?;
        serde_json::from_str(&printed).with_context(|| format!("reading {printed:?}"))
    }

    /// `banyan simulate --summary`.
    pub fn summary(&self, history: &History, cost: &mut SimulateCost) -> Result<()> {
        let ended = measured(self.simulate().args(["--summary", "--format", "jsonl"]))?;
        let last = ended.output.lines().last().context("expected a summary, got nothing")?;
        let last: Value = serde_json::from_str(last)?;
        let sides = &last["conservation"];
        ensure!(
            sides["in"] == history.money_in.as_str() && sides["difference"] == "0",
            "expected {} to come in and to be distributed, got {last}",
            history.money_in
        );
        cost.note(history, &ended);
        Ok(())
    }

    /// `banyan simulate --out FILE`: the file is new each time, since emptying an old one costs as well.
    pub fn records(&self, history: &History, cost: &mut SimulateCost) -> Result<()> {
        let ended = measured(self.simulate().arg("--out").arg(&self.records))?;
        let last = last_line(&self.records)?;
        let last: Value = serde_json::from_str(&last).with_context(|| format!("reading {last:?}"))?;
        let expected = format!("e{}", history.events);
        ensure!(
            last["event"] == expected.as_str(),
            "expected the records to end with {expected}, got {last}"
        );
        std::fs::remove_file(&self.records)?;
        cost.note(history, &ended);
        Ok(())
    }

    fn simulate(&self) -> Command {
        let mut command = Command::new(&self.banyan);
        command.arg("simulate").arg("--plan").arg(&self.plan).arg("--events").arg(&self.events);
        command
    }
}

impl SimulateCost {
    fn note(&mut self, history: &History, ended: &Ended) {
        let events = f64::from(history.events);
        self.rate.push(events / ended.processor);
        self.wall_rate.push(events / ended.wall);
        self.peak.push(ended.peak);
    }
}

fn last_line(path: &Path) -> Result<String> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
    let mut end = String::new();
    file.read_to_string(&mut end)?;
    let last = end.lines().last().ok_or_else(|| anyhow!("expected records in {}", path.display()))?;
    Ok(last.to_owned())
}
