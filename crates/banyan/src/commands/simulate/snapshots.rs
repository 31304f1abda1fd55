//! Snapshots of a run: files that are written whole or not at all, and gone on from.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use banyan_engine::Plan;
use banyan_engine::interchange::Simulation;
use banyan_engine::snapshot::{self, Progress};
use banyan_types::keccak256;

/// Where a run comes from and what it leaves.
#[derive(clap::Args)]
pub struct Stops {
    /// Writes the state to this file when the events end, so that a later run can go on from there. A run that ends
    /// at a refused event writes none.
    #[arg(long, value_name = "FILE")]
    snapshot_out: Option<PathBuf>,
    /// Writes the snapshot after every so many lines, too.
    #[arg(long, value_name = "LINES", requires = "snapshot_out")]
    snapshot_every: Option<std::num::NonZeroU64>,
    /// Goes on from this snapshot, made under the same plan: the events are those that come after it, and so are the
    /// records.
    #[arg(long, value_name = "FILE", conflicts_with = "summary")]
    resume: Option<PathBuf>,
    /// The events are those from the very first: passes over the lines that the snapshot has seen.
    #[arg(long, requires = "resume")]
    skip_seen: bool,
}

impl Stops {
    /// The run to go on with, strict until it is told otherwise, and how far it has come.
    pub fn simulation(&self, plan: Plan) -> anyhow::Result<(Simulation, Progress)> {
        let Some(path) = &self.resume else { return Ok((Simulation::new(plan), Progress::default())) };
        let bytes = fs::read(path).with_context(|| format!("expected a snapshot at {}", path.display()))?;
        snapshot::read(&bytes, plan).with_context(|| format!("{}", path.display()))
    }

    /// Whether the run goes on from another.
    pub fn resumes(&self) -> bool {
        self.resume.is_some()
    }

    /// Passes over the lines that the snapshot has seen, if that is asked.
    pub fn skip(
        &self,
        seen: &Progress,
        mut next_line: impl FnMut() -> anyhow::Result<Option<[u8; 32]>>,
    ) -> anyhow::Result<()> {
        if !self.skip_seen {
            return Ok(());
        }
        let mut last = [0; 32];
        for number in 1..=seen.lines {
            match next_line()? {
                Some(digest) => last = digest,
                None => bail!(
                    "expected the events from the first, of which the snapshot has seen {} lines: these end after {}",
                    seen.lines,
                    number - 1
                ),
            }
        }
        if last != seen.last {
            bail!(
                "expected the events that the snapshot has seen, but line {} is another: leave out --skip-seen if \
                 these are only the later ones",
                seen.lines
            );
        }
        Ok(())
    }

    /// What writes the snapshots of a run that had come so far before.
    pub fn writer(&self, before: Progress) -> Option<Snapshots<'_>> {
        let every = self.snapshot_every.map(std::num::NonZeroU64::get);
        self.snapshot_out.as_deref().map(|path| Snapshots {
            path,
            every,
            lines: before.lines,
            last: before.last,
        })
    }
}

/// Writes the snapshots of one run.
pub struct Snapshots<'a> {
    path: &'a Path,
    every: Option<u64>,
    lines: u64,
    /// keccak256 of the last line.
    last: [u8; 32],
}

impl Snapshots<'_> {
    /// Counts a line, and tells whether a snapshot is due after it.
    pub fn count(&mut self, line: &[u8]) -> bool {
        self.lines += 1;
        self.last = digest(line);
        self.every.is_some_and(|every| self.lines.is_multiple_of(every))
    }

    /// Writes a snapshot of the run after the line that was last counted.
    pub fn write(&self, simulation: &Simulation) -> anyhow::Result<()> {
        let bytes = snapshot::write(simulation, &Progress { lines: self.lines, last: self.last });
        replace(self.path, &bytes)
            .with_context(|| format!("expected to write a snapshot to {}", self.path.display()))
    }
}

/// What a snapshot remembers of the last line.
pub fn digest(line: &[u8]) -> [u8; 32] {
    keccak256(line).0
}

/// Puts these bytes in the place of the file: whoever looks finds the old content or the new, whole, even after a
/// power cut.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = folder.join(beside);
    let written = write_beside(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The first error is the one to tell; what is left over harms nobody.
        let _ = fs::remove_file(&beside);
    }
    written?;
    File::open(folder)?.sync_all()
}

fn write_beside(beside: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(beside)?;
    file.write_all(bytes)?;
    file.sync_all()
}
