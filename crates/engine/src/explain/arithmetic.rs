//! The arithmetic of a reward, step by step, in a form that a reader can compute again.

use banyan_types::{Amount, Bps};
use serde::Serialize;

/// One step. The last step's `result` is the reward's amount; each `what` says in words what the step finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Step {
    /// `result` = floor(`of` · `bps` / 10,000).
    Share {
        /// What this finds.
        what: &'static str,
        /// What is shared.
        of: Amount,
        /// The share, in basis points.
        bps: u16,
        /// The share as an amount.
        result: Amount,
    },
    /// `result` = floor(`of` · (`bps` − `top`) / 10,000): what a share exceeds the highest one nearer to the buyer.
    Gap {
        /// What this finds.
        what: &'static str,
        /// Whose purchase it was.
        buyer: String,
        /// The purchase.
        of: Amount,
        /// The receiver's own share, in basis points.
        bps: u16,
        /// The highest share nearer to the buyer, in basis points.
        top: u16,
        /// The difference as an amount.
        result: Amount,
    },
    /// `result` = `of` − all `parts`.
    Less {
        /// What this finds.
        what: &'static str,
        /// The whole.
        of: Amount,
        /// What goes to others.
        parts: Vec<Amount>,
        /// What is left.
        result: Amount,
    },
    /// `result` = the sum of all `parts`.
    Total {
        /// What this finds.
        what: &'static str,
        /// What is added up.
        parts: Vec<Amount>,
        /// The sum.
        result: Amount,
    },
    /// `result` = floor(`principal` · `bps` · `days` / 3,650,000): simple interest, a year having 365 days.
    Interest {
        /// What this finds.
        what: &'static str,
        /// What was staked.
        principal: Amount,
        /// The yearly rate, in basis points.
        bps: u16,
        /// Days that earned.
        days: i64,
        /// All interest of these days.
        result: Amount,
    },
    /// An amount that nothing is computed of: what was paid, or what the plan says.
    Given {
        /// What this is.
        what: &'static str,
        /// The amount.
        result: Amount,
    },
}

/// Basis points of the whole, times days of a year.
const YEAR: i128 = 3_650_000;

impl Step {
    pub(crate) fn share(what: &'static str, of: Amount, share: Bps, result: Amount) -> Step {
        Step::Share { what, of, bps: share.get(), result }
    }

    pub(crate) fn less(what: &'static str, of: Amount, parts: Vec<Amount>, result: Amount) -> Step {
        Step::Less { what, of, parts, result }
    }

    pub(crate) fn given(what: &'static str, result: Amount) -> Step {
        Step::Given { what, result }
    }

    /// What the step found.
    pub fn result(&self) -> Amount {
        match self {
            Step::Share { result, .. }
            | Step::Gap { result, .. }
            | Step::Less { result, .. }
            | Step::Total { result, .. }
            | Step::Interest { result, .. }
            | Step::Given { result, .. } => *result,
        }
    }

    /// What the step says in words.
    pub fn what(&self) -> &'static str {
        match self {
            Step::Share { what, .. }
            | Step::Gap { what, .. }
            | Step::Less { what, .. }
            | Step::Total { what, .. }
            | Step::Interest { what, .. }
            | Step::Given { what, .. } => what,
        }
    }

    /// The step computed anew from what it says; `None` if what it says cannot be computed.
    pub fn recompute(&self) -> Option<Amount> {
        match self {
            Step::Share { of, bps, .. } => Some(of.share(Bps::new(*bps).ok()?)),
            Step::Gap { of, bps, top, .. } => Some(of.share(Bps::new(bps.checked_sub(*top)?).ok()?)),
            Step::Less { of, parts, .. } => of.checked_sub(Amount::sum(parts.iter().copied())?),
            Step::Total { parts, .. } => Amount::sum(parts.iter().copied()),
            Step::Interest { principal, bps, days, .. } => {
                let times = i128::from(*bps).checked_mul(i128::from(*days))?;
                let (wholes, rest) = (principal.units() / YEAR, principal.units() % YEAR);
                let units = wholes.checked_mul(times)?.checked_add(rest.checked_mul(times)? / YEAR)?;
                Amount::from_units(units)
            }
            Step::Given { result, .. } => Some(*result),
        }
    }

    /// What rounding down dropped, in ten-thousandths of the smallest unit; `None` where nothing is rounded to them.
    pub fn dropped(&self) -> Option<u16> {
        let (of, points) = match self {
            Step::Share { of, bps, .. } => (of, *bps),
            Step::Gap { of, bps, top, .. } => (of, bps.checked_sub(*top)?),
            Step::Less { .. } | Step::Total { .. } | Step::Interest { .. } | Step::Given { .. } => {
                return None;
            }
        };
        let rest = of.units().rem_euclid(10_000) * i128::from(points) % 10_000;
        u16::try_from(rest).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(units: i128) -> Amount {
        Amount::from_units(units).unwrap()
    }

    #[test]
    fn every_step_is_computed_from_what_it_says() {
        let of = amount(99_999);
        let what = "what";
        let buyer = "ann".to_owned();
        for (step, units, dropped) in [
            (Step::Share { what, of, bps: 333, result: amount(0) }, 3_329, Some(9_667)),
            (Step::Gap { what, buyer, of, bps: 1_500, top: 1_000, result: amount(0) }, 4_999, Some(9_500)),
            (Step::less(what, of, vec![amount(9), amount(90)], amount(0)), 99_900, None),
            (Step::Total { what, parts: vec![amount(7), of], result: amount(0) }, 100_006, None),
            (Step::Interest { what, principal: of, bps: 1_200, days: 400, result: amount(0) }, 13_150, None),
            (Step::given(what, of), 99_999, None),
        ] {
            assert_eq!(step.recompute(), Some(amount(units)), "{step:?}");
            assert_eq!(step.dropped(), dropped, "{step:?}");
        }
    }

    #[test]
    fn a_step_that_says_nonsense_is_not_computed() {
        let (what, buyer) = ("what", "ann".to_owned());
        let gap = Step::Gap { what, buyer, of: amount(5), bps: 10, top: 11, result: amount(0) };
        assert_eq!((gap.recompute(), gap.dropped()), (None, None));
    }
}
