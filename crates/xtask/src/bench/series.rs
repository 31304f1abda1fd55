//! The same measurement, made several times.

use serde::Serialize;

/// Values in the order in which they were measured; there is at least one once a round is over.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Series(Vec<f64>);

impl FromIterator<f64> for Series {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Series {
        Series(values.into_iter().collect())
    }
}

impl Series {
    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// What was the least disturbed, where less is better.
    pub fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The largest value.
    pub fn max(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The middle one, the upper of two.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Each value by a rule.
    pub fn map(&self, rule: impl Fn(f64) -> f64) -> Series {
        Series(self.0.iter().copied().map(rule).collect())
    }

    /// Round by round, this over that.
    pub fn over(&self, that: &Series) -> Series {
        Series(self.0.iter().zip(&that.0).map(|(this, that)| this / that).collect())
    }

    /// Round by round, the larger of two.
    pub fn larger(&self, that: &Series) -> Series {
        Series(self.0.iter().zip(&that.0).map(|(this, that)| this.max(*that)).collect())
    }
}

/// The straight line nearest to some points, by least squares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// At 0.
    pub base: f64,
    /// For each step to the right.
    pub slope: f64,
    /// How far the points lie from the line at most, as a part of the line's height.
    pub deviation: f64,
}

impl Fit {
    /// The line of at least two points that do not stand above each other.
    pub fn of(points: &[(f64, f64)]) -> Fit {
        let count = points.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
        let (middle, height) = (mean(|point| point.0), mean(|point| point.1));
        let along: f64 = points.iter().map(|(x, y)| (x - middle) * (y - height)).sum();
        let spread: f64 = points.iter().map(|(x, _)| (x - middle).powi(2)).sum();
        let slope = along / spread;
        let base = height - slope * middle;
        let off = |(x, y): &(f64, f64)| (y / (base + slope * x) - 1.0).abs();
        Fit { base, slope, deviation: points.iter().map(off).fold(0.0, f64::max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_knows_its_middle_and_its_ends() {
        let series = Series(vec![3.0, 1.0, 2.0]);
        assert_eq!((series.min(), series.median(), series.max()), (1.0, 2.0, 3.0));
        assert_eq!(series.over(&Series(vec![1.0, 1.0, 4.0])), Series(vec![3.0, 1.0, 0.5]));
    }

    #[test]
    fn a_fit_finds_the_line_and_what_is_off_it() {
        let straight = Fit::of(&[(0.0, 5.0), (1.0, 7.0), (10.0, 25.0)]);
        assert!((straight.slope - 2.0).abs() < 1e-9 && (straight.base - 5.0).abs() < 1e-9);
        assert!(straight.deviation < 1e-9);
        assert!(Fit::of(&[(0.0, 5.0), (1.0, 9.0), (2.0, 5.0)]).deviation > 0.2);
    }
}
