//! Ranks are not in a snapshot: turnovers, legs and ranks follow from the vested purchases.

use banyan_types::Amount;

use super::{Leg, Ranks, RanksPlan};
use crate::UserId;
use crate::books::plus;
use crate::participants::Participants;

impl Ranks {
    /// What `own`, everybody's vested purchases by id, has made of everybody. The sum of all is within the range of
    /// amounts.
    pub(crate) fn rebuild(plan: &RanksPlan, people: &Participants, own: &[Amount]) -> Ranks {
        let mut ranks = Ranks::default();
        for (user, own) in (0..).zip(own).filter(|(_, own)| own.is_positive()) {
            ranks.of(UserId(user)).own = *own;
        }
        for user in people.bottom_up() {
            let Some(standing) = ranks.of.get(user.index()) else { continue };
            let leg = Leg { referral: user.0, turnover: plus(standing.own, standing.team) };
            let sponsor = people.sponsor(user).filter(|sponsor| *sponsor != UserId::COMPANY);
            let Some(sponsor) = sponsor.filter(|_| leg.turnover.is_positive()) else { continue };
            let above = ranks.of(sponsor);
            above.team = plus(above.team, leg.turnover);
            above.update(leg);
        }
        for standing in &mut ranks.of {
            while let Some((rank, _)) = standing.next(plan) {
                standing.rank = rank;
            }
        }
        ranks
    }

    /// All bonuses that the participants have not reached yet; `None` beyond the range of amounts.
    pub(crate) fn outstanding(&self, plan: &RanksPlan, people: &Participants) -> Option<Amount> {
        let mut sum = Amount::ZERO;
        for user in (1..people.known() as u32).map(UserId).filter(|user| people.is_registered(*user)) {
            let above = plan.ranks.iter().skip(usize::from(self.rank(user).0) + 1);
            sum = sum.checked_add(Amount::sum(above.map(|rank| rank.bonus))?)?;
        }
        Some(sum)
    }
}
