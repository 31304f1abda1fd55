//! The machine: one event after the other, each either refused without a trace or turned into records.
//!
//! [`Machine::apply`] first checks an event against plan and state without changing anything, and then performs it;
//! performing cannot fail. [`Machine::apply_lenient`] is what production does with refusals: payments go back.

use banyan_types::Amount;

use crate::books::Books;
use crate::components::level_income;
use crate::components::pool::Pool;
use crate::components::tickets::{Newcomer, Till};
use crate::participants::Participants;
use crate::record::{Fund, Record, Reward, RewardKind, RewardState, SeatRef};
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
    pool: Pool,
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
        let pool = Pool::new(plan.pool());
        Machine {
            plan,
            now: i64::MIN,
            wound_up: false,
            people: Participants::new(),
            pool,
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
        match self.return_payment(event.at, payer, amount) {
            Ok(records) => Outcome::Returned { reason, records },
            Err(_) => Outcome::Skipped(reason),
        }
    }

    /// Takes a payment in and gives it straight back to `payer` as `REFUSED`: for payments that are refused before
    /// they become an event, such as a directive that cannot be read (payer: the company).
    ///
    /// # Errors
    /// Time going back, or a sum of all payments beyond the range of amounts; then nothing has changed.
    pub fn return_payment(&mut self, at: i64, payer: UserId, amount: Amount) -> Result<&[Record], Refusal> {
        self.check_time(at)?;
        if amount < Amount::ZERO {
            return Err(Refusal::NoAmount { came: amount });
        }
        self.books.has_room(amount)?;
        self.books.begin(amount);
        self.now = at;
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
        let seated = self.pool.has_seats();
        self.plan.may_become(&plan, seated)?;
        if !seated {
            self.pool = Pool::new(plan.pool());
        }
        self.plan = plan;
        Ok(())
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
        self.pool.next_seat(&self.plan, level).map(Quote::from)
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
        if let Some((_, amount)) = event.body.payment() {
            if !amount.is_positive() {
                return Err(Refusal::NoAmount { came: amount });
            }
            self.books.has_room(amount)?;
        }
        match event.body {
            EventBody::Registered { user, sponsor, amount } => self.check_registration(user, sponsor, amount),
            EventBody::Retopup { user, amount } => {
                self.check_participant(user)?;
                check_amount(self.plan.retopup_amount(), amount)?;
                Ok(Step::Retopup(user))
            }
            EventBody::Place { user, level, tree, index, amount } => {
                self.check_participant(user)?;
                let at = self.pool.check_place(self.plan.pool(), level, tree, index)?;
                let ticket = self.plan.ticket(at.level).expect("the level was checked");
                check_amount(ticket.price, amount)?;
                Ok(Step::Place(user, at))
            }
            EventBody::Grant { user, amount } => {
                self.check_participant(user)?;
                Ok(Step::Grant(user, amount))
            }
            EventBody::WindUp => Ok(Step::WindUp),
            EventBody::Tick => Ok(Step::Tick),
        }
    }

    fn check_registration(
        &self,
        user: UserId,
        sponsor: UserId,
        amount: Option<Amount>,
    ) -> Result<Step, Refusal> {
        if user == UserId::COMPANY {
            return Err(Refusal::CompanyAsUser);
        }
        if self.people.is_registered(user) {
            return Err(Refusal::AlreadyRegistered);
        }
        if sponsor == user {
            return Err(Refusal::OwnSponsor);
        }
        if sponsor != UserId::COMPANY && !self.people.is_registered(sponsor) {
            return Err(Refusal::UnknownSponsor);
        }
        let expected = self.plan.entry();
        check_amount(expected, amount.ok_or(Refusal::MissingAmount { expected })?)?;
        Ok(Step::Register(user, sponsor))
    }

    fn check_participant(&self, user: UserId) -> Result<(), Refusal> {
        if user == UserId::COMPANY {
            return Err(Refusal::CompanyAsUser);
        }
        if self.people.is_registered(user) { Ok(()) } else { Err(Refusal::UnknownUser) }
    }

    /// Lets a checked event happen, as one movement of the books.
    fn carry_out(&mut self, event: &Event, step: Step) -> &[Record] {
        let amount = event.body.payment().map_or(Amount::ZERO, |(_, amount)| amount);
        self.books.begin(amount);
        self.now = event.at;
        self.perform(step);
        self.books.end();
        self.books.records()
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::Register(user, sponsor) => {
                let referral = self.people.register(user, sponsor);
                self.till().enter(&Newcomer { user, sponsor, referral });
            }
            Step::Retopup(user) => {
                level_income::pay(&self.plan, &self.people, &mut self.books, user);
                self.people.note_retopup(user);
            }
            Step::Place(user, at) => self.till().place(user, at),
            Step::Grant(user, amount) => {
                self.books.reward(own(RewardKind::Grant, user, UserId::COMPANY, amount));
            }
            Step::WindUp => {
                self.pool.wind_up(&mut self.books);
                self.wound_up = true;
            }
            Step::Tick => {}
        }
    }

    fn till(&mut self) -> Till<'_> {
        Till { plan: &self.plan, people: &self.people, pool: &mut self.pool, books: &mut self.books }
    }
}

/// An event that was found to be in order.
enum Step {
    Register(UserId, UserId),
    Retopup(UserId),
    Place(UserId, SeatRef),
    Grant(UserId, Amount),
    WindUp,
    Tick,
}

fn check_amount(expected: Amount, came: Amount) -> Result<(), Refusal> {
    if came == expected { Ok(()) } else { Err(Refusal::WrongAmount { expected, came }) }
}

/// The whole payment to one.
fn own(kind: RewardKind, to: UserId, source: UserId, amount: Amount) -> Reward {
    let state = RewardState::Payable;
    Reward { kind, to, amount, source, state, level: None, depth: None, seat: None, fund: Fund::Payment }
}
