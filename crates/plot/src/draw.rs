//! From data to SVG: plotters draws meshes, bars and lines; titles, legends and marks are set around them.

use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::ruler::Ruler;
use crate::{Bar, Chart, Line, Mark, Picture, PlotError, Stroke, Tone};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Context<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Ruler, Ruler>>;

/// Height of title and subtitle.
const HEAD: u32 = 84;
/// Height of a chart's title and legend.
const CHART_HEAD: i32 = 56;
/// Distance to the edges.
const MARGIN: i32 = 24;
/// Height of one line of small letters.
const LINE: i32 = 17;
/// A step of a line that covers less than this part of the axis cannot be seen.
const FINEST: f64 = 1.0 / 2000.0;

pub(crate) fn svg(picture: &Picture) -> Result<String, PlotError> {
    let mut document = String::new();
    let width = picture.charts.iter().map(|chart| chart.width).sum();
    {
        let root = SVGBackend::with_string(&mut document, (width, picture.height + HEAD)).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        text(&root, &picture.title, (MARGIN, 20), letters(25, Tone::Ink, HPos::Left))?;
        text(&root, &picture.subtitle, (MARGIN, 54), letters(15, Tone::Grey, HPos::Left))?;
        let (_, mut rest) = root.split_vertically(HEAD);
        let rows = picture.charts.iter().map(|chart| chart.marks.len() as i32).max().unwrap_or(0);
        for chart in &picture.charts {
            let (area, right) = rest.split_horizontally(chart.width);
            draw_chart(&root, &area, chart, rows)?;
            rest = right;
        }
        root.present().map_err(failed)?;
    }
    Ok(document)
}

/// Above the data there is room for so many `rows` of marks' words.
fn draw_chart(root: &Area<'_>, area: &Area<'_>, chart: &Chart, rows: i32) -> Result<(), PlotError> {
    let points = || chart.lines.iter().flat_map(|line| line.points.iter().copied());
    let across = points().map(|(x, _)| x).chain(chart.bars.iter().flat_map(|bar| [bar.from, bar.to]));
    let across = across.chain(chart.marks.iter().map(|mark| mark.at));
    let upward = points().map(|(_, y)| y).chain(chart.bars.iter().map(|bar| bar.height));
    let x = Ruler::new(&chart.x, across, (chart.width / 80) as usize)?;
    let y = Ruler::new(&chart.y, upward, 6)?;
    let mut context = ChartBuilder::on(area)
        .margin_left(8)
        .margin_right(MARGIN)
        .margin_bottom(10)
        .margin_top(CHART_HEAD + rows * LINE)
        .x_label_area_size(46)
        .y_label_area_size(72)
        .build_cartesian_2d(x.clone(), y.clone())
        .map_err(failed)?;
    draw_mesh(&mut context, chart)?;
    for bar in &chart.bars {
        draw_bar(&mut context, bar, &y)?;
    }
    for line in &chart.lines {
        draw_line(&mut context, line, &x)?;
    }
    draw_marks(root, &mut context, &chart.marks, &x, &y)?;
    draw_head(area, chart)
}

fn draw_mesh(context: &mut Context<'_, '_>, chart: &Chart) -> Result<(), PlotError> {
    context
        .configure_mesh()
        .bold_line_style(RGBColor(228, 231, 235))
        .light_line_style(TRANSPARENT)
        .axis_style(colour(Tone::Grey))
        .label_style(("sans-serif", 13, colour(Tone::Ink)))
        .axis_desc_style(("sans-serif", 13, colour(Tone::Grey)))
        .x_desc(&chart.x.label)
        .y_desc(&chart.y.label)
        .draw()
        .map_err(failed)
}

fn draw_bar(context: &mut Context<'_, '_>, bar: &Bar, y: &Ruler) -> Result<(), PlotError> {
    let corners = [(bar.from, y.low()), (bar.to, bar.height)];
    let mut rectangle = Rectangle::new(corners, colour(bar.tone).mix(0.75).filled());
    rectangle.set_margin(0, 0, 0, 1);
    context.plotting_area().draw(&rectangle).map_err(failed)
}

fn draw_line(context: &mut Context<'_, '_>, line: &Line, x: &Ruler) -> Result<(), PlotError> {
    let points = thin(&line.points, |(at, _)| x.part(*at), FINEST);
    let width = if line.stroke == Stroke::Thin { 1 } else { 2 };
    let style = colour(line.tone).stroke_width(width);
    let dots = if line.stroke == Stroke::Dotted { points.clone() } else { Vec::new() };
    let path = if line.stroke == Stroke::Steps { steps(&points) } else { points };
    context.plotting_area().draw(&PathElement::new(path, style)).map_err(failed)?;
    for at in dots {
        let dot = Circle::new(at, 4, colour(line.tone).filled());
        context.plotting_area().draw(&dot).map_err(failed)?;
    }
    Ok(())
}

/// Of points closer together than `finest` parts of the axis, the first and the last.
fn thin(points: &[(f64, f64)], part: impl Fn(&(f64, f64)) -> f64, finest: f64) -> Vec<(f64, f64)> {
    points
        .chunk_by(|a, b| (part(a) / finest).floor() == (part(b) / finest).floor())
        .flat_map(|together| match together {
            [first, .., last] => [Some(*first), Some(*last)],
            _ => [together.first().copied(), None],
        })
        .flatten()
        .collect()
}

/// The corners of a line that keeps its height until the next point.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(points.len() * 2);
    for &(x, y) in points {
        if let Some(&(_, height)) = corners.last() {
            corners.push((x, height));
        }
        corners.push((x, y));
    }
    corners
}

/// Marks, with words above the data: each in a row of its own, on the side with more room. The outer ones are higher,
/// so that no words cross another mark.
fn draw_marks(
    root: &Area<'_>,
    context: &mut Context<'_, '_>,
    marks: &[Mark],
    x: &Ruler,
    y: &Ruler,
) -> Result<(), PlotError> {
    let mut marks: Vec<&Mark> = marks.iter().collect();
    let off_centre = |mark: &Mark| (x.part(mark.at) - 0.5).abs();
    marks.sort_by(|a, b| off_centre(a).total_cmp(&off_centre(b)));
    for (row, mark) in (0..).zip(marks) {
        let (across, bottom) = context.backend_coord(&(mark.at, y.low()));
        let (_, top) = context.backend_coord(&(mark.at, y.high()));
        let height = top - row * LINE - LINE / 2;
        let style = colour(mark.tone).stroke_width(1);
        root.draw(&PathElement::new(vec![(across, bottom), (across, height)], style)).map_err(failed)?;
        let (side, distance) = if x.part(mark.at) < 0.5 { (HPos::Left, 6) } else { (HPos::Right, -6) };
        let style = letters(13, mark.tone, side).pos(Pos::new(side, VPos::Center));
        text(root, &mark.label, (across + distance, height), style)?;
    }
    Ok(())
}

/// A chart's title, and below it the names of its lines.
fn draw_head(area: &Area<'_>, chart: &Chart) -> Result<(), PlotError> {
    text(area, &chart.title, (MARGIN, 4), letters(17, Tone::Ink, HPos::Left))?;
    let mut across = MARGIN;
    for line in chart.lines.iter().filter(|line| !line.name.is_empty()) {
        let style = colour(line.tone).stroke_width(if line.stroke == Stroke::Thin { 1 } else { 3 });
        area.draw(&PathElement::new(vec![(across, 36), (across + 20, 36)], style)).map_err(failed)?;
        let words = letters(13, Tone::Ink, HPos::Left).pos(Pos::new(HPos::Left, VPos::Center));
        text(area, &line.name, (across + 26, 36), words)?;
        across += 26 + size(area, &line.name)? + 16;
    }
    Ok(())
}

/// About how wide small letters are.
fn size(area: &Area<'_>, words: &str) -> Result<i32, PlotError> {
    let style = letters(13, Tone::Ink, HPos::Left);
    let (wide, _) = area.estimate_text_size(words, &style).map_err(failed)?;
    Ok(wide as i32)
}

fn text(area: &Area<'_>, words: &str, at: (i32, i32), style: TextStyle<'_>) -> Result<(), PlotError> {
    area.draw_text(words, &style, at).map_err(failed)
}

fn letters(size: u32, tone: Tone, side: HPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font()).color(colour(tone)).pos(Pos::new(side, VPos::Top))
}

fn colour(tone: Tone) -> &'static RGBColor {
    match tone {
        Tone::Ink => &RGBColor(31, 41, 51),
        Tone::Blue => &RGBColor(0, 114, 178),
        Tone::Red => &RGBColor(200, 75, 30),
        Tone::Amber => &RGBColor(196, 138, 0),
        Tone::Grey => &RGBColor(97, 110, 124),
    }
}

fn failed(err: impl std::fmt::Display) -> PlotError {
    PlotError::Drawing(err.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_too_close_to_be_seen_are_left_out_but_for_the_first_and_last() {
        let many: Vec<(f64, f64)> = (0..=1000).map(|n| (f64::from(n) / 1000.0, f64::from(n))).collect();
        let kept = thin(&many, |(x, _)| *x, 0.1);
        assert!(kept.len() <= 22, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), ((0.0, 0.0), (1.0, 1000.0)));
        let few = vec![(0.0, 0.0), (0.0, 5.0), (1.0, 6.0)];
        assert_eq!(thin(&few, |(x, _)| *x, 0.1), few);
    }

    #[test]
    fn steps_stay_level_until_they_jump() {
        let corners = steps(&[(0.0, 1.0), (2.0, 3.0)]);
        assert_eq!(corners, [(0.0, 1.0), (2.0, 1.0), (2.0, 3.0)]);
    }
}
