//! Shares in basis points.

use std::fmt;
use std::str::FromStr;

/// A share in basis points: 0 … 10,000, where 10,000 is the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(u16);

/// Why a text or number is no share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BpsError {
    /// More than the whole.
    #[error("expected a share of at most 100% (10000 basis points), got {0}")]
    AboveWhole(String),
    /// Not a percentage with at most two digits after the point.
    #[error(
        "expected a percentage with at most two digits after the point (such as \"50%\" or \"2.5%\"), got {0:?}"
    )]
    NotAPercentage(String),
}

impl Bps {
    /// Nothing.
    pub const ZERO: Bps = Bps(0);
    /// The whole: 10,000 basis points.
    pub const WHOLE: Bps = Bps(10_000);

    /// A share of `points` basis points.
    ///
    /// # Errors
    /// More than 10,000.
    pub fn new(points: u16) -> Result<Bps, BpsError> {
        if points <= 10_000 {
            Ok(Bps(points))
        } else {
            Err(BpsError::AboveWhole(format!("{points} basis points")))
        }
    }

    /// The number of basis points.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl FromStr for Bps {
    type Err = BpsError;

    /// Reads a percentage such as `"50%"` or `"2.5%"`.
    fn from_str(text: &str) -> Result<Bps, BpsError> {
        let refused = || BpsError::NotAPercentage(text.chars().take(40).collect());
        let number = text.strip_suffix('%').ok_or_else(refused)?;
        let hundredths = crate::Amount::from_decimal(number, 2).map_err(|_| refused())?.units();
        match u16::try_from(hundredths) {
            Ok(points) => Bps::new(points).map_err(|_| BpsError::AboveWhole(text.to_owned())),
            Err(_) if hundredths < 0 => Err(refused()),
            Err(_) => Err(BpsError::AboveWhole(text.to_owned())),
        }
    }
}

impl fmt::Display for Bps {
    /// As a percentage, `2.5%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_and_written() {
        for (text, points) in
            [("50%", 5000), ("2.5%", 250), ("0.01%", 1), ("100%", 10_000), ("0%", 0), ("1.05%", 105)]
        {
            assert_eq!(text.parse::<Bps>().unwrap().get(), points);
            assert_eq!(Bps::new(points).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["50", "", "%", "-1%", "0.001%", "5e1%"] {
            assert!(matches!(text.parse::<Bps>(), Err(BpsError::NotAPercentage(_))), "{text}");
        }
        for text in ["100.01%", "700%", "100000000%"] {
            assert!(matches!(text.parse::<Bps>(), Err(BpsError::AboveWhole(_))), "{text}");
        }
    }
}
