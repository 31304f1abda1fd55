//! What a plan's owner fears of the infinity bonus: a higher rank that is worth less.

use banyan_types::Bps;

use super::InfinityPlan;
use crate::lint::{Code, Finding, Inspection, Rules};

impl Rules for InfinityPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        let ranks = on.plan.sections.ranks.as_ref().map(|plan| plan.ranks.as_slice()).unwrap_or_default();
        let mut highest = (Bps::ZERO, "");
        let mut fallen = None;
        let mut raised = Vec::new();
        for rank in ranks {
            let share = self.share(&rank.name);
            if share < highest.0 {
                fallen.get_or_insert((rank.name.as_str(), share, highest));
            } else {
                highest = (share, rank.name.as_str());
            }
            if highest.0 > Bps::ZERO {
                raised.push(format!("{{ rank = {:?}, share = \"{}\" }}", rank.name, highest.0));
            }
        }
        let Some((rank, share, (above, lower))) = fallen else { return };
        let place = self.shares.iter().position(|(name, _)| name == rank);
        let key =
            place.map_or("infinity.shares".to_owned(), |place| format!("infinity.shares[{place}].share"));
        let says = format!(
            "{rank} gets {share}, less than the {above} of the lower rank {lower}: whoever rises loses, and purchases \
             below a {lower} never pay a {rank} anything"
        );
        on.report(
            Finding::new(Code::ShareFallsWithRank, key, says)
                .number("share", share)
                .number("share of the lower rank", above)
                .mend(format!("give {rank}, and every rank above it, at least {above}"))
                .set("infinity.shares", format!("[{}]", raised.join(", "))),
        );
    }
}
