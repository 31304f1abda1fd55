//! How an amount is spread over the participants, and exact shares.
//!
//! A quantile is the *nearest rank*: of n amounts in ascending order, the one at rank ⌈p · n⌉, counted from 1. It is
//! always somebody's real amount; the median of an even number is the lower of the two in the middle.

use banyan_types::Amount;
use serde::Serialize;

/// How an amount is spread over all participants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// The least.
    pub minimum: Option<Amount>,
    /// A quarter have this or less.
    pub lower_quartile: Option<Amount>,
    /// Half have this or less.
    pub median: Option<Amount>,
    /// Three quarters have this or less.
    pub upper_quartile: Option<Amount>,
    /// The most.
    pub maximum: Option<Amount>,
    /// The total, split evenly and rounded down.
    pub mean: Option<Amount>,
    /// All together.
    pub total: Amount,
    #[serde(skip)]
    sorted: Vec<Amount>,
}

impl Distribution {
    /// The distribution of one amount for each participant.
    pub(super) fn new(mut amounts: Vec<Amount>) -> Distribution {
        amounts.sort_unstable();
        let total = sum(&amounts);
        let mean = match amounts.len() as i128 {
            0 => None,
            count => Amount::from_units(total.units().div_euclid(count)),
        };
        let rank = |quarters| nearest_rank(&amounts, quarters);
        Distribution {
            minimum: amounts.first().copied(),
            lower_quartile: rank(1),
            median: rank(2),
            upper_quartile: rank(3),
            maximum: amounts.last().copied(),
            mean,
            total,
            sorted: amounts,
        }
    }

    /// Every participant's amount, in ascending order.
    pub fn sorted(&self) -> &[Amount] {
        &self.sorted
    }
}

/// The amount at rank ⌈quarters · n / 4⌉; nothing if there is nobody.
fn nearest_rank(ascending: &[Amount], quarters: usize) -> Option<Amount> {
    let rank = (quarters * ascending.len()).div_ceil(4);
    ascending.get(rank.checked_sub(1)?).copied()
}

pub(super) fn sum(amounts: &[Amount]) -> Amount {
    Amount::sum(amounts.iter().copied()).expect("the books keep every sum of balances below 10^38")
}

/// How many ten-thousandths of `whole` `part` is, rounded down; nothing if there is no whole, or a part below 0.
pub(super) fn basis_points(part: Amount, whole: Amount) -> Option<u64> {
    divide(u128::try_from(part.units()).ok()?, u128::try_from(whole.units()).ok()?)
}

/// ⌊part · 10000 / whole⌋ for numbers below 10^38, digit by binary digit of the 10000: the product itself might not fit.
pub(crate) fn divide(part: u128, whole: u128) -> Option<u64> {
    let mut quotient = u64::try_from(part.checked_div(whole)?).ok()?.checked_mul(10_000)?;
    let (part, mut points, mut rest) = (part % whole, 0u64, 0u128);
    for digit in (0..14).rev() {
        rest = rest * 2 + if 10_000 >> digit & 1 == 1 { part } else { 0 };
        points = points * 2 + (rest / whole) as u64;
        rest %= whole;
    }
    quotient = quotient.checked_add(points)?;
    Some(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(units: i128) -> Amount {
        Amount::from_units(units).unwrap()
    }

    fn quartiles(amounts: &[i128]) -> [Option<i128>; 6] {
        let spread = Distribution::new(amounts.iter().copied().map(units).collect());
        let figures = [
            spread.minimum,
            spread.lower_quartile,
            spread.median,
            spread.upper_quartile,
            spread.maximum,
            spread.mean,
        ];
        figures.map(|figure| figure.map(Amount::units))
    }

    #[test]
    fn quantiles_are_the_nearest_ranks() {
        for (amounts, expected) in [
            (&[][..], [None; 6]),
            (&[7], [Some(7); 6]),
            (&[9, 1], [1, 1, 1, 9, 9, 5].map(Some)),
            (&[5, 1, 3], [1, 1, 3, 5, 5, 3].map(Some)),
            (&[4, 2, 1, 3], [1, 1, 2, 3, 4, 2].map(Some)),
            (&[50, 40, 30, 20, 10], [10, 20, 30, 40, 50, 30].map(Some)),
            (&[-20, -20, -20, -20, 0, 40], [-20, -20, -20, 0, 40, -7].map(Some)),
        ] {
            assert_eq!(quartiles(amounts), expected, "{amounts:?}");
        }
    }

    #[test]
    fn shares_are_exact_at_any_size() {
        for (part, whole, expected) in [
            (0, 1, Some(0)),
            (1, 3, Some(3_333)),
            (2, 3, Some(6_666)),
            (3, 3, Some(10_000)),
            (7, 2, Some(35_000)),
            (1, 0, None),
            (-1, 1, None),
            (Amount::LIMIT - 2, Amount::LIMIT - 1, Some(9_999)),
            (Amount::LIMIT - 1, Amount::LIMIT - 1, Some(10_000)),
            (Amount::LIMIT - 1, 1, None),
        ] {
            assert_eq!(basis_points(units(part), units(whole)), expected, "{part} of {whole}");
        }
    }

    proptest! {
        #[test]
        fn a_share_is_the_floor_of_the_fraction(part in 0..10u128.pow(33), whole in 1..10u128.pow(33)) {
            let expected = u64::try_from(part * 10_000 / whole).ok();
            prop_assert_eq!(divide(part, whole), expected);
        }

        #[test]
        fn a_quartile_has_at_least_its_part_at_or_below_it_and_is_the_least_such(
            amounts in prop::collection::vec(-50i128..50, 1..40)
        ) {
            for (quarters, at) in [(1, 1), (2, 2), (3, 3)] {
                let quartile = quartiles(&amounts)[at].unwrap();
                let at_or_below = |limit| amounts.iter().filter(|amount| **amount <= limit).count();
                prop_assert!(at_or_below(quartile) * 4 >= quarters * amounts.len());
                prop_assert!(at_or_below(quartile - 1) * 4 < quarters * amounts.len());
            }
        }
    }
}
