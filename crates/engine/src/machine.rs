//! The machine: one event after the other, each either refused without a trace or turned into records.
//!
//! [`Machine::apply`] first checks an event against plan and state without changing anything, and then performs it;
//! performing cannot fail. [`Machine::apply_lenient`] is what production does with refusals: payments go back.

mod foresee;
mod saved;

use banyan_types::Amount;

use crate::books::Books;
use crate::components::State;
use crate::components::flow::{self, Flow, Step, own};
use crate::components::pool::Pool;
use crate::explain::Told;
use crate::explain::arithmetic::Step as Sum;
use crate::explain::trace::{Ground, Rule, Topic};
use crate::participants::Participants;
use crate::record::{Record, RewardKind};
use crate::{AdoptError, Balances, Conservation, Event, EventBody, Plan, Quote, Refusal, UserId};

/// A programme under way: the plan in force and all that has happened.
///
/// Two machines are equal if they are in the same state, whatever records they wrote last.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    plan: Plan,
    /// Time of the last event.
    now: i64,
    wound_up: bool,
    people: Participants,
    state: State,
    books: Books,
}

/// What became of an event in production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// The plan took it.
    Applied(&'a [Record]),
    /// The plan refused a payment, which went back to its payer: raise an alarm.
    Returned {
        /// Why.
        reason: Refusal,
        /// The one `REFUSED` reward.
        records: &'a [Record],
    },
    /// Refused without a payment to return: raise an alarm. Nothing has changed.
    Skipped(Refusal),
}

impl Machine {
    /// A programme before its first event.
    pub fn new(plan: Plan) -> Machine {
        let state = State::new(&plan);
        Machine {
            plan,
            now: i64::MIN,
            wound_up: false,
            people: Participants::new(),
            state,
            books: Books::new(),
        }
    }

    /// Applies an event. The records are valid until the next call.
    ///
    /// # Errors
    /// What the plan refuses; then nothing has changed.
    pub fn apply(&mut self, event: &Event) -> Result<&[Record], Refusal> {
        let step = self.check(event)?;
        Ok(self.carry_out(event, step))
    }

    /// Applies an event as production does: a payment that the plan refuses goes back to its payer.
    pub fn apply_lenient(&mut self, event: &Event) -> Outcome<'_> {
        match self.check(event) {
            Ok(step) => Outcome::Applied(self.carry_out(event, step)),
            Err(reason) => self.turn_back(event, reason),
        }
    }

    fn turn_back(&mut self, event: &Event, reason: Refusal) -> Outcome<'_> {
        let Some((payer, amount)) = event.body.payment() else { return Outcome::Skipped(reason) };
        match self.give_back(event.at, payer, amount, Some(reason)) {
            Ok(records) => Outcome::Returned { reason, records },
            Err(_) => Outcome::Skipped(reason),
        }
    }

    /// Takes a payment in and gives it straight back to `payer` as `REFUSED`: for payments that are refused before
    /// they become an event, such as a directive that cannot be read (payer: the company). What the calendar brings until
    /// then comes first.
    ///
    /// # Errors
    /// Time going back, or a sum of all payments beyond the range of amounts; then nothing has changed.
    pub fn return_payment(&mut self, at: i64, payer: UserId, amount: Amount) -> Result<&[Record], Refusal> {
        self.give_back(at, payer, amount, None)
    }

    fn give_back(
        &mut self,
        at: i64,
        payer: UserId,
        amount: Amount,
        reason: Option<Refusal>,
    ) -> Result<&[Record], Refusal> {
        self.check_time(at)?;
        if amount < Amount::ZERO {
            return Err(Refusal::NoAmount { came: amount });
        }
        self.books.has_room(amount, Amount::ZERO)?;
        self.begin(at);
        self.books.take_in(amount, Amount::ZERO);
        self.books.tell(move |trace| {
            trace.topic(Topic::Refused { payer, amount });
            trace.rule(Rule::Refusal);
            if let Some(reason) = reason {
                trace.ground(Ground::Refused(reason));
            }
            trace.step(Sum::given("the payment that was refused", amount));
        });
        self.books.reward(own(RewardKind::Refused, payer, payer, amount));
        self.books.end();
        Ok(self.books.records())
    }

    /// Lets a new plan judge what comes from now on.
    ///
    /// # Errors
    /// Another currency, another shape of the trees under seated participants, or a programme that was wound up;
    /// then nothing has changed.
    pub fn adopt(&mut self, plan: Plan) -> Result<(), AdoptError> {
        if self.wound_up {
            return Err(AdoptError::WoundUp);
        }
        let seated = self.state.pool.has_seats();
        self.plan.may_become(&plan, self.people.has_begun(), seated)?;
        if !seated {
            self.state.pool = Pool::new(plan.pool());
        }
        self.plan = plan;
        Ok(())
    }

    /// Lets the paying code tell what it looks at from now on, for an explanation. It changes no decision and no state.
    pub fn listen(&mut self) {
        self.books.listen();
    }

    /// What was told since [`Machine::listen`]; nobody listens any more.
    pub fn hear(&mut self) -> Told {
        Told(self.books.hear())
    }

    /// What was told since [`Machine::listen`]; nothing without a listener.
    pub fn told(&self) -> Told {
        Told(self.books.told())
    }

    /// Who takes part, for explanations.
    pub(crate) fn people(&self) -> &Participants {
        &self.people
    }

    /// What the components remember, for explanations.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The records of the event that was last applied or returned.
    pub fn records(&self) -> &[Record] {
        self.books.records()
    }

    /// The plan in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether the user has registered; the company has not.
    pub fn is_participant(&self, user: UserId) -> bool {
        self.people.is_registered(user)
    }

    /// Who referred a participant; `None` for strangers and the company.
    pub fn sponsor(&self, user: UserId) -> Option<UserId> {
        self.people.sponsor(user)
    }

    /// How many a participant or the company has referred.
    pub fn referrals(&self, user: UserId) -> u32 {
        self.people.referrals(user)
    }

    /// Whether the user takes part in level income.
    pub fn has_retopup(&self, user: UserId) -> bool {
        self.people.has_retopup(user)
    }

    /// Whether the programme was wound up.
    pub fn is_wound_up(&self) -> bool {
        self.wound_up
    }

    /// The seat that a ticket of this level would take now; `None` when all trees are full, or without such a level.
    pub fn next_seat(&self, level: u32) -> Option<Quote> {
        self.plan.ticket(level)?;
        self.state.pool.next_seat(self.plan.pool()?, level).map(Quote::from)
    }

    /// What somebody has earned: the company's is all payable.
    pub fn balances(&self, user: UserId) -> Balances {
        self.books.balances(user)
    }

    /// Where all the money is, as running totals.
    pub fn conservation(&self) -> Conservation {
        self.books.totals()
    }

    /// Where all the money is, added up anew from every account.
    pub fn recount(&self) -> Conservation {
        self.books.recount()
    }

    fn check_time(&self, at: i64) -> Result<(), Refusal> {
        if at < self.now { Err(Refusal::TimeWentBack { last: self.now, came: at }) } else { Ok(()) }
    }

    /// Decides about an event, without changing anything.
    fn check(&self, event: &Event) -> Result<Step, Refusal> {
        self.check_time(event.at)?;
        if self.wound_up && event.body != EventBody::Tick {
            return Err(Refusal::WoundUp);
        }
        let amount = event.body.payment().map(|(_, amount)| amount);
        if let Some(came) = amount.filter(|amount| !amount.is_positive()) {
            return Err(Refusal::NoAmount { came });
        }
        let step = flow::check(&self.plan, &self.people, &self.state, event)?;
        let promise = flow::promise(&self.plan, &event.body).ok_or(Refusal::Overflow)?;
        self.books.has_room(amount.unwrap_or(Amount::ZERO), promise)?;
        Ok(step)
    }

    /// Lets a checked event happen, after what the calendar brings.
    fn carry_out(&mut self, event: &Event, step: Step) -> &[Record] {
        let amount = event.body.payment().map_or(Amount::ZERO, |(_, amount)| amount);
        let promise = flow::promise(&self.plan, &event.body).expect("the promise was checked");
        self.begin(event.at);
        self.books.take_in(amount, promise);
        self.flow().perform(event, step);
        self.wound_up |= event.body == EventBody::WindUp;
        self.books.end();
        self.books.records()
    }

    /// Starts an event's records with what the calendar brings until then.
    fn begin(&mut self, at: i64) {
        self.books.begin();
        self.now = at;
        self.flow().pass_time(at);
    }

    fn flow(&mut self) -> Flow<'_> {
        Flow { plan: &self.plan, people: &mut self.people, state: &mut self.state, books: &mut self.books }
    }
}
