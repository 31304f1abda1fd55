//! What the paying code tells about itself while somebody listens.
//!
//! The components say in order what they are about ([`Topic`], [`Rule`]), what they looked at ([`Ground`], [`Pass`]) and
//! how they reckon ([`Step`]); the books add every reward and reserve as they move the money. What is told right before
//! a reward is about that reward. So an explanation is made of the very facts that decided the payment.

use banyan_types::{Amount, Bps};

use super::arithmetic::Step;
use crate::calendar::Month;
use crate::components::activity::Seen;
use crate::record::{Fund, RankId, Reserve, Reward, SeatRef};
use crate::{EventId, Refusal, UserId};

/// Everything that was told about one event, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trace {
    pub(crate) facts: Vec<Fact>,
}

/// One thing that was told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// What follows is about this.
    Topic(Topic),
    /// What follows is done under this rule of the plan.
    Rule(Rule),
    /// Why the next reward is paid, or paid in this way.
    Ground(Ground),
    /// How the next reward is reckoned.
    Step(Step),
    /// A reward was credited; one of nothing leaves no record.
    Paid(Reward),
    /// A reserve was taken apart.
    Settled(Reserve),
    /// Somebody was looked at and got nothing.
    Passed(UserId, Pass),
    /// Of a purchase of the month, somebody's share exceeds the highest one nearer to the buyer: a part of her reward.
    Gain { taker: UserId, part: Part },
    /// Which share of the month's purchases below her somebody has, and why.
    Claim { user: UserId, rank: RankId, share: Bps, seen: Option<Seen> },
}

/// A purchase of the month, and the shares that met there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) buyer: UserId,
    pub(crate) of: Amount,
    pub(crate) share: Bps,
    /// The highest share nearer to the buyer.
    pub(crate) top: Bps,
    pub(crate) result: Amount,
}

/// What is being paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// A payment that the plan refused.
    Refused { payer: UserId, amount: Amount },
    /// An entry that buys no seat.
    Entry { user: UserId, sponsor: UserId, amount: Amount },
    /// A ticket of the pool.
    Ticket { holder: UserId, source: UserId, level: u32, whole: Amount, fund: Fund },
    /// A seat, and its price.
    Seat { user: UserId, at: SeatRef, price: Amount, manual: bool, fund: Fund },
    /// A board that has just filled.
    Board { user: UserId, seat: SeatRef },
    /// A retopup.
    Retopup { payer: UserId, amount: Amount },
    /// The operators give.
    Grant { user: UserId },
    /// The programme ends.
    WindUp,
    /// A purchase that may still be refunded.
    Waits { purchase: EventId, until: i64 },
    /// A purchase that was given back.
    Returned { purchase: EventId },
    /// A purchase that is paid out.
    Purchase { purchase: EventId, at: i64, buyer: UserId, amount: Amount, vested: bool },
    /// A month's purchases.
    Month { month: Month },
    /// A staked position.
    Position { stake: EventId, user: UserId, opened: i64, today: i64 },
    /// A completed order.
    Order { order: EventId, customer: UserId, net: Amount },
}

/// The part of the plan that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// The plan refused.
    Refusal,
    /// The sponsor's share of a ticket or an entry.
    Direct,
    /// The shares of a seat's price.
    Pool { layers: u32 },
    /// What becomes of a reserve.
    Reserve,
    /// The shares of a retopup.
    Level { levels: u32, compress: bool },
    /// The operators' decision.
    Grant,
    /// The shares of a purchase for active sponsors.
    Unilevel { levels: u32, inactive: &'static str, days: i64 },
    /// The shares of a purchase for the nearest sponsors.
    Referral { levels: u32 },
    /// What of a purchase nobody took.
    Retained,
    /// Ranks.
    Ranks,
    /// The month's bonus for the higher ranks.
    Infinity { days: i64 },
    /// Interest; nothing is due if the day has not changed.
    Interest { new_day: bool },
    /// A position's principal.
    Principal,
    /// The sponsor's share of an order.
    Commission,
}

/// Why a reward is paid, or paid in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The receiver referred this participant.
    SponsorOf(UserId),
    /// The entry is this referral of the sponsor's, and only number `seats` buys the sponsor a seat.
    Referral { number: u32, seats: u32 },
    /// Every tree of the level is full.
    AllFull { level: u32, trees: u32 },
    /// The seat `distance` above the new one, on whose board the new seat has this position.
    Above { seat: SeatRef, new: SeatRef, distance: u32, position: u64 },
    /// The reward is kept in the reserve of that seat.
    Reserved,
    /// There is no seat so far above.
    NoSeat { new: SeatRef, distance: u32 },
    /// The receiver has an earlier retopup.
    HasRetopup(UserId),
    /// There is nobody so far up.
    ChainEnds,
    /// Somebody is there and has no earlier retopup.
    Ineligible(UserId),
    /// The receiver was active by this, seen from that moment.
    Active { seen: Seen, at: i64 },
    /// What the legs brought is what the rank asks.
    Legs { rank: RankId, brought: [Amount; 3], asked: [Amount; 3] },
    /// The plan refused the payment.
    Refused(Refusal),
    /// The board is full; the next ticket's price, if there is a level above.
    Full { reserve: Amount, ticket: Option<Amount> },
}

/// Why somebody who was looked at got nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// No earlier retopup at this level of the plan.
    NoRetopup { depth: u32, lost: Amount },
    /// Not active.
    Inactive { depth: u32, lost: Amount, seen: Seen, at: i64 },
    /// Set inactive by the operators.
    SetInactive { depth: u32, lost: Amount },
    /// The legs do not bring what the next rank asks.
    Legs { next: RankId, brought: [Amount; 3], asked: [Amount; 3] },
    /// There is no higher rank.
    TopRank(RankId),
    /// Somebody nearer to this purchase's buyer has as high a share.
    Outranked(Part),
    /// The referral spends the whole entry on a seat for the sponsor, who is this one.
    SeatInstead { number: u32 },
}

impl Trace {
    /// What follows is about this.
    pub(crate) fn topic(&mut self, topic: Topic) {
        self.facts.push(Fact::Topic(topic));
    }

    /// What follows is done under this rule.
    pub(crate) fn rule(&mut self, rule: Rule) {
        self.facts.push(Fact::Rule(rule));
    }

    /// Why the next reward is paid, or paid in this way.
    pub(crate) fn ground(&mut self, ground: Ground) {
        self.facts.push(Fact::Ground(ground));
    }

    /// How the next reward is reckoned.
    pub(crate) fn step(&mut self, step: Step) {
        self.facts.push(Fact::Step(step));
    }

    /// Who was looked at and got nothing.
    pub(crate) fn passed(&mut self, user: UserId, pass: Pass) {
        self.facts.push(Fact::Passed(user, pass));
    }

    /// The sum of all steps for the next reward, if there are several.
    pub(crate) fn total(&mut self, what: &'static str) {
        let steps = self.facts.iter().rev().map_while(|fact| match fact {
            Fact::Step(step) => Some(Some(step.result())),
            Fact::Ground(_) | Fact::Passed(..) => Some(None),
            Fact::Topic(_)
            | Fact::Rule(_)
            | Fact::Paid(_)
            | Fact::Settled(_)
            | Fact::Gain { .. }
            | Fact::Claim { .. } => None,
        });
        let mut parts: Vec<Amount> = steps.flatten().collect();
        parts.reverse();
        if parts.len() > 1 {
            let result =
                Amount::sum(parts.iter().copied()).expect("shares of one payment add to a part of it");
            self.step(Step::Total { what, parts, result });
        }
    }
}
