//! How values become places on an axis, and which of them get a tick.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Each tenfold takes the same room; only for values above 0.
    Log,
    /// Evenly around 0 and logarithmically far from it, on both sides (the inverse hyperbolic sine of value / unit).
    SymLog {
        /// About where the one turns into the other; above 0.
        unit: f64,
    },
}

impl Scale {
    /// The place of a value, if it has one.
    pub fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Scale::Linear => value,
            Scale::Log => value.log10(),
            Scale::SymLog { unit } => (value / unit).asinh(),
        };
        place.is_finite().then_some(place)
    }

    /// The value at a place.
    pub fn value(self, place: f64) -> f64 {
        match self {
            Scale::Linear => place,
            Scale::Log => 10f64.powf(place),
            Scale::SymLog { unit } => place.sinh() * unit,
        }
    }

    /// Round values from `low` to `high`, about as many as `wanted`, in ascending order.
    pub(crate) fn ticks(self, low: f64, high: f64, wanted: usize) -> Vec<f64> {
        let ticks: Vec<f64> = match self {
            Scale::Linear => RangedCoordf64::from(low..high).key_points(wanted),
            Scale::Log => decades(low, high, wanted as f64 / span(low, high)),
            Scale::SymLog { unit } => {
                let density = wanted as f64 / (span(unit, -low) + span(unit, high));
                let above = decades(unit, high, density).into_iter();
                let below = decades(unit, -low, density).into_iter().rev().map(|value| -value);
                below.chain([0.0]).chain(above).collect()
            }
        };
        ticks.into_iter().filter(|tick| (low..=high).contains(tick)).collect()
    }
}

/// How many tenfolds lead from `low` to `high`.
fn span(low: f64, high: f64) -> f64 {
    if high > low { (high / low).log10() } else { 0.0 }
}

/// Powers of ten from `low` to `high`, about `density` for each tenfold: where that is much, twice and five times as
/// much too; where it is little, every second or third only.
fn decades(low: f64, high: f64, density: f64) -> Vec<f64> {
    if high < low {
        return Vec::new();
    }
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let factors: &[f64] = if density >= 3.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let step = (1.0 / density).ceil().max(1.0) as usize;
    (first..=last)
        .step_by(step)
        .flat_map(|exponent| factors.iter().map(move |factor| factor * 10f64.powi(exponent)))
        .filter(|value| (low..=high).contains(value))
        .collect()
}

/// A number as people write it on an axis: 0.05, 250, 20k, 1.5M.
pub(crate) fn number(value: f64) -> String {
    const STEPS: [(f64, &str); 5] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let size = value.abs();
    if size >= 1e18 || (size > 0.0 && size < 1e-6) {
        return format!("{value:e}").replace('-', "−");
    }
    let (divisor, letter) =
        STEPS.into_iter().find(|(step, _)| size >= *step && size >= 1e4).unwrap_or((1.0, ""));
    let digits = format!("{:.6}", value / divisor);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    let digits = if digits == "-0" { "0" } else { digits };
    format!("{}{letter}", digits.replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_back_to_its_value() {
        for scale in [Scale::Linear, Scale::Log, Scale::SymLog { unit: 10.0 }] {
            for value in [0.5, 10.0, 123_456.0] {
                let back = scale.value(scale.place(value).unwrap());
                assert!((back / value - 1.0).abs() < 1e-9, "{scale:?} {value} {back}");
            }
        }
        assert_eq!(Scale::Log.place(0.0), None);
        assert_eq!(Scale::Log.place(-1.0), None);
        assert_eq!(Scale::Linear.place(f64::NAN), None);
    }

    #[test]
    fn a_symmetric_scale_has_zero_in_the_middle() {
        let scale = Scale::SymLog { unit: 10.0 };
        assert_eq!(scale.place(0.0), Some(0.0));
        assert_eq!(scale.place(-500.0), scale.place(500.0).map(|place| -place));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let cases = [
            (Scale::Linear, (0.0, 100.0), vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
            (Scale::Log, (90.0, 20_000.0), vec![100.0, 1_000.0, 10_000.0]),
            (Scale::Log, (2.0, 20.0), vec![2.0, 5.0, 10.0, 20.0]),
            (Scale::SymLog { unit: 10.0 }, (-25.0, 60.0), vec![-20.0, -10.0, 0.0, 10.0, 20.0, 50.0]),
            (Scale::SymLog { unit: 10.0 }, (-25.0, 2e3), vec![-10.0, 0.0, 10.0, 100.0, 1e3]),
            (Scale::SymLog { unit: 10.0 }, (-5.0, 3e12), vec![0.0, 10.0, 1e3, 1e5, 1e7, 1e9, 1e11]),
            (Scale::SymLog { unit: 10.0 }, (-5.0, 5.0), vec![0.0]),
        ];
        for (scale, (low, high), expected) in cases {
            assert_eq!(scale.ticks(low, high, 7), expected, "{scale:?} {low} {high}");
        }
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.05, "0.05"),
            (-20.0, "−20"),
            (45.6, "45.6"),
            (2_000.0, "2000"),
            (20_000.0, "20k"),
            (1.5e6, "1.5M"),
            (1e20, "1e20"),
            (1e-8, "1e−8"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
