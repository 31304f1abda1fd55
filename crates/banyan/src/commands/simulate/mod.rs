//! `banyan simulate`: a plan, a file of events, and what each event does.

mod lines;
mod output;
mod summary;

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use banyan_engine::interchange::{MAX_LINE, Simulation, Step};
use indicatif::{ProgressBar, ProgressStyle};

use lines::Lines;
use output::{Format, Output};

/// Exit code when an event was refused.
const REFUSED: u8 = 2;
/// The bar moves once in so many lines.
const LINES_A_TICK: u64 = 4096;

/// Arguments of `banyan simulate`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file, such as config/plans/autopool.toml.
    #[arg(long)]
    plan: PathBuf,
    /// The events: JSON Lines, in order of time; `-` is standard input.
    #[arg(long)]
    events: PathBuf,
    /// Prints totals by kind of reward and the conservation line instead of the records.
    #[arg(long)]
    summary: bool,
    /// Does as production does: a refused payment goes back to its payer as REFUSED, another refused event is
    /// skipped, and each is told on standard error. Without this the first refused event ends the run.
    #[arg(long)]
    lenient: bool,
    /// How to print; without this, records come as jsonl and the summary as a table.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Writes to this file instead of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Runs `banyan simulate`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let plan = super::read_plan(&args.plan)?;
    let (reader, size) = open(&args.events)?;
    let simulation = if args.lenient { Simulation::lenient(plan) } else { Simulation::new(plan) };
    let to_terminal = args.out.is_none() && !args.summary && io::stdout().is_terminal();
    let mut run = Run {
        simulation,
        output: Output::open(args.out.as_deref(), args.summary, args.format)?,
        lenient: args.lenient,
        bar: if to_terminal { ProgressBar::hidden() } else { progress(size) },
    };
    run.all(Lines::new(BufReader::with_capacity(1 << 18, reader), MAX_LINE), &args.events)
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

struct Run {
    simulation: Simulation,
    output: Output,
    lenient: bool,
    bar: ProgressBar,
}

impl Run {
    fn all(&mut self, mut lines: Lines<BufReader<Box<dyn Read>>>, path: &Path) -> anyhow::Result<ExitCode> {
        let (mut number, mut bytes) = (0u64, 0u64);
        let mut refused = None;
        while refused.is_none() {
            let next = lines.next_line().with_context(|| format!("reading {}", path.display()))?;
            let Some((line, read)) = next else { break };
            number += 1;
            bytes += read;
            if number % LINES_A_TICK == 0 {
                self.bar.set_position(bytes);
            }
            refused = self.line(line, number)?;
        }
        self.bar.finish_and_clear();
        self.output.finish(self.simulation.machine())?;
        match refused {
            None => Ok(ExitCode::SUCCESS),
            Some(message) => {
                eprintln!("{message}");
                Ok(ExitCode::from(REFUSED))
            }
        }
    }

    /// Takes one line. What ends the run comes back.
    fn line(&mut self, line: &[u8], number: u64) -> anyhow::Result<Option<String>> {
        match self.simulation.take(line) {
            Step::Blank => Ok(None),
            Step::Applied(id) => {
                self.output.records(&id, &self.simulation)?;
                Ok(None)
            }
            Step::Returned(id, reason) => {
                self.output.records(&id, &self.simulation)?;
                let message = format!("line {number}, event {id}: returned to its payer: {reason}");
                self.bar.suspend(|| eprintln!("{message}"));
                Ok(None)
            }
            Step::Refused(id, reason) => {
                let id = id.as_deref().unwrap_or("-");
                if !self.lenient {
                    return Ok(Some(format!("line {number}, event {id}: {reason}")));
                }
                self.bar.suspend(|| eprintln!("line {number}, event {id}: skipped: {reason}"));
                Ok(None)
            }
        }
    }
}
