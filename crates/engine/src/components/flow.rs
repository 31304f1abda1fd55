//! How the components work together: what an event sets to work, and what the calendar brings before it.
//!
//! [`check`] decides about an event without changing anything; [`Flow`] lets it happen, which cannot fail. What the
//! calendar brings never decides whether an event is refused: deadlines are compared with the event's own time.

use banyan_types::{Amount, Bps};

use super::orders::OrderNo;
use super::purchases::{Purchase, PurchaseNo};
use super::staking::PositionNo;
use super::tickets::{Newcomer, Till};
use super::unilevel::Base;
use super::{State, level_income, referral, unilevel};
use crate::books::{Books, minus};
use crate::calendar::{LAST_DAY, Month};
use crate::explain::arithmetic::Step as Sum;
use crate::explain::trace::{Fact, Rule, Topic};
use crate::participants::Participants;
use crate::record::{Detail, Fund, Record, Reward, RewardKind, RewardState, SeatRef};
use crate::{Event, EventBody, EventId, Plan, Refusal, UserId};

/// An event that was found to be in order.
pub(crate) enum Step {
    Register(UserId, UserId),
    Retopup(UserId),
    Place(UserId, SeatRef),
    Grant(UserId, Amount),
    WindUp,
    Purchase(UserId, Amount),
    Refund(PurchaseNo),
    Stake(UserId, Amount),
    Unstake(PositionNo),
    Status(UserId, bool),
    Order(UserId, Amount),
    CompleteOrder(OrderNo),
    RefundOrder(OrderNo),
    Tick,
}

/// Decides about an event of the plan's, as to the plan and what the components remember.
pub(crate) fn check(
    plan: &Plan,
    people: &Participants,
    state: &State,
    event: &Event,
) -> Result<Step, Refusal> {
    let sections = &plan.sections;
    let not_in_plan = Refusal::NotInPlan { event: event.body.name() };
    let has = |known: bool| if known { Ok(()) } else { Err(not_in_plan) };
    let takes = |known: bool, user| has(known).and_then(|()| people.check_participant(user));
    match event.body {
        EventBody::Registered { user, sponsor, amount } => {
            people.check_newcomer(user, sponsor)?;
            check_entry(plan, amount)?;
            Ok(Step::Register(user, sponsor))
        }
        EventBody::Retopup { user, amount } => {
            let retopup = sections.retopup.as_ref().ok_or(not_in_plan)?;
            people.check_participant(user)?;
            check_amount(retopup.amount, amount)?;
            Ok(Step::Retopup(user))
        }
        EventBody::Place { user, level, tree, index, amount } => {
            let pool = sections.pool.as_ref().ok_or(not_in_plan)?;
            people.check_participant(user)?;
            let at = state.pool.check_place(pool, level, tree, index)?;
            check_amount(plan.ticket(at.level).expect("the level was checked").price, amount)?;
            Ok(Step::Place(user, at))
        }
        EventBody::Grant { user, amount } => {
            takes(sections.pool.is_some(), user).map(|()| Step::Grant(user, amount))
        }
        EventBody::WindUp => has(sections.pool.is_some()).map(|()| Step::WindUp),
        EventBody::Purchase { user, amount } => {
            takes(sections.takes_purchases(), user).map(|()| Step::Purchase(user, amount))
        }
        EventBody::Refund { purchase } => {
            let vesting = sections.vesting.as_ref().ok_or(not_in_plan)?;
            state.purchases.check_refund(vesting, purchase, event.at).map(Step::Refund)
        }
        EventBody::Stake { user, amount } => {
            takes(sections.staking.is_some(), user).map(|()| Step::Stake(user, amount))
        }
        EventBody::Unstake { stake } => {
            has(sections.staking.is_some())?;
            state.staking.check_close(stake).map(Step::Unstake)
        }
        EventBody::Status { user, active } => {
            takes(sections.referral.is_some(), user).map(|()| Step::Status(user, active))
        }
        EventBody::Order { user, amount } => {
            takes(sections.orders.is_some(), user).map(|()| Step::Order(user, amount))
        }
        EventBody::OrderCompleted { order } => {
            has(sections.orders.is_some())?;
            state.orders.check_close(order).map(Step::CompleteOrder)
        }
        EventBody::OrderRefunded { order } => {
            has(sections.orders.is_some())?;
            state.orders.check_close(order).map(Step::RefundOrder)
        }
        EventBody::Tick => Ok(Step::Tick),
    }
}

fn check_entry(plan: &Plan, amount: Option<Amount>) -> Result<(), Refusal> {
    match (plan.entry(), amount) {
        (Some(expected), Some(came)) => check_amount(expected, came),
        (Some(expected), None) => Err(Refusal::MissingAmount { expected }),
        (None, Some(came)) => Err(Refusal::UnexpectedAmount { came }),
        (None, None) => Ok(()),
    }
}

fn check_amount(expected: Amount, came: Amount) -> Result<(), Refusal> {
    if came == expected { Ok(()) } else { Err(Refusal::WrongAmount { expected, came }) }
}

/// What an event may at most cause to be paid, at once or ever, that its own payment does not fund; `None` beyond the
/// range of amounts.
pub(crate) fn promise(plan: &Plan, body: &EventBody) -> Option<Amount> {
    let sections = &plan.sections;
    match *body {
        // Everybody reaches every rank once.
        EventBody::Registered { .. } => {
            let ranks = sections.ranks.iter().flat_map(|plan| &plan.ranks);
            Amount::sum(ranks.map(|rank| rank.bonus))
        }
        // The shares on the way up add to the highest of them, which is the whole at most.
        EventBody::Purchase { amount, .. } if sections.infinity.is_some() => Some(amount),
        EventBody::Stake { amount, .. } => {
            sections.staking.as_ref().map_or(Some(Amount::ZERO), |plan| plan.interest(amount, LAST_DAY))
        }
        EventBody::Order { amount, .. } => Some(amount),
        EventBody::Purchase { .. }
        | EventBody::Retopup { .. }
        | EventBody::Place { .. }
        | EventBody::Grant { .. }
        | EventBody::WindUp
        | EventBody::Refund { .. }
        | EventBody::Unstake { .. }
        | EventBody::Status { .. }
        | EventBody::OrderCompleted { .. }
        | EventBody::OrderRefunded { .. }
        | EventBody::Tick => Some(Amount::ZERO),
    }
}

/// The machine's parts, while an event happens.
pub(crate) struct Flow<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) people: &'a mut Participants,
    pub(crate) state: &'a mut State,
    pub(crate) books: &'a mut Books,
}

impl Flow<'_> {
    /// Lets everything happen that falls due until `at`, in order of time: at the same moment a month before the
    /// purchases that vest.
    pub(crate) fn pass_time(&mut self, at: i64) {
        if self.plan.sections.takes_purchases() {
            while self.next_month_or_purchase(at) {}
        }
        if let Some(staking) = &self.plan.sections.staking {
            self.state.staking.pay_interest(staking, self.books, at);
        }
    }

    fn next_month_or_purchase(&mut self, at: i64) -> bool {
        let wait = self.waiting_seconds();
        let month = self.state.infinity.oldest().map(|month| month.end() + wait);
        let purchase = self.state.purchases.next_due(wait);
        match (month.filter(|due| *due <= at), purchase.filter(|due| *due <= at)) {
            (Some(month), Some(purchase)) if month > purchase => self.vest(),
            (Some(_), _) => self.share_out_month(),
            (None, Some(_)) => self.vest(),
            (None, None) => return false,
        }
        true
    }

    /// How long purchases wait until they vest.
    fn waiting_seconds(&self) -> i64 {
        self.plan.sections.vesting.as_ref().map_or(0, |vesting| vesting.seconds())
    }

    /// Lets a checked event happen.
    pub(crate) fn perform(&mut self, event: &Event, step: Step) {
        match step {
            Step::Register(user, sponsor) => self.register(user, sponsor),
            Step::Retopup(user) => {
                let retopup = self.plan.sections.retopup.as_ref().expect("the section was checked");
                level_income::pay(retopup, self.people, self.books, user);
                self.people.note_retopup(user);
            }
            Step::Place(user, at) => self.till().place(user, at),
            Step::Grant(user, amount) => {
                self.books.tell(move |trace| {
                    trace.topic(Topic::Grant { user });
                    trace.rule(Rule::Grant);
                    trace.step(Sum::given("what the operators brought", amount));
                });
                self.books.reward(own(RewardKind::Grant, user, UserId::COMPANY, amount));
            }
            Step::WindUp => self.state.pool.wind_up(self.books),
            Step::Purchase(user, amount) => self.purchase(event.id, event.at, user, amount),
            Step::Refund(no) => self.refund(no),
            Step::Stake(user, amount) => {
                self.books.stake(amount);
                self.state.staking.open(event.id, event.at, user, amount);
            }
            Step::Unstake(no) => self.state.staking.close(no, self.books),
            Step::Status(user, active) => self.people.set_inactive(user, !active),
            Step::Order(user, list) => self.order(event.id, user, list),
            Step::CompleteOrder(no) => {
                let orders = self.plan.sections.orders.as_ref().expect("the section was checked");
                self.state.orders.complete(orders, self.people, self.books, no);
            }
            Step::RefundOrder(no) => self.state.orders.refund(self.books, no),
            Step::Tick => {}
        }
    }

    fn register(&mut self, user: UserId, sponsor: UserId) {
        let referral = self.people.register(user, sponsor);
        if self.plan.sections.registration.is_some() {
            self.till().enter(&Newcomer { user, sponsor, referral });
        }
    }

    fn till(&mut self) -> Till<'_> {
        let (plan, pool) = (self.plan, &mut self.state.pool);
        let pool_plan = plan.pool().expect("only a plan with a pool seats anybody");
        Till { plan, pool_plan, people: self.people, pool, books: self.books }
    }

    fn order(&mut self, event: EventId, user: UserId, list: Amount) {
        let priced = self.state.orders.price(self.plan.sections.tiers.as_ref(), user, list);
        // The customer pays the net amount: what the tier takes off never came in.
        self.books.take_back(priced.discount);
        self.state.orders.open(event, priced, self.books);
    }

    fn purchase(&mut self, event: EventId, at: i64, user: UserId, amount: Amount) {
        let first = self.state.activity.is_first(user);
        let no = self.state.purchases.next_no();
        let purchase = Purchase::new(event, at, user, amount, first);
        if let Some(activity) = &self.plan.sections.activity {
            let keep = activity.seconds() + self.waiting_seconds();
            self.state.activity.note(self.people, no, &purchase, keep);
        }
        self.state.purchases.add(purchase);
        self.books.hold(amount);
        match &self.plan.sections.vesting {
            Some(vesting) => {
                let until = at + vesting.seconds();
                self.books.tell(move |trace| trace.topic(Topic::Waits { purchase: event, until }));
            }
            None => {
                let (no, purchase) = self.state.purchases.vest();
                self.settle(no, &purchase);
            }
        }
    }

    fn refund(&mut self, no: PurchaseNo) {
        let purchase = self.state.purchases.refund(no);
        self.state.activity.forget(self.people, no, &purchase);
        self.books.tell(move |trace| trace.topic(Topic::Returned { purchase: purchase.event }));
        self.books.release(purchase.amount);
        self.books.give_back(purchase.amount);
    }

    fn vest(&mut self) {
        let (no, purchase) = self.state.purchases.vest();
        self.books.note(Record::Vested { purchase: purchase.event });
        self.settle(no, &purchase);
    }

    /// Pays what is paid on a purchase that cannot be refunded: shares of it first, then ranks.
    fn settle(&mut self, no: PurchaseNo, purchase: &Purchase) {
        let sections = &self.plan.sections;
        let base = Base { at: purchase.at, buyer: purchase.user, amount: purchase.amount };
        let (bought, vested) = (*purchase, sections.vesting.is_some());
        self.books.tell(move |trace| trace.topic(bought.topic(vested)));
        self.books.release(base.amount);
        let mut parts = [Amount::ZERO; 2];
        if let (Some(unilevel), Some(activity)) = (&sections.unilevel, &sections.activity) {
            let days = i64::from(activity.days());
            self.books.tell(|trace| trace.rule(unilevel.rule(days)));
            let signs = &self.state.activity;
            let seen = |user| signs.as_of(user, no, purchase.at, activity.seconds());
            let upline = self.people.upline(base.buyer);
            parts[0] = unilevel::pay(unilevel, &base, upline, seen, self.books);
        }
        if let Some(plan) = &sections.referral {
            let levels = plan.shares.len() as u32;
            self.books.tell(move |trace| trace.rule(Rule::Referral { levels }));
            parts[1] = referral::pay(plan, &base, self.people, self.books);
        }
        let (whole, rest) = (base.amount, parts.into_iter().fold(base.amount, minus));
        self.books.tell(move |trace| {
            trace.rule(Rule::Retained);
            let parts = parts.into_iter().filter(|part| part.is_positive()).collect();
            trace.step(Sum::less("what nobody took of the purchase", whole, parts, rest));
        });
        self.books.reward(own(RewardKind::Retained, UserId::COMPANY, base.buyer, rest));
        if sections.infinity.is_some() {
            self.state.infinity.note(Month::of(purchase.at), base.buyer, base.amount);
        }
        if let Some(ranks) = &sections.ranks {
            self.state.ranks.count(ranks, self.people, self.books, base.buyer, base.amount);
        }
    }

    fn share_out_month(&mut self) {
        let sections = &self.plan.sections;
        let (Some(infinity), Some(ranks), Some(activity)) =
            (&sections.infinity, &sections.ranks, &sections.activity)
        else {
            unreachable!("a plan with infinity has ranks and activity, and only it notes months");
        };
        let State { infinity: months, ranks: standings, activity: signs, .. } = &mut *self.state;
        let end = months.oldest().expect("a month is due").end();
        let by_rank: Vec<Bps> = ranks.ranks.iter().map(|rank| infinity.share(&rank.name)).collect();
        let share_of = |user, books: &mut Books| {
            let rank = standings.rank(user);
            let share = by_rank[usize::from(rank.0)];
            let seen = (share > Bps::ZERO).then(|| signs.at_end(user, end, activity.seconds()));
            books.tell(move |trace| trace.facts.push(Fact::Claim { user, rank, share, seen }));
            if seen.is_some_and(|seen| seen.is_active) { share } else { Bps::ZERO }
        };
        let days = i64::from(activity.days());
        for reward in months.share_out(infinity, self.people, self.books, days, share_of) {
            self.books.reward(reward);
        }
    }
}

/// The whole payment to one.
pub(crate) fn own(kind: RewardKind, to: UserId, source: UserId, amount: Amount) -> Reward {
    let state = RewardState::Payable;
    Reward { kind, to, amount, source, state, detail: Detail::None, fund: Fund::Payment }
}
