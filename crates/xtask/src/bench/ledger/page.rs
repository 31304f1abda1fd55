//! The books' figures as a page, as data and as a picture.

use std::path::Path;

use anyhow::Result;
use banyan_plot::{Axis, Chart, Line, Picture, Scale, Stroke, Tone};

use super::{Figures, Point};
use crate::bench::report::{self, number, table};

/// What stands beside the promised figures.
const BESIDE: [(&str, &str); 10] = [
    ("pgbench", "`pgbench -c 16 -j 2 -M prepared`, transactions/s"),
    ("separate", "single transactions/s of 16 callers, each with a connection and a commit of its own"),
    ("rewards", "rewards/s of the registrations above"),
    ("registrations_alone", "registrations/s on a machine of its own, by processor time"),
    ("small", "µs of processor time an event, small books"),
    ("large", "µs of processor time an event, large books"),
    ("read_p50_quiet", "µs within which half of 1,000 balance reads/s are done, without writes"),
    ("read_p50_busy", "… beside 300 registrations/s"),
    ("read_p99_quiet", "µs within which 99 of 100 are done, without writes"),
    ("read_p99_busy", "… beside 300 registrations/s"),
];

/// Prints the page, and writes it beside the data and the picture.
pub fn write(folder: &Path, figures: &Figures) -> Result<()> {
    let occasion = report::occasion()?;
    let goals = figures.goals();
    let page = page(figures, &occasion, &report::goals(&goals));
    println!("\n{page}");
    report::write(folder, &page, &occasion, &goals, serde_json::to_value(figures)?)?;
    std::fs::write(folder.join("growth.svg"), picture(figures, &occasion).svg()?)?;
    println!("The report is in {}", folder.display());
    Ok(())
}

fn page(figures: &Figures, occasion: &str, goals: &str) -> String {
    format!(
        "# Bench of the ledger\n\n{occasion}.\n\n\
         PostgreSQL with its default durability (`fsync` on), checkpoints made rarer. Registrations on books of {} participants and {} \
         postings, 1,000 a transaction, each under a random participant; small books have {} postings. Of rates the best round counts, of \
         times the least disturbed, of the reads' ratio the middle one. Afterwards every balance was proven against its \
         postings.\n\n{goals}\n\
         ## Beside them\n\n{}\n\
         ## What an event costs while the books grow\n\n{}\n![growth](growth.svg)\n",
        number(figures.size("registrations")),
        number(figures.size("large")),
        number(figures.size("small")),
        beside(figures),
        growth(figures.points("growth")),
    )
}

fn beside(figures: &Figures) -> String {
    let row = |(figure, what): &(&str, &str)| -> Vec<String> {
        let series = figures.series(figure);
        let spread = [series.min(), series.median(), series.max()].map(number);
        std::iter::once((*what).to_owned()).chain(spread).collect()
    };
    table(&["figure", "min", "median", "max"], &BESIDE.iter().map(row).collect::<Vec<_>>())
}

fn growth(points: &[Point]) -> String {
    let row = |point: &Point| -> Vec<String> { [point.at, point.value].map(number).into() };
    table(&["postings", "µs of processor time an event"], &points.iter().map(row).collect::<Vec<_>>())
}

fn picture(figures: &Figures, occasion: &str) -> Picture {
    let points = |figure: &str| -> Vec<(f64, f64)> {
        figures.points(figure).iter().map(|point| (point.at, point.value)).collect()
    };
    let line = |name: &str, points, stroke, tone| Line { name: name.to_owned(), points, stroke, tone };
    let lines = vec![
        line("while they grow", points("growth"), Stroke::Dotted, Tone::Blue),
        line("small, round by round", points("small"), Stroke::Dotted, Tone::Amber),
        line("large, round by round", points("large"), Stroke::Dotted, Tone::Red),
    ];
    let highest = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(1.0, f64::max);
    let axis = |label: &str, scale, range| Axis { label: label.to_owned(), scale, range, suffix: "" };
    Picture {
        title: "What an event costs while the books grow".to_owned(),
        subtitle: occasion.to_owned(),
        height: 420,
        charts: vec![Chart {
            title: "From finalized event to posted and sealed rewards".to_owned(),
            width: 900,
            x: axis("postings in the journal", Scale::Log, None),
            y: axis("µs of processor time", Scale::Linear, Some((0.0, highest * 1.05))),
            bars: Vec::new(),
            lines,
            marks: Vec::new(),
        }],
    }
}
