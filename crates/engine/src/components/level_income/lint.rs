//! What a plan's owner fears of level income: shares of nothing, shares that nobody takes, and walks without end.

use super::{Ineligible, RetopupPlan};
use crate::lint::{Code, Finding, Inspection, Levels, Rules, list, points};

impl Rules for RetopupPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        self.lint_units(on);
        let levels = Levels {
            key: "retopup.shares",
            of: "retopups",
            shares: &self.shares,
            promises: &on.crowd.retopup,
        };
        levels.lint(on);
        if on.plan.sections.registration.is_none() && self.ineligible == Ineligible::Compress {
            let says = "registration is free and compression looks for eligible sponsors however far up: a chain of \
                        1,000,000 ineligible ones costs nothing, and each retopup below it walks all of them";
            on.report(
                Finding::new(Code::FreeDepth, "retopup.ineligible", says)
                    .number("entry", on.money(banyan_types::Amount::ZERO))
                    .number("sponsors walked by a retopup", "without bound")
                    .number("levels paid", self.shares.len())
                    .mend("let a level end the walk, whoever is there")
                    .set("retopup.ineligible", "\"company\""),
            );
        }
    }
}

impl RetopupPlan {
    /// Shares that floor to nothing.
    fn lint_units(&self, on: &mut Inspection<'_>) {
        let pot = self.amount.share(self.pot_share);
        let mut shares = points(&self.shares);
        let mut nothing = None;
        for (share, amount) in shares.iter_mut().zip(&self.level_amounts) {
            if *share > 0 && amount.is_zero() {
                nothing.get_or_insert(*share);
                *share = 0;
            }
        }
        let Some(share) = nothing else { return };
        let (share, pot) = (crate::lint::percentage(share), on.money(pot));
        on.report(
            Finding::new(
                Code::BelowSmallestUnit,
                "retopup.shares",
                format!("{share} of the pot of {pot} is less than the smallest unit: it pays nothing"),
            )
            .number("share", share)
            .number("pot", pot)
            .mend("ask more for a retopup, or say \"0%\" where nothing is paid")
            .set("retopup.shares", list(shares)),
        );
    }
}
