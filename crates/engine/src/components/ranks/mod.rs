//! Ranks: who has reached which by the turnover of her legs.
//!
//! A leg is a direct referral with her own and her team's turnover. Turnovers only grow, so the strongest two legs can
//! be kept up to date with each purchase, and nobody's legs are ever added up again.

mod lint;
mod plan;
mod saved;

pub(crate) use plan::{Rank, RanksPlan};

use banyan_types::Amount;

use crate::UserId;
use crate::books::{Books, minus, plus};
use crate::explain::arithmetic::Step;
use crate::explain::trace::{Ground, Pass, Rule, Trace};
use crate::participants::Participants;
use crate::record::{Detail, Fund, RankId, Record, Reward, RewardKind, RewardState};

/// A leg, and what it has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Leg {
    /// The direct referral; the company, who is nobody's referral, where there is none yet.
    referral: u32,
    turnover: Amount,
}

/// Turnovers and rank of one participant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Standing {
    /// Own vested purchases.
    own: Amount,
    /// Those of everybody below.
    team: Amount,
    strongest: Leg,
    second: Leg,
    rank: RankId,
}

/// Everybody's turnovers and ranks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ranks {
    of: Vec<Standing>,
}

impl Ranks {
    /// Somebody's rank.
    pub(crate) fn rank(&self, user: UserId) -> RankId {
        self.of.get(user.index()).map_or(RankId(0), |standing| standing.rank)
    }

    /// Counts a vested purchase for the buyer and everybody above her, and lets those above reach what they reach.
    pub(crate) fn count(
        &mut self,
        plan: &RanksPlan,
        people: &Participants,
        books: &mut Books,
        buyer: UserId,
        amount: Amount,
    ) {
        books.tell(|trace| trace.rule(Rule::Ranks));
        let own = &mut self.of(buyer).own;
        *own = plus(*own, amount);
        let mut below = buyer;
        for sponsor in people.upline(buyer) {
            let leg = self.of(below);
            let leg = Leg { referral: below.0, turnover: plus(leg.own, leg.team) };
            let standing = self.of(sponsor);
            standing.team = plus(standing.team, amount);
            standing.update(leg);
            while let Some((rank, reached)) = standing.next(plan) {
                standing.rank = rank;
                books.note(Record::Rank { user: sponsor, rank });
                books.tell(|trace| {
                    let (brought, asked) = (standing.legs(), reached.legs);
                    trace.ground(Ground::Legs { rank, brought, asked });
                    trace.step(Step::given("what the plan pays for reaching the rank", reached.bonus));
                });
                books.reward(bonus(sponsor, rank, reached.bonus));
            }
            let standing = *standing;
            books.tell(move |trace| standing.tell_missing(plan, sponsor, trace));
            below = sponsor;
        }
    }

    fn of(&mut self, user: UserId) -> &mut Standing {
        if self.of.len() <= user.index() {
            self.of.resize(user.index() + 1, Standing::default());
        }
        &mut self.of[user.index()]
    }
}

impl Leg {
    /// Whether this leg is the stronger one; of equal legs, that of the earlier user is.
    fn is_before(&self, other: &Leg) -> bool {
        (self.turnover, other.referral) > (other.turnover, self.referral)
    }
}

impl Standing {
    /// Takes the new turnover of one leg, which has grown.
    fn update(&mut self, leg: Leg) {
        if leg.referral == self.strongest.referral {
            self.strongest = leg;
        } else if leg.is_before(&self.strongest) {
            self.second = std::mem::replace(&mut self.strongest, leg);
        } else if leg.referral == self.second.referral || leg.is_before(&self.second) {
            self.second = leg;
        }
    }

    /// What the strongest leg, the second and all others together have brought.
    fn legs(&self) -> [Amount; 3] {
        let rest = minus(minus(self.team, self.strongest.turnover), self.second.turnover);
        [self.strongest.turnover, self.second.turnover, rest]
    }

    /// Tells why the rank is not higher.
    fn tell_missing(&self, plan: &RanksPlan, user: UserId, trace: &mut Trace) {
        let next = RankId(self.rank.0 + 1);
        let pass = match plan.ranks.get(usize::from(next.0)) {
            Some(rank) => Pass::Legs { next, brought: self.legs(), asked: rank.legs },
            None => Pass::TopRank(self.rank),
        };
        trace.passed(user, pass);
    }

    /// The rank after this one, if the legs bring what it asks.
    fn next<'a>(&self, plan: &'a RanksPlan) -> Option<(RankId, &'a Rank)> {
        let next = RankId(self.rank.0 + 1);
        let rank = plan.ranks.get(usize::from(next.0))?;
        self.legs().iter().zip(&rank.legs).all(|(brought, asked)| brought >= asked).then_some((next, rank))
    }
}

/// What reaching a rank pays; no payment funds it.
fn bonus(to: UserId, rank: RankId, amount: Amount) -> Reward {
    Reward {
        kind: RewardKind::Rank,
        to,
        amount,
        source: to,
        state: RewardState::Payable,
        detail: Detail::Rank(rank),
        fund: Fund::Company,
    }
}
