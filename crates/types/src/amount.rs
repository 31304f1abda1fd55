//! Money as integers of the currency's smallest unit, with every operation checked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Bps;

/// An amount in the smallest unit of its currency (wei for BNB), with |x| < 10^38.
///
/// The bound is what a PostgreSQL `NUMERIC(38,18)` holds, so that an amount that exists can be stored.
/// Negative amounts exist for differences and for the company's balance only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

/// Why a text or a number is no [`Amount`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is not a base-10 integer.
    #[error(
        "expected a whole number of the smallest unit in base 10 (such as \"20000000000000000000\"), got {0:?}"
    )]
    NotAnInteger(String),
    /// The decimal text has more fraction digits than the currency.
    #[error(
        "expected at most {decimals} digits after the point, got {text:?}: give a multiple of the smallest unit"
    )]
    Fraction {
        /// The text as it came.
        text: String,
        /// Decimals of the currency.
        decimals: u8,
    },
    /// The magnitude is 10^38 or more.
    #[error("expected an amount below 10^38 smallest units, got {0}")]
    TooLarge(String),
}

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);
    /// The first magnitude that is no amount: 10^38.
    pub const LIMIT: i128 = 10i128.pow(38);
    /// The largest amount: 10^38 − 1 smallest units.
    pub const MAX: Amount = Amount(Self::LIMIT - 1);

    /// An amount of `units` smallest units; `None` if |units| ≥ 10^38.
    pub const fn from_units(units: i128) -> Option<Amount> {
        if units > -Self::LIMIT && units < Self::LIMIT { Some(Amount(units)) } else { None }
    }

    /// The number of smallest units.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum, or `None` beyond the range.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).and_then(Amount::from_units)
    }

    /// The difference, or `None` beyond the range.
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.0.checked_sub(other.0).and_then(Amount::from_units)
    }

    /// This amount `times` over, or `None` beyond the range.
    pub fn checked_mul(self, times: i128) -> Option<Amount> {
        self.0.checked_mul(times).and_then(Amount::from_units)
    }

    /// The share of `bps` basis points, `floor(x · b / 10000)`, without an intermediate overflow.
    pub fn share(self, bps: Bps) -> Amount {
        let (whole, rest) = (self.0.div_euclid(10_000), self.0.rem_euclid(10_000));
        let bps = i128::from(bps.get());
        Amount(whole * bps + (rest * bps).div_euclid(10_000))
    }

    /// The sum of many, or `None` beyond the range.
    pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Option<Amount> {
        amounts.into_iter().try_fold(Amount::ZERO, Amount::checked_add)
    }

    /// Reads a decimal text of the currency itself, such as `"20"` or `"2.7"` BNB.
    ///
    /// # Errors
    /// More fraction digits than `decimals`, anything that is no decimal number, or 10^38 smallest units and above.
    pub fn from_decimal(text: &str, decimals: u8) -> Result<Amount, AmountError> {
        let not_a_number = || AmountError::NotAnInteger(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(not_a_number()),
            Some(parts) => parts,
            None => (digits, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(not_a_number());
        }
        if fraction.len() > usize::from(decimals) {
            return Err(AmountError::Fraction { text: text.to_owned(), decimals });
        }
        let padded = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
        let magnitude = parse_digits(&padded).ok_or_else(|| AmountError::TooLarge(text.to_owned()))?;
        Ok(Amount(if negative { -magnitude } else { magnitude }))
    }

    /// The decimal text in the currency itself, without trailing zeros: 2,700,000,000,000,000,000 wei is `"2.7"`.
    pub fn to_decimal(self, decimals: u8) -> String {
        let digits = format!("{:0>width$}", self.0.unsigned_abs(), width = usize::from(decimals) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.0 < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// Base-10 digits as a magnitude below 10^38.
fn parse_digits(digits: &str) -> Option<i128> {
    let significant = digits.trim_start_matches('0');
    if significant.len() > 38 {
        return None;
    }
    if significant.is_empty() { Some(0) } else { significant.parse().ok() }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Reads smallest units: an optional `-` and digits without leading zeros.
    fn from_str(text: &str) -> Result<Amount, AmountError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let canonical = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
            && text != "-0";
        if !canonical {
            return Err(AmountError::NotAnInteger(text.chars().take(80).collect()));
        }
        let magnitude =
            parse_digits(digits).ok_or_else(|| AmountError::TooLarge(text.chars().take(80).collect()))?;
        Ok(Amount(if text.starts_with('-') { -magnitude } else { magnitude }))
    }
}

impl Serialize for Amount {
    /// A string of base-10 smallest units: JSON numbers lose digits in most clients.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_text_and_smallest_units_agree() {
        for (text, units) in [
            ("20", 20 * 10i128.pow(18)),
            ("2.7", 27 * 10i128.pow(17)),
            ("0.000000000000000001", 1),
            ("0", 0),
            ("-1.5", -15 * 10i128.pow(17)),
        ] {
            let amount = Amount::from_decimal(text, 18).unwrap();
            assert_eq!(amount.units(), units);
            assert_eq!(amount.to_decimal(18), text);
        }
    }

    #[test]
    fn a_fraction_of_the_smallest_unit_is_refused() {
        let err = Amount::from_decimal("0.0000000000000000001", 18).unwrap_err();
        assert!(matches!(err, AmountError::Fraction { decimals: 18, .. }));
    }

    #[test]
    fn texts_that_are_no_amount_are_refused() {
        for text in ["", "-", "-0", "01", "+1", "1.0", "1e3", " 1", "0x1", "١"] {
            assert!(text.parse::<Amount>().is_err(), "{text:?}");
        }
        for text in ["", ".", "1.", ".5", "1e3", "--1", "1.2.3", "٣"] {
            assert!(Amount::from_decimal(text, 18).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_range_ends_below_ten_to_the_38() {
        assert_eq!("9".repeat(38).parse::<Amount>().unwrap(), Amount::MAX);
        assert!(matches!(format!("1{}", "0".repeat(38)).parse::<Amount>(), Err(AmountError::TooLarge(_))));
        assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
        assert_eq!(Amount(-1).checked_sub(Amount::MAX), None);
        assert_eq!(Amount::MAX.checked_mul(2), None);
        assert_eq!(Amount::from_units(Amount::LIMIT), None);
    }

    #[test]
    fn signs_sums_and_products_are_those_of_whole_numbers() {
        let signs = [-1, 0, 1].map(|units| (Amount(units).is_zero(), Amount(units).is_positive()));
        assert_eq!(signs, [(false, false), (true, false), (false, true)]);
        assert_eq!(Amount(7).checked_add(Amount(-9)), Some(Amount(-2)));
        assert_eq!(Amount(7).checked_sub(Amount(-9)), Some(Amount(16)));
        assert_eq!(Amount(7).checked_mul(-9), Some(Amount(-63)));
        assert_eq!(Amount::sum([Amount(7), Amount(-9), Amount(5)]), Some(Amount(3)));
        assert_eq!(Amount::sum([]), Some(Amount::ZERO));
        assert_eq!(Amount::sum([Amount::MAX, Amount(1), Amount(-1)]), None, "no step may leave the range");
    }

    #[test]
    fn serde_reads_a_text_of_smallest_units() {
        use serde::de::value::{Error, StrDeserializer};
        let read = |text| Amount::deserialize(StrDeserializer::<Error>::new(text));
        assert_eq!(read("-63"), Ok(Amount(-63)));
        assert!(read("1.5").is_err());
    }

    proptest! {
        #[test]
        fn a_share_is_the_floor_and_never_overflows(units in 0..Amount::LIMIT, b in 0u16..=10_000) {
            let share = Amount(units).share(Bps::new(b).unwrap());
            prop_assert!(share <= Amount(units));
            if let Some(product) = units.checked_mul(i128::from(b)) {
                prop_assert_eq!(share.units(), product / 10_000);
            }
        }

        #[test]
        fn text_round_trips(units in -Amount::LIMIT + 1..Amount::LIMIT, decimals in 0u8..=18) {
            let amount = Amount(units);
            prop_assert_eq!(amount.to_string().parse::<Amount>().unwrap(), amount);
            prop_assert_eq!(Amount::from_decimal(&amount.to_decimal(decimals), decimals).unwrap(), amount);
        }
    }
}
