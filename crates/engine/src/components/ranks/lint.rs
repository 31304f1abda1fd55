//! What a plan's owner fears of ranks: that every purchase counts for sponsors without end, and that bonuses promise more
//! than numbers hold.

use banyan_types::Amount;

use super::RanksPlan;
use crate::lint::{Code, Finding, Inspection, Rules};

/// A programme has room for so many.
const PARTICIPANTS: i128 = 1_000_000_000;

impl Rules for RanksPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        self.lint_depth(on);
        self.lint_range(on);
    }
}

impl RanksPlan {
    /// Everybody who registers is promised every bonus once, and the sum of all promises must be an amount.
    fn lint_range(&self, on: &mut Inspection<'_>) {
        let sum = Amount::sum(self.ranks.iter().map(|rank| rank.bonus));
        if sum.is_some_and(|sum| sum.checked_mul(PARTICIPANTS).is_some()) {
            return;
        }
        let people = sum.and_then(|sum| Amount::MAX.units().checked_div(sum.units())).unwrap_or(0);
        let says = format!(
            "everybody who registers is promised all rank bonuses, and all promises together stay below 10^38 smallest \
             units: at most {people} can ever register, later ones are refused"
        );
        let together = sum.map_or_else(|| "10^38 smallest units or more".to_owned(), |sum| on.money(sum));
        let mut finding = Finding::new(Code::PromisesBeyondRange, "ranks.rank", says)
            .number("bonuses together", together)
            .number("participants at most", people)
            .number("participants expected", PARTICIPANTS)
            .mend("pay smaller bonuses, or give the currency fewer decimals");
        for place in (0..self.ranks.len()).filter(|place| self.ranks[*place].bonus.is_positive()) {
            finding = finding.remove(format!("ranks.rank[{place}].bonus"));
        }
        on.report(finding);
    }

    fn lint_depth(&self, on: &mut Inspection<'_>) {
        let sections = &on.plan.sections;
        if sections.registration.is_some() {
            return;
        }
        let says = "registration is free and a purchase counts for every sponsor above, however far up: a chain of \
                    1,000,000 participants costs nothing, and each purchase below it re-ranks all of them";
        let finding = Finding::new(Code::FreeDepth, "ranks", says)
            .number("entry", on.money(Amount::ZERO))
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
