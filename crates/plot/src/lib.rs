//! Plots as SVG: one picture with one or more charts side by side, drawn by [plotters](https://docs.rs/plotters).
//!
//! A [`Chart`] is plain data: two axes, bars, lines and marks. This crate adds to plotters what reports need and it
//! lacks: a symmetric-logarithmic axis, ticks that people would choose, and labels that do not run into each other.
//! It knows nothing of money; the same input gives the same bytes.
#![allow(
    clippy::float_arithmetic,
    reason = "places on paper are no amounts: nothing that is drawn is ever booked or compared"
)]

mod draw;
mod ruler;
mod scale;

pub use scale::Scale;

/// A picture: a title, a line below it, and charts from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// In large letters.
    pub title: String,
    /// One line of smaller letters.
    pub subtitle: String,
    /// Height of the charts, in pixels.
    pub height: u32,
    /// The charts; the picture is as wide as all of them.
    pub charts: Vec<Chart>,
}

/// Bars and lines over two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Width in pixels, with the axis and its labels.
    pub width: u32,
    /// The axis below.
    pub x: Axis,
    /// The axis to the left.
    pub y: Axis,
    /// Bars, behind everything else.
    pub bars: Vec<Bar>,
    /// Lines, in the order in which they are drawn.
    pub lines: Vec<Line>,
    /// Upright lines at remarkable places.
    pub marks: Vec<Mark>,
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What is counted, and in which unit.
    pub label: String,
    /// How values become places.
    pub scale: Scale,
    /// From where to where; without it, as far as the data goes.
    pub range: Option<(f64, f64)>,
    /// What follows each number, such as `" %"`.
    pub suffix: &'static str,
}

/// An upright bar that stands on 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Left edge.
    pub from: f64,
    /// Right edge.
    pub to: f64,
    /// Upper edge.
    pub height: f64,
    /// Its colour.
    pub tone: Tone,
}

/// A line through points.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name in the legend; a line without one is not in it.
    pub name: String,
    /// The points, (x, y), from left to right.
    pub points: Vec<(f64, f64)>,
    /// How it goes from point to point.
    pub stroke: Stroke,
    /// Its colour.
    pub tone: Tone,
}

/// How a line goes from point to point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// Straight.
    Straight,
    /// Straight, with a dot at each point: for few points that were measured.
    Dotted,
    /// Level up to the next point, and then up or down: for functions that jump.
    Steps,
    /// Straight and thin, for what the eye only compares with.
    Thin,
}

/// An upright line through the whole chart, with words.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub at: f64,
    /// What is there.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
}

/// A colour, chosen so that colour-blind people can tell all of them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nearly black.
    Ink,
    /// For what is good or comes first.
    Blue,
    /// For what is bad or comes second.
    Red,
    /// For a third thing.
    Amber,
    /// For what only helps to see.
    Grey,
}

/// Why nothing was drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlotError {
    /// A value has no place on its axis.
    #[error("expected finite numbers (above 0 on a logarithmic axis) on the axis \"{axis}\", got {value}")]
    NoPlace {
        /// The axis' label.
        axis: String,
        /// The value.
        value: f64,
    },
    /// plotters gave up.
    #[error("drawing failed: {0}; make the picture larger or its labels shorter")]
    Drawing(String),
}

impl Picture {
    /// The picture as an SVG document.
    ///
    /// # Errors
    /// A value that has no place on its axis: one that is not finite, or not above 0 on a logarithmic axis.
    pub fn svg(&self) -> Result<String, PlotError> {
        draw::svg(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(x: Scale) -> Picture {
        let axis = |label: &str, scale| Axis { label: label.to_owned(), scale, range: None, suffix: "" };
        let line = Line {
            name: "ns <per> event".to_owned(),
            points: vec![(1e3, 410.0), (1e4, 430.0), (1e6, 700.0)],
            stroke: Stroke::Dotted,
            tone: Tone::Blue,
        };
        let chart = Chart {
            title: "Cost against size".to_owned(),
            width: 600,
            x: axis("participants", x),
            y: axis("nanoseconds", Scale::Linear),
            bars: vec![Bar { from: 1e3, to: 1e4, height: 400.0, tone: Tone::Grey }],
            lines: vec![line],
            marks: vec![Mark { at: 1e5, label: "the tree leaves the cache".to_owned(), tone: Tone::Red }],
        };
        Picture { title: "Engine".to_owned(), subtitle: String::new(), height: 400, charts: vec![chart] }
    }

    #[test]
    fn a_picture_is_one_svg_document_with_all_its_words_and_the_same_each_time() {
        let svg = picture(Scale::Log).svg().unwrap();
        assert!(svg.starts_with("<svg width=\"600\" height=\"484\"") && svg.trim_end().ends_with("</svg>"));
        let words = ["ns &lt;per&gt; event", "Cost against size", "the tree leaves the cache", "\n100k\n"];
        for words in words {
            assert!(svg.contains(words), "{words}: {svg}");
        }
        assert_eq!(svg, picture(Scale::Log).svg().unwrap());
        assert_ne!(svg, picture(Scale::Linear).svg().unwrap());
    }

    #[test]
    fn what_has_no_place_is_told_with_its_axis() {
        let mut bad = picture(Scale::Log);
        bad.charts[0].marks[0].at = 0.0;
        let err = bad.svg().unwrap_err();
        assert_eq!(err, PlotError::NoPlace { axis: "participants".to_owned(), value: 0.0 });
    }
}
