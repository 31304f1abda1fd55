//! What a plan's owner fears of the unilevel bonus: shares that nobody takes, and walks without end.

use super::{Inactive, UnilevelPlan};
use crate::lint::{Code, Finding, Inspection, Levels, Rules};

impl Rules for UnilevelPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        let levels = Levels {
            key: "unilevel.shares",
            of: "purchases",
            shares: &self.shares,
            promises: &on.crowd.unilevel,
        };
        levels.lint(on);
        if on.plan.sections.registration.is_none() && self.inactive == Inactive::Compress {
            let says = "registration is free and compression looks for active sponsors however far up: a chain of \
                        1,000,000 inactive ones costs nothing, and each purchase below it walks all of them";
            on.report(
                Finding::new(Code::FreeDepth, "unilevel.inactive", says)
                    .number("entry", on.money(banyan_types::Amount::ZERO))
                    .number("sponsors walked by a purchase", "without bound")
                    .number("levels paid", self.shares.len())
                    .mend("let a level end the walk, whoever is there: \"none\" or \"roll-up\"")
                    .set("unilevel.inactive", "\"roll-up\""),
            );
        }
    }
}
