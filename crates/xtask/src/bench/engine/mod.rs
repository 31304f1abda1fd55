//! `cargo xtask bench engine`: how many events a second the plan engine judges, alone and under `banyan simulate`,
//! and what an event costs as the tree grows wider and deeper.

mod page;
mod programs;

use std::path::Path;

use anyhow::{Result, ensure};
use serde::Serialize;

use super::report::{Bound, Goal};
use super::series::{Fit, Series};
use programs::{History, Programs};

/// Participants of the trees that events are applied to.
const SIZES: [u32; 5] = [100_000, 300_000, MILLION, 3_000_000, 10_000_000];
const MILLION: u32 = 1_000_000;
/// The promised pace of the engine alone.
const EVENTS_A_SECOND: f64 = 2e6;
/// Layers of the crowds that buy.
const DEPTHS: [u32; 6] = [5, 10, 20, 40, 80, 160];
/// Participants of each such crowd, however deep.
const BUYERS: u32 = 100_000;
/// The crowd of the promised figure.
const PROMISED_DEPTH: u32 = 20;

/// What an auto-pool event costs on a tree of some size, in nanoseconds of processor time.
#[derive(Debug, Serialize)]
pub struct SizeCost {
    people: u32,
    /// On average while the tree grows from nothing.
    growing: Series,
    /// Once it has grown.
    grown: Series,
}

impl SizeCost {
    /// The dearer of the two, undisturbed.
    fn least(&self) -> f64 {
        self.growing.min().max(self.grown.min())
    }

    /// Round by round, the dearer of the two.
    fn dearer(&self) -> Series {
        self.growing.larger(&self.grown)
    }
}

/// What a purchase costs, with all that it leads to, in nanoseconds of processor time.
#[derive(Debug, Serialize)]
pub struct DepthCost {
    people: u32,
    layers: u32,
    /// Of the buyers, on average.
    mean_depth: f64,
    cost: Series,
}

/// A run of `banyan simulate` over the same history.
#[derive(Debug, Default, Serialize)]
pub struct SimulateCost {
    /// Events for each second of processor time.
    rate: Series,
    /// Events for each second on the wall.
    wall_rate: Series,
    /// MB.
    peak: Series,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    history: History,
    sizes: Vec<SizeCost>,
    depths: Vec<DepthCost>,
    many_buyers: DepthCost,
    summary: SimulateCost,
    records: SimulateCost,
    by_depth: Option<Fit>,
}

/// Measures, prints the figures and writes the report.
///
/// # Errors
/// When something does not build or run, or gives a wrong result.
pub fn run(folder: &Path, rounds: u32) -> Result<()> {
    println!("Building in release mode …");
    let programs = Programs::build(folder)?;
    println!("Writing the events …");
    let history = programs.write_events(MILLION)?;
    ensure!(history.mean_depth() >= 10.0, "expected a mean sponsor depth of 10 or more, got {history:?}");
    let mut figures = Figures::new(history);
    for round in 1..=rounds {
        println!("Round {round} of {rounds} …");
        figures.measure(&programs)?;
    }
    programs.remove_events()?;
    let points: Vec<_> = figures.depths.iter().map(|depth| (depth.mean_depth, depth.cost.min())).collect();
    figures.by_depth = Some(Fit::of(&points));
    page::write(folder, &figures)
}

impl Figures {
    fn new(history: History) -> Figures {
        let depth = |people, layers| DepthCost { people, layers, mean_depth: 0.0, cost: Series::default() };
        let size = |people| SizeCost { people, growing: Series::default(), grown: Series::default() };
        Figures {
            history,
            sizes: SIZES.map(size).into(),
            depths: DEPTHS.map(|layers| depth(BUYERS, layers)).into(),
            many_buyers: depth(MILLION, PROMISED_DEPTH),
            summary: SimulateCost::default(),
            records: SimulateCost::default(),
            by_depth: None,
        }
    }

    /// One round: everything once, one after the other.
    fn measure(&mut self, programs: &Programs) -> Result<()> {
        for size in &mut self.sizes {
            let run = programs.autopool(size.people)?;
            if size.people == MILLION {
                ensure!(
                    run.money_in == self.history.money_in,
                    "expected the same history in file and engine"
                );
            }
            size.growing.push(run.growing.each());
            size.grown.push(run.grown.each());
        }
        programs.summary(&self.history, &mut self.summary)?;
        programs.records(&self.history, &mut self.records)?;
        for depth in self.depths.iter_mut().chain([&mut self.many_buyers]) {
            let run = programs.purchases(depth.layers, depth.people)?;
            depth.mean_depth = run.mean_depth();
            depth.cost.push(run.each());
        }
        Ok(())
    }

    /// The promised figures.
    fn goals(&self) -> Vec<Goal> {
        let at_least = |what, wanted, rounds: Series| Goal {
            what,
            wanted,
            bound: Bound::AtLeast,
            figure: rounds.max(),
            rounds,
        };
        let at_most =
            |what, wanted, figure, rounds| Goal { what, wanted, bound: Bound::AtMost, figure, rounds };
        let rate = |cost: &Series| cost.map(|nanoseconds| 1e9 / nanoseconds);
        let size = |people| self.sizes.iter().find(|size| size.people == people).expect("a measured size");
        let [small, million, large] = [SIZES[0], MILLION, SIZES[4]].map(size);
        let buyers =
            self.depths.iter().find(|depth| depth.layers == PROMISED_DEPTH).expect("a measured depth");
        let peak = self.summary.peak.max().max(self.records.peak.max());
        vec![
            at_least(
                "engine alone, events/s on a tree of 1,000,000",
                EVENTS_A_SECOND,
                rate(&million.dearer()),
            ),
            at_least("`simulate --summary`, events/s", 7e5, self.summary.rate.clone()),
            at_least("`simulate --out`, all records to a file, events/s", 3e5, self.records.rate.clone()),
            at_most("peak memory at 1,000,000 participants, MB", 300.0, peak, self.records.peak.clone()),
            at_most(
                "cost per event at 10,000,000 over that at 100,000",
                2.0,
                large.least() / small.least(),
                large.dearer().over(&small.dearer()),
            ),
            at_least("Rest Empire, purchases/s at depth 20", 1e5, rate(&buyers.cost)),
            at_least(
                "Rest Empire, purchases/s at depth 20 among 1,000,000",
                1e5,
                rate(&self.many_buyers.cost),
            ),
        ]
    }
}
