//! A file of events, read line by line into a simulation: what every command shares that replays a history.

mod judged;
mod lines;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use banyan_engine::Plan;
use banyan_engine::interchange::{Line, MAX_LINE, Simulation, Step, shown};
use indicatif::{ProgressBar, ProgressStyle};

use lines::Lines;

/// Exit code when an event was refused.
const REFUSED: u8 = 2;
/// The bar moves once in so many lines.
const LINES_A_TICK: u64 = 4096;

/// Which events, and how strictly.
#[derive(clap::Args)]
pub struct Source {
    /// The events: JSON Lines, in order of time; `-` is standard input.
    #[arg(long)]
    events: PathBuf,
    /// Does as production does: a refused payment goes back to its payer as REFUSED, another refused event is
    /// skipped, and each is told on standard error. Without this the first refused event ends the run.
    #[arg(long)]
    lenient: bool,
}

/// Events about to be read.
pub struct Events<'a> {
    path: &'a Path,
    lenient: bool,
    lines: Lines<Box<dyn Read>>,
    /// Lines and bytes read so far.
    number: u64,
    bytes: u64,
    bar: ProgressBar,
}

/// An event that left its records in the simulation.
pub struct Taken<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whether it was a payment that the plan refused and that went back to its payer.
    pub returned: bool,
}

/// How a run ended.
pub enum Ending {
    /// With the last event.
    Complete,
    /// With a refused one: the line to tell.
    Refused(String),
}

impl Source {
    /// A simulation that judges as strictly as was asked.
    pub fn simulation(&self, plan: Plan) -> Simulation {
        self.judging(Simulation::new(plan))
    }

    /// A simulation under way that judges as strictly as was asked from now on.
    pub fn judging(&self, simulation: Simulation) -> Simulation {
        simulation.judging(self.lenient)
    }

    /// Opens the file. The progress bar is for runs that do not print to a terminal themselves.
    pub fn open(&self, shows_progress: bool) -> anyhow::Result<Events<'_>> {
        let (reader, size) = open(&self.events)?;
        Ok(Events {
            path: &self.events,
            lenient: self.lenient,
            lines: Lines::new(BufReader::with_capacity(1 << 18, reader), MAX_LINE),
            number: 0,
            bytes: 0,
            bar: if shows_progress { progress(size) } else { ProgressBar::hidden() },
        })
    }
}

/// The reader of the events and its size, if it is known.
fn open(path: &Path) -> anyhow::Result<(Box<dyn Read>, Option<u64>)> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let file =
        File::open(path).with_context(|| format!("expected a file of events at {}", path.display()))?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| data.len());
    Ok((Box::new(file), size))
}

/// A bar on standard error, which hides itself unless that is a terminal.
fn progress(size: Option<u64>) -> ProgressBar {
    let template = "{bar:40} {percent:>3}%  {bytes} of {total_bytes}, {eta} to go";
    match size {
        Some(size) => ProgressBar::new(size)
            .with_style(ProgressStyle::with_template(template).expect("the template is well formed")),
        None => ProgressBar::new_spinner(),
    }
}

impl Events<'_> {
    /// Passes over a line; what `digest` makes of it, or `None` at the end.
    pub fn pass_over<T>(&mut self, digest: impl FnOnce(&[u8]) -> T) -> anyhow::Result<Option<T>> {
        Ok(self.next_line()?.map(digest))
    }

    /// Feeds every line to the simulation, and lets `each` look at it after every event that left records.
    pub fn run(
        self,
        simulation: &mut Simulation,
        mut each: impl FnMut(&Taken<'_>, &Simulation) -> io::Result<()>,
    ) -> anyhow::Result<Ending> {
        self.run_watched(simulation, |_, taken, simulation| {
            taken.map_or(Ok(()), |taken| each(taken, simulation)).map_err(Into::into)
        })
    }

    /// Feeds every line to the simulation, and lets `each` look at it after every line that did not end the run: at
    /// the line, the event that left records, if it is one, and the simulation.
    pub fn run_watched(
        mut self,
        simulation: &mut Simulation,
        mut each: impl FnMut(&[u8], Option<&Taken<'_>>, &Simulation) -> anyhow::Result<()>,
    ) -> anyhow::Result<Ending> {
        let (lenient, bar) = (self.lenient, self.bar.clone());
        let mut ending = Ending::Complete;
        while let Ending::Complete = ending {
            let before = self.number;
            let texts = self.next_lines()?;
            if texts.is_empty() {
                break;
            }
            let lines: Vec<Line<'_>> = texts.iter().map(|text| Line::read(text)).collect();
            simulation.foresee(&lines);
            for ((number, text), line) in (before + 1..).zip(texts).zip(&lines) {
                let step = simulation.judge(line);
                let taken = Taken::of(&step);
                if lenient || !matches!(step, Step::Refused(..)) {
                    each(text, taken.as_ref(), simulation)?;
                }
                ending = judge(step, number, lenient, &bar);
                if !matches!(ending, Ending::Complete) {
                    break;
                }
            }
        }
        bar.finish_and_clear();
        Ok(ending)
    }

    /// The next lines, as many as a simulation looks ahead at if they are there already.
    fn next_lines(&mut self) -> anyhow::Result<Vec<&[u8]>> {
        let next = self.lines.next_lines(Simulation::AHEAD);
        let (lines, read) = next.with_context(|| format!("reading {}", self.path.display()))?;
        let before = self.number;
        self.number += lines.len() as u64;
        self.bytes += read;
        if self.number / LINES_A_TICK > before / LINES_A_TICK {
            self.bar.set_position(self.bytes);
        }
        Ok(lines)
    }

    fn next_line(&mut self) -> anyhow::Result<Option<&[u8]>> {
        let next = self.lines.next_line().with_context(|| format!("reading {}", self.path.display()))?;
        let Some((line, read)) = next else { return Ok(None) };
        self.number += 1;
        self.bytes += read;
        if self.number.is_multiple_of(LINES_A_TICK) {
            self.bar.set_position(self.bytes);
        }
        Ok(Some(line))
    }
}

impl<'a> Taken<'a> {
    fn of(step: &'a Step<'_>) -> Option<Taken<'a>> {
        match step {
            Step::Applied(id) => Some(Taken { id, returned: false }),
            Step::Returned(id, _) => Some(Taken { id, returned: true }),
            Step::Blank | Step::Refused(..) => None,
        }
    }
}

/// Tells what went wrong with a line, and whether that ends the run.
fn judge(step: Step<'_>, number: u64, lenient: bool, bar: &ProgressBar) -> Ending {
    match step {
        Step::Blank | Step::Applied(_) => {}
        Step::Returned(id, reason) => {
            let id = shown(&id);
            bar.suspend(|| eprintln!("line {number}, event {id}: returned to its payer: {reason}"));
        }
        Step::Refused(id, reason) => {
            let id = id.as_deref().map_or_else(|| "-".to_owned(), shown);
            if !lenient {
                return Ending::Refused(format!("line {number}, event {id}: {reason}"));
            }
            bar.suspend(|| eprintln!("line {number}, event {id}: skipped: {reason}"));
        }
    }
    Ending::Complete
}

impl Ending {
    /// Tells the refusal on standard error. The exit code is then 2.
    pub fn tell(self) -> ExitCode {
        match self {
            Ending::Complete => ExitCode::SUCCESS,
            Ending::Refused(message) => {
                eprintln!("{message}");
                ExitCode::from(REFUSED)
            }
        }
    }
}
