//! The statement as a picture: how net income is distributed, and how unequal all income is.
#![allow(
    clippy::float_arithmetic,
    reason = "places on paper; every figure that is written beside them comes from the integers"
)]

use banyan_engine::disclosure::Disclosure;
use banyan_plot::{Axis, Bar, Chart, Line, Mark, Picture, Scale, Stroke, Tone};
use banyan_types::Amount;

use super::table::{percent, short};

/// About how many bars.
const BARS: f64 = 48.0;

/// The picture of a statement.
pub fn of(told: &Disclosure) -> Picture {
    let mut subtitle = match told.net_income.median {
        None => "Nobody has registered.".to_owned(),
        Some(median) => format!(
            "{} participants: {} earned nothing, {} less than they paid. Median net income: {} {}.",
            told.participants,
            percent(told.without_income.share_bps),
            percent(told.below_paid_in.share_bps),
            words(told, median),
            told.currency,
        ),
    };
    if told.money.shortfall.is_positive() {
        let missing = words(told, told.money.shortfall);
        subtitle += &format!(" Promises exceed the money by {missing} {}.", told.currency);
    }
    Picture {
        title: format!("Income disclosure of {}", told.plan),
        subtitle,
        height: 500,
        charts: vec![net_income(told), inequality(told)],
    }
}

/// Bars for how many have how much, and a line for how many have at most so much.
fn net_income(told: &Disclosure) -> Chart {
    let net: Vec<f64> = told.net_income.sorted().iter().map(|net| value(*net, told.decimals)).collect();
    let scale = Scale::SymLog { unit: unit(&net) };
    let mut marks = vec![Mark { at: 0.0, label: "break-even".to_owned(), tone: Tone::Ink }];
    if let Some(median) = told.net_income.median {
        let label = format!("median {}", words(told, median));
        marks.push(Mark { at: value(median, told.decimals), label, tone: Tone::Amber });
    }
    Chart {
        title: "Net income".to_owned(),
        width: 780,
        x: axis(format!("net income in {} (income − paid in), symmetric-logarithmic", told.currency), scale),
        y: percents("of all participants"),
        bars: bars(&net, scale),
        lines: vec![Line {
            name: "have this or less; bars: have about this".to_owned(),
            points: cumulative(&net),
            stroke: Stroke::Steps,
            tone: Tone::Ink,
        }],
        marks,
    }
}

/// Lorenz' curve: which part of all income those have together who earn least.
fn inequality(told: &Disclosure) -> Chart {
    let mut marks = Vec::new();
    let part = |some: u64| 100.0 * some as f64 / told.participants.max(1) as f64;
    if told.without_income.participants > 0 {
        let label = format!("{} earned nothing", percent(told.without_income.share_bps));
        marks.push(Mark { at: part(told.without_income.participants), label, tone: Tone::Red });
    }
    if told.top_percent.share_bps.is_some() {
        let label = format!("best-paid 1 %: {} of all", percent(told.top_percent.share_bps));
        marks.push(Mark {
            at: part(told.participants - told.top_percent.participants),
            label,
            tone: Tone::Blue,
        });
    }
    let line = |name: &str, points, stroke, tone| Line { name: name.to_owned(), points, stroke, tone };
    Chart {
        title: "Who has how much of all income".to_owned(),
        width: 500,
        x: percents("of participants, lowest income first"),
        y: percents("of all income"),
        bars: Vec::new(),
        lines: vec![
            line("if all earned the same", vec![(0.0, 0.0), (100.0, 100.0)], Stroke::Thin, Tone::Grey),
            line("as it was", lorenz(told), Stroke::Straight, Tone::Blue),
        ],
        marks,
    }
}

fn axis(label: String, scale: Scale) -> Axis {
    Axis { label, scale, range: None, suffix: "" }
}

fn percents(label: &str) -> Axis {
    Axis { label: label.to_owned(), scale: Scale::Linear, range: Some((0.0, 100.0)), suffix: " %" }
}

/// An amount as it is written, with the minus sign of the axes.
fn words(told: &Disclosure, amount: Amount) -> String {
    short(amount, told.decimals).replace('-', "−")
}

/// An amount in the currency.
fn value(amount: Amount, decimals: u8) -> f64 {
    amount.units() as f64 / 10f64.powi(decimals.into())
}

/// Where the axis turns from even to logarithmic: the power of ten below the middle of all gains and losses.
fn unit(net: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = net.iter().map(|net| net.abs()).filter(|size| *size > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).map_or(1.0, |middle| 10f64.powf(middle.log10().floor()))
}

/// Bars of equal width on paper, one of whose edges is break-even: losses red, the others blue.
fn bars(net: &[f64], scale: Scale) -> Vec<Bar> {
    let place = |net: f64| scale.place(net).expect("amounts are finite");
    let (Some(least), Some(most)) = (net.first(), net.last()) else { return Vec::new() };
    let span = place(*most).max(0.0) - place(*least).min(0.0);
    let width = if span > 0.0 { span / BARS } else { 0.1 };
    let number = |net: &f64| (place(*net) / width).floor();
    net.chunk_by(|a, b| number(a) == number(b))
        .map(|together| {
            let from = number(&together[0]) * width;
            Bar {
                from: scale.value(from),
                to: scale.value(from + width),
                height: 100.0 * together.len() as f64 / net.len() as f64,
                tone: if together[0] < 0.0 { Tone::Red } else { Tone::Blue },
            }
        })
        .collect()
}

/// For each amount, how many have it or less.
fn cumulative(net: &[f64]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = net.first().map(|least| (*least, 0.0)).into_iter().collect();
    let mut count = 0;
    for together in net.chunk_by(|a, b| a == b) {
        count += together.len();
        points.push((together[0], 100.0 * count as f64 / net.len() as f64));
    }
    points
}

fn lorenz(told: &Disclosure) -> Vec<(f64, f64)> {
    let income = told.income.sorted();
    let total = value(told.income.total, told.decimals);
    let mut points = vec![(0.0, 0.0)];
    let mut sum = 0.0;
    for (number, income) in (1..).zip(income) {
        sum += value(*income, told.decimals);
        let part = if total > 0.0 { 100.0 * sum / total } else { 0.0 };
        points.push((100.0 * f64::from(number) / told.participants as f64, part.min(100.0)));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale::SymLog { unit: 10.0 };

    #[test]
    fn bars_hold_everybody_and_none_lies_on_both_sides_of_break_even() {
        let net = [-20.0, -20.0, -19.9, -0.001, 0.0, 0.001, 45.6, 3000.0];
        let bars = bars(&net, SCALE);
        let all: f64 = bars.iter().map(|bar| bar.height).sum();
        assert!((all - 100.0).abs() < 1e-9);
        for bar in &bars {
            assert!(bar.from < bar.to);
            assert_eq!(bar.tone == Tone::Red, bar.to < 1e-6, "{bar:?}");
        }
    }

    #[test]
    fn one_amount_or_none_can_be_drawn() {
        assert_eq!(bars(&[], SCALE), []);
        assert_eq!(bars(&[0.0, 0.0], SCALE).len(), 1);
        assert_eq!(cumulative(&[]), []);
    }

    #[test]
    fn the_line_counts_those_who_have_at_most_so_much() {
        let points = cumulative(&[-20.0, -20.0, 0.0, 5.0]);
        assert_eq!(points, [(-20.0, 0.0), (-20.0, 50.0), (0.0, 75.0), (5.0, 100.0)]);
    }

    #[test]
    fn the_axis_turns_where_the_amounts_are() {
        assert_eq!(unit(&[-20.0, -20.0, 0.0, 400.0]), 10.0);
        assert_eq!(unit(&[0.0]), 1.0);
    }
}
