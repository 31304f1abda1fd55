//! What a plan's owner fears of activity: that it costs nothing.

use super::ActivityPlan;
use crate::lint::{Code, Finding, Inspection, Rules, list, points};

impl Rules for ActivityPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        let sections = &on.plan.sections;
        if sections.unilevel.is_none() && sections.infinity.is_none() {
            return;
        }
        let unit = on.money(banyan_types::Amount::from_units(1).expect("1 is an amount"));
        let days = self.days();
        let says = format!(
            "a purchase of {unit} makes the buyer, and her sponsor if it is the first, active for {days} days"
        );
        let mut finding = Finding::new(Code::UnitBuysActivity, "activity.days", says)
            .number("smallest purchase", unit)
            .number("days", days)
            .mend(
                "sell nothing below a price that means something, since no key asks for a least purchase; in the file, \
                 only shares that need no activity mend it: those of [referral]",
            );
        if let Some(unilevel) = &sections.unilevel {
            let mut shares = points(&unilevel.shares);
            if let Some(referral) = &sections.referral {
                shares.resize(shares.len().max(referral.shares.len()), 0);
                for (share, also) in shares.iter_mut().zip(points(&referral.shares)) {
                    *share += also;
                }
            }
            finding = finding.set("referral.shares", list(shares)).remove("unilevel");
        }
        if sections.infinity.is_some() {
            finding = finding.remove("infinity");
        }
        on.report(finding.remove("activity"));
    }
}
