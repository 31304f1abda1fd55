//! The engine's figures as a page, as data and as a picture.

use std::path::Path;

use anyhow::Result;
use banyan_plot::{Axis, Chart, Line, Picture, Scale, Stroke, Tone};

use super::{DepthCost, EVENTS_A_SECOND, Figures, MILLION, SizeCost};
use crate::bench::report::{self, number, table};

/// The promise for depth lies far above what the chart shows.
const REST_EMPIRE: &str = "Rest Empire: cost against depth (goal at 20: 10,000 ns at most)";

/// Prints the page, and writes it beside the data and the picture.
pub fn write(folder: &Path, figures: &Figures) -> Result<()> {
    let occasion = report::occasion()?;
    let goals = figures.goals();
    let page = page(figures, &occasion, &report::goals(&goals));
    println!("\n{page}");
    report::write(folder, &page, &occasion, &goals, serde_json::to_value(figures)?)?;
    std::fs::write(folder.join("cost.svg"), picture(figures, &occasion).svg()?)?;
    println!("The report is in {}", folder.display());
    Ok(())
}

fn page(figures: &Figures, occasion: &str, goals: &str) -> String {
    let (people, events) = figures.history.size();
    let walls = [&figures.summary, &figures.records].map(|cost| number(cost.wall_rate.max()));
    format!(
        "# Bench of the engine\n\n{occasion}.\n\n\
         One thread; 70 % registrations, 30 % retopups; {} participants, {} events, mean sponsor depth {:.1}. All figures are of \
         processor time, the kernel's included; the best round counts, and of memory the worst. On the wall `--summary` came to {} \
         events/s and `--out` to {}.\n\n{goals}\n\
         ## Cost of an event against the size of the tree\n\n{}\n\
         ## Cost of a purchase against the depth of the buyer\n\n{}\n{}\n\n![cost](cost.svg)\n",
        number(people.into()),
        number(events.into()),
        figures.history.mean_depth(),
        walls[0],
        walls[1],
        sizes(&figures.sizes),
        depths(figures),
        slope(figures),
    )
}

fn sizes(sizes: &[SizeCost]) -> String {
    let rows: Vec<Vec<String>> = sizes
        .iter()
        .map(|size| {
            let (growing, grown) = (&size.growing, &size.grown);
            let figures = [
                size.people.into(),
                growing.min(),
                growing.median(),
                growing.max(),
                grown.min(),
                grown.median(),
                grown.max(),
                size.least() / sizes[0].least(),
            ];
            figures.map(number).into()
        })
        .collect();
    let titles =
        ["participants", "growing, ns: min", "median", "max", "grown, ns: min", "median", "max", "ratio"];
    table(&titles, &rows)
}

fn depths(figures: &Figures) -> String {
    let row = |depth: &DepthCost| -> Vec<String> {
        let cost = &depth.cost;
        let figures = [
            depth.people.into(),
            depth.layers.into(),
            depth.mean_depth,
            cost.min(),
            cost.median(),
            cost.max(),
        ];
        figures.map(number).into()
    };
    let rows: Vec<Vec<String>> = figures.depths.iter().chain([&figures.many_buyers]).map(row).collect();
    table(&["participants", "layers", "mean depth", "ns: min", "median", "max"], &rows)
}

fn slope(figures: &Figures) -> String {
    figures.by_depth.map_or_else(String::new, |fit| {
        format!(
            "Each further level costs {} ns, beside {} ns whatever the depth; the points lie within {:.0} % of that line.",
            number(fit.slope),
            number(fit.base),
            fit.deviation * 100.0
        )
    })
}

fn picture(figures: &Figures, occasion: &str) -> Picture {
    let points = |cost: fn(&SizeCost) -> f64| {
        figures.sizes.iter().map(|size| (size.people.into(), cost(size))).collect()
    };
    let mut by_size = goals_by_size(&figures.sizes);
    by_size.push(line("while it grows", points(|size| size.growing.min()), Stroke::Dotted, Tone::Blue));
    by_size.push(line("once it has grown", points(|size| size.grown.min()), Stroke::Dotted, Tone::Amber));
    let measured: Vec<_> = figures.depths.iter().map(|depth| (depth.mean_depth, depth.cost.min())).collect();
    let fitted = figures.by_depth.iter().flat_map(|fit| {
        measured.iter().map(|(depth, _)| (*depth, fit.base + fit.slope * depth)).collect::<Vec<_>>()
    });
    let fitted = line("nearest straight line", fitted.collect(), Stroke::Thin, Tone::Grey);
    let by_depth = [fitted, line("measured", measured, Stroke::Dotted, Tone::Blue)];
    Picture {
        title: "What an event costs".to_owned(),
        subtitle: occasion.to_owned(),
        height: 420,
        charts: vec![
            chart("Auto-pool: cost against size", "participants", Scale::Log, by_size),
            chart(REST_EMPIRE, "mean depth of buyers", Scale::Linear, by_depth.into()),
        ],
    }
}

/// What events may cost at most: up to a million participants, and at the largest size.
fn goals_by_size(sizes: &[SizeCost]) -> Vec<Line> {
    let [small, .., large] = sizes else { return Vec::new() };
    let goal = |name, ends: [u32; 2], cost| {
        line(name, ends.map(|people| (people.into(), cost)).into(), Stroke::Thin, Tone::Red)
    };
    let most = 1e9 / EVENTS_A_SECOND;
    vec![
        goal("goal to 1M", [small.people, MILLION], most),
        goal("goal at 10M", [MILLION, large.people], 2.0 * small.least()),
    ]
}

fn line(name: &str, points: Vec<(f64, f64)>, stroke: Stroke, tone: Tone) -> Line {
    Line { name: name.to_owned(), points, stroke, tone }
}

fn chart(title: &str, below: &str, scale: Scale, lines: Vec<Line>) -> Chart {
    let highest = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(1.0, f64::max);
    let axis = |label: &str, scale, range| Axis { label: label.to_owned(), scale, range, suffix: "" };
    Chart {
        title: title.to_owned(),
        width: 640,
        x: axis(below, scale, None),
        y: axis("nanoseconds", Scale::Linear, Some((0.0, highest * 1.05))),
        bars: Vec::new(),
        lines,
        marks: Vec::new(),
    }
}
