//! What a plan's owner fears of ranks: that every purchase counts for sponsors without end.

use super::RanksPlan;
use crate::lint::{Code, Finding, Inspection, Rules};

impl Rules for RanksPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        let sections = &on.plan.sections;
        if sections.registration.is_some() {
            return;
        }
        let says = "registration is free and a purchase counts for every sponsor above, however far up: a chain of \
                    1,000,000 participants costs nothing, and each purchase below it re-ranks all of them";
        let finding = Finding::new(Code::FreeDepth, "ranks", says)
            .number("entry", on.money(banyan_types::Amount::ZERO))
            .number("sponsors ranked by a purchase", "without bound")
            .mend(
                "ask an entry where wallets are let in, or limit there how deep a chain may grow; in the file, only a \
                 plan without ranks mends it",
            );
        let others = sections.vesting.is_some()
            || sections.unilevel.is_some()
            || sections.referral.is_some()
            || sections.staking.is_some()
            || sections.orders.is_some()
            || sections.retopup.is_some();
        on.report(match (others, sections.infinity.is_some()) {
            (true, true) => finding.remove("infinity").remove("ranks"),
            (true, false) => finding.remove("ranks"),
            (false, _) => finding,
        });
    }
}
