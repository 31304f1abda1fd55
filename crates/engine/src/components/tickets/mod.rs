//! Tickets: a ticket pays the holder's sponsor and takes a seat; a board that fills may buy the next ticket.

mod lint;
mod plan;

pub(crate) use plan::RegistrationPlan;
pub use plan::SponsorSeat;

use banyan_types::Amount;

use super::pool::{Pool, PoolPlan, Purchase, price_step, split};
use crate::books::{Books, minus};
use crate::explain::arithmetic::Step;
use crate::explain::trace::{Ground, Pass, Rule, Topic, Trace};
use crate::participants::Participants;
use crate::record::{Completed, Detail, Fund, Record, Reserve, Reward, RewardKind, RewardState, SeatRef};
use crate::{Plan, UserId};

/// A registration, already entered among the participants as its sponsor's referral number `referral`.
pub(crate) struct Newcomer {
    pub(crate) user: UserId,
    pub(crate) sponsor: UserId,
    pub(crate) referral: u32,
}

/// What tickets move: the seats and the money.
pub(crate) struct Till<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) pool_plan: &'a PoolPlan,
    pub(crate) people: &'a Participants,
    pub(crate) pool: &'a mut Pool,
    pub(crate) books: &'a mut Books,
}

impl Till<'_> {
    /// Spends the entry of a newcomer.
    pub(crate) fn enter(&mut self, newcomer: &Newcomer) {
        let source = newcomer.user;
        match self.plan.sponsor_seat() {
            None => self.buy(Buyer { holder: source, source, level: 1, fund: Fund::Payment }),
            Some(rule) if rule.on_referral == newcomer.referral && newcomer.sponsor != UserId::COMPANY => {
                self.books.tell(|trace| tell_entry(trace, self.plan, newcomer));
                self.buy(Buyer { holder: newcomer.sponsor, source, level: 1, fund: Fund::Payment });
            }
            Some(rule) => self.share_entry(rule, newcomer),
        }
    }

    /// An entry that buys no seat: the sponsor's share, and the company's fee.
    fn share_entry(&mut self, rule: SponsorSeat, newcomer: &Newcomer) {
        let entry = self.plan.entry().expect("only a plan with an entry shares it");
        let (direct, fee) = split(entry, rule.direct);
        self.books.tell(|trace| {
            tell_entry(trace, self.plan, newcomer);
            trace.ground(Ground::SponsorOf(newcomer.user));
            trace.ground(Ground::Referral { number: newcomer.referral, seats: rule.on_referral });
            trace.step(Step::share("the sponsor's share of the entry", entry, rule.direct, direct));
        });
        let shares =
            [(RewardKind::Direct, newcomer.sponsor, direct), (RewardKind::CompanyFee, UserId::COMPANY, fee)];
        for (kind, to, amount) in shares {
            self.books.reward(payable(kind, to, amount, newcomer.user, Detail::None, Fund::Payment));
            self.books.tell(|trace| {
                trace.step(Step::less(
                    "what the sponsor's share leaves of the entry",
                    entry,
                    vec![direct],
                    fee,
                ));
            });
        }
    }

    /// Buys a ticket and whatever the boards that fill by it buy in turn. A seat completes one board at most, and
    /// that buys at the next level, so this ends at the top level.
    fn buy(&mut self, first: Buyer) {
        let mut next = Some(first);
        while let Some(buyer) = next {
            next = self.buy_one(buyer);
        }
    }

    fn buy_one(&mut self, buyer: Buyer) -> Option<Buyer> {
        let Buyer { holder, source, level, fund } = buyer;
        let ticket = self.plan.ticket(level).expect("boards advance only below the top level");
        let sponsor = self.people.sponsor(holder).expect("only participants hold tickets");
        let pool_plan = self.pool_plan;
        self.books.tell(move |trace| {
            trace.topic(Topic::Ticket { holder, source, level, whole: ticket.whole, fund });
            trace.rule(Rule::Direct);
            trace.ground(Ground::SponsorOf(holder));
            let what = "the sponsor's share of the ticket";
            trace.step(Step::share(what, ticket.whole, pool_plan.direct, ticket.direct));
        });
        self.books.reward(payable(RewardKind::Direct, sponsor, ticket.direct, source, Detail::None, fund));
        let Some(at) = self.pool.next_seat(self.pool_plan, level) else {
            let kind = RewardKind::SeatRefund;
            let detail = Detail::Pool { level, seat: None };
            self.books.tell(|trace| {
                trace.rule(Rule::Pool { layers: pool_plan.layers() });
                trace.ground(Ground::AllFull { level, trees: pool_plan.trees });
                trace.step(price_step(ticket));
            });
            self.books.reward(payable(kind, holder, ticket.price, source, detail, fund));
            return None;
        };
        self.seat(at, Purchase { user: holder, source, ticket, manual: false, fund })
    }

    /// Seats a participant where the operators decided; the place has been checked.
    pub(crate) fn place(&mut self, user: UserId, at: SeatRef) {
        let ticket = self.plan.ticket(at.level).expect("the level was checked");
        let purchase = Purchase { user, source: user, ticket, manual: true, fund: Fund::Payment };
        if let Some(buyer) = self.seat(at, purchase) {
            self.buy(buyer);
        }
    }

    fn seat(&mut self, at: SeatRef, purchase: Purchase<'_>) -> Option<Buyer> {
        let completed = self.pool.take(self.pool_plan, self.books, at, &purchase)?;
        self.advance(completed)
    }

    /// Weighs a filled board's reserve against the next ticket: either it buys one, or all of it is released.
    fn advance(&mut self, completed: SeatRef) -> Option<Buyer> {
        let (user, reserve) = self.pool.complete(completed);
        self.books.note(Record::Completed(Completed { user, seat: completed }));
        let next = self.plan.ticket(completed.level + 1);
        self.books.tell(|trace| {
            trace.topic(Topic::Board { user, seat: completed });
            trace.rule(Rule::Reserve);
            trace.ground(Ground::Full { reserve, ticket: next.map(|next| next.whole) });
        });
        let next = next?;
        if reserve.is_zero() {
            return None;
        }
        let spent = if reserve >= next.whole { next.whole } else { Amount::ZERO };
        let released = minus(reserve, spent);
        self.books.tell(move |trace| {
            let what = "what the next ticket leaves of the reserve";
            trace.step(Step::less(what, reserve, vec![spent], released));
        });
        self.books.settle_reserve(Reserve { user, seat: completed, spent, released });
        let buyer =
            Buyer { holder: user, source: user, level: completed.level + 1, fund: Fund::Reserve(completed) };
        spent.is_positive().then_some(buyer)
    }
}

/// Who takes a ticket, and who and what pays it.
struct Buyer {
    holder: UserId,
    source: UserId,
    level: u32,
    fund: Fund,
}

/// What an entry is about that buys its payer no seat.
fn tell_entry(trace: &mut Trace, plan: &Plan, newcomer: &Newcomer) {
    let Newcomer { user, sponsor, referral } = *newcomer;
    let (Some(rule), Some(amount)) = (plan.sponsor_seat(), plan.entry()) else { return };
    trace.topic(Topic::Entry { user, sponsor, amount });
    trace.rule(Rule::Direct);
    if rule.on_referral == referral && sponsor != UserId::COMPANY {
        trace.passed(sponsor, Pass::SeatInstead { number: referral });
    }
}

fn payable(
    kind: RewardKind,
    to: UserId,
    amount: Amount,
    source: UserId,
    detail: Detail,
    fund: Fund,
) -> Reward {
    Reward { kind, to, amount, source, state: RewardState::Payable, detail, fund }
}
