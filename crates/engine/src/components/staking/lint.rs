//! What a plan's owner fears of staking: interest that nobody pays for, and positions that cost nothing.

use banyan_types::{Amount, Bps};

use super::StakingPlan;
use crate::lint::{Code, Finding, Inspection, Node, Rules, stakes};

impl Rules for StakingPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        if self.yearly > Bps::ZERO {
            self.lint_interest(on);
            self.lint_position(on);
        }
    }
}

impl StakingPlan {
    fn lint_interest(&self, on: &mut Inspection<'_>) {
        let hundred = 100 * 10i128.pow(on.plan.decimals().into());
        let pays = Amount::from_units(hundred).expect("currencies have 18 decimals at most");
        let example = stakes(on.plan, &[Node { sponsor: None, pays }]);
        let Some(example) = example else { return };
        let (principal, interest) = (on.money(pays), on.money(example.payout));
        let says = format!(
            "no payment funds the interest: one position of {principal} is owed {interest} after a year, on top of the \
             principal, of an income of {}",
            on.money(example.income),
        );
        on.report(
            Finding::new(Code::InterestUnfunded, "staking.yearly", says)
                .number("principal", principal)
                .number("interest of a year", interest)
                .number("income", on.money(example.income))
                .mend("pay no interest, or set money aside for it outside of the plan and watch the company's balance")
                .set("staking.yearly", "\"0%\"")
                .example(Some(example)),
        );
    }

    fn lint_position(&self, on: &mut Inspection<'_>) {
        let unit = Amount::from_units(1).expect("1 is an amount");
        let stake = on.money(unit);
        let says = format!(
            "{stake} opens a position, and the books reckon every open position anew each day: positions without number \
             cost next to nothing"
        );
        on.report(
            Finding::new(Code::UnitBuysPosition, "staking.yearly", says)
                .number("smallest stake", stake)
                .mend(
                    "take no stake below an amount that means something, since no key asks for a least one; in the \
                     file, only a position that earns nothing mends it",
                )
                .set("staking.yearly", "\"0%\""),
        );
    }
}
