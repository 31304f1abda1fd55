//! Where the records go, and in which form.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use banyan_engine::Machine;
use banyan_engine::interchange::{Simulation, print};

use super::summary::Summary;

/// How records or the summary are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

/// How much is written at a time, and a little less than that: pieces that begin anywhere come to lie in small blocks of
/// the kernel's memory, and Linux 6.18 fills those with a third of the work that it has with pieces of exactly 64 KiB.
const PIECE: usize = 1 << 16;

/// The printed form of a run.
pub struct Output {
    writer: BufWriter<Box<dyn Write>>,
    format: Option<Format>,
    /// Counts instead of records.
    summary: Option<Summary>,
    /// The text of one event, used again and again.
    text: String,
}

impl Output {
    /// Opens the file, or standard output. What goes on after other output has no header of its own.
    pub fn open(
        path: Option<&Path>,
        summary: bool,
        format: Option<Format>,
        is_beginning: bool,
    ) -> anyhow::Result<Output> {
        let sink: Box<dyn Write> = match path {
            Some(path) => Box::new(
                File::create(path).with_context(|| format!("expected to write to {}", path.display()))?,
            ),
            None => Box::new(io::stdout()),
        };
        let summary = summary.then(Summary::new);
        let mut text = String::new();
        if is_beginning && summary.is_none() && format == Some(Format::Csv) {
            print::csv_header(&mut text);
            text.push('\n');
        }
        let mut writer = BufWriter::with_capacity(PIECE, sink);
        writer.write_all(text.as_bytes())?;
        Ok(Output { writer, format, summary, text })
    }

    /// Prints, or counts, what the last event did.
    pub fn records(&mut self, event: &str, simulation: &Simulation) -> io::Result<()> {
        if let Some(summary) = &mut self.summary {
            simulation.records().iter().for_each(|record| summary.count(record));
            return Ok(());
        }
        self.text.clear();
        let print = match self.format {
            None | Some(Format::Jsonl) => print::json_lines,
            Some(Format::Csv) => print::csv_lines,
        };
        print(&mut self.text, event, simulation.records(), &simulation.texts());
        self.writer.write_all(self.text.as_bytes())
    }

    /// Makes sure that the records so far are written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Prints the summary, if that was asked for, and makes sure that all is written.
    pub fn finish(&mut self, machine: &Machine) -> io::Result<()> {
        if let Some(summary) = &self.summary {
            self.writer.write_all(summary.text(machine, self.format).as_bytes())?;
        }
        self.writer.flush()
    }
}
