//! An axis with everything worked out: from where to where it goes, and where its ticks are.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

use crate::scale::number;
use crate::{Axis, PlotError, Scale};

/// What plotters asks where a value lies.
#[derive(Clone)]
pub(crate) struct Ruler {
    scale: Scale,
    /// The places of both ends.
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    suffix: &'static str,
}

impl Ruler {
    /// An axis with room for `values`, unless it says itself from where to where it goes, and about `wanted` ticks.
    ///
    /// # Errors
    /// A value that has no place on the axis.
    pub(crate) fn new(
        axis: &Axis,
        values: impl Iterator<Item = f64>,
        wanted: usize,
    ) -> Result<Ruler, PlotError> {
        let place = |value: f64| {
            axis.scale.place(value).ok_or_else(|| PlotError::NoPlace { axis: axis.label.clone(), value })
        };
        let places = values.map(place).collect::<Result<Vec<f64>, PlotError>>()?;
        let (from, to) = match axis.range {
            Some((from, to)) => (place(from)?, place(to)?),
            None => with_air(&places),
        };
        let (low, high) = (axis.scale.value(from), axis.scale.value(to));
        let ticks = axis.scale.ticks(low, high, wanted);
        Ok(Ruler { scale: axis.scale, from, to, ticks, suffix: axis.suffix })
    }

    /// The value at the axis' beginning.
    pub(crate) fn low(&self) -> f64 {
        self.scale.value(self.from)
    }

    /// The value at the axis' end.
    pub(crate) fn high(&self) -> f64 {
        self.scale.value(self.to)
    }

    /// How far along the axis a value lies: 0 at the beginning, 1 at the end.
    pub(crate) fn part(&self, value: f64) -> f64 {
        (self.place(value) - self.from) / (self.to - self.from)
    }

    fn place(&self, value: f64) -> f64 {
        self.scale.place(value).expect("all values were placed when the axis was made")
    }
}

/// From the first place to the last, with a little room on both sides.
fn with_air(places: &[f64]) -> (f64, f64) {
    let from = places.iter().copied().fold(f64::INFINITY, f64::min);
    let to = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match to - from {
        none if none < 0.0 => (0.0, 1.0),
        0.0 => (from - 0.5, to + 0.5),
        span => (from - span * 0.03, to + span * 0.03),
    }
}

impl Ranged for Ruler {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.from..self.to).map(&self.place(*value), limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.low()..self.high()
    }
}

impl ValueFormatter<f64> for Ruler {
    fn format(value: &f64) -> String {
        number(*value)
    }

    fn format_ext(&self, value: &f64) -> String {
        number(*value) + self.suffix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(scale: Scale, range: Option<(f64, f64)>) -> Axis {
        Axis { label: "income".to_owned(), scale, range, suffix: "" }
    }

    #[test]
    fn the_ends_leave_room_for_all_values() {
        let ruler = Ruler::new(&axis(Scale::Linear, None), [3.0, 1.0, 2.0].into_iter(), 5).unwrap();
        assert!(ruler.low() < 1.0 && ruler.high() > 3.0);
        assert_eq!((ruler.part(2.0) * 1e6).round(), 5e5);
        let ruler = Ruler::new(&axis(Scale::Linear, Some((0.0, 100.0))), [3.0].into_iter(), 5).unwrap();
        assert_eq!((ruler.low(), ruler.high()), (0.0, 100.0));
    }

    #[test]
    fn one_value_or_none_have_an_axis_too() {
        let ruler = Ruler::new(&axis(Scale::Linear, None), std::iter::empty(), 5).unwrap();
        assert_eq!((ruler.low(), ruler.high()), (0.0, 1.0));
        let ruler = Ruler::new(&axis(Scale::Linear, None), [7.0].into_iter(), 5).unwrap();
        assert_eq!((ruler.low(), ruler.high()), (6.5, 7.5));
    }

    #[test]
    fn a_value_without_a_place_is_refused() {
        let err = Ruler::new(&axis(Scale::Log, None), [1.0, 0.0].into_iter(), 5).err().unwrap();
        assert_eq!(err, PlotError::NoPlace { axis: "income".to_owned(), value: 0.0 });
        assert!(Ruler::new(&axis(Scale::Linear, Some((0.0, 1.0))), [f64::NAN].into_iter(), 5).is_err());
    }
}
