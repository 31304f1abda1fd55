//! A history that has begun: each entry becomes an event of the engine, or goes round it to the company.

use banyan_engine::{Event, EventBody, EventId, Machine, Plan, Record, UserId};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};

use crate::accounts::Accounts;
use crate::as_of::{AsOf, Mark};
use crate::entitlements::unknown_plan;
use crate::judgement::{Cause, Effect, Judgement, Outcome, RecordedReason, RefusedReason};
use crate::kept_tree::KeptTree;
use crate::{Directive, EntitlementError, Plans};

/// Everything known after the genesis.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    machine: Machine,
    /// Hash of the machine's plan.
    judging: PlanHash,
    /// The plan that the contract holds in force.
    in_force: PlanHash,
    accounts: Accounts,
    tree: KeptTree,
    /// Block time of the last entry.
    time: u64,
    /// Sum of all amounts that came in.
    total_in: Amount,
    /// One mark an entry.
    marks: Vec<Mark>,
}

impl Running {
    /// The history after its genesis.
    pub(crate) fn new(genesis: &Entry, hash: PlanHash, plan: Plan) -> Running {
        let accounts = Accounts::new();
        let mark = Mark { head: genesis.head_after(B256::ZERO), accounts: accounts.len(), credits: 0 };
        Running {
            machine: Machine::new(plan),
            judging: hash,
            in_force: hash,
            accounts,
            tree: KeptTree::default(),
            time: genesis.time,
            total_in: Amount::ZERO,
            marks: vec![mark],
        }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.marks.len() as u64 - 1
    }

    pub(crate) fn head(&self) -> B256 {
        self.marks.last().expect("the genesis left a mark").head
    }

    pub(crate) fn time(&self) -> u64 {
        self.time
    }

    pub(crate) fn in_force(&self) -> PlanHash {
        self.in_force
    }

    pub(crate) fn judging(&self) -> PlanHash {
        self.judging
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    pub(crate) fn mark(&self, seq: u64) -> Option<&Mark> {
        self.marks.get(usize::try_from(seq).ok()?)
    }

    pub(crate) fn as_of(&self, seq: u64) -> Option<AsOf<'_>> {
        let mark = *self.mark(seq)?;
        Some(AsOf::new(seq, mark, &self.accounts, &self.tree))
    }

    /// Reads the next entry, whose `seq` has been checked.
    pub(crate) fn apply(&mut self, plans: &Plans, entry: &Entry) -> Result<Judgement, EntitlementError> {
        let (at, total_in) = self.check(entry)?;
        let (user, step) = self.plan_step(plans, entry)?;
        let judged = self.perform(entry, at, user, step);
        self.time = entry.time;
        self.total_in = total_in;
        let head = entry.head_after(self.head());
        self.marks.push(Mark { head, accounts: self.accounts.len(), credits: self.accounts.log().len() });
        Ok(judged)
    }

    /// The entry's time for the engine, and the sum of all that came in with it.
    fn check(&self, entry: &Entry) -> Result<(i64, Amount), EntitlementError> {
        let seq = entry.seq;
        if entry.time < self.time {
            return Err(EntitlementError::TimeWentBack { seq, last: self.time, came: entry.time });
        }
        let overflow = |what| EntitlementError::Overflow { seq, what };
        u32::try_from(seq)
            .ok()
            .filter(|seq| EventId(*seq) != EventId::NONE)
            .ok_or_else(|| overflow("entries"))?;
        let at = i64::try_from(entry.time).map_err(|_| overflow("times"))?;
        let amount = match entry.body {
            EntryBody::Genesis { .. } => return Err(EntitlementError::SecondGenesis { seq }),
            EntryBody::Registration { amount, .. }
            | EntryBody::Retopup { amount, .. }
            | EntryBody::Directive { amount, .. } => amount,
        };
        let total = self.total_in.checked_add(amount).filter(|_| amount >= Amount::ZERO);
        Ok((at, total.ok_or_else(|| overflow("amounts"))?))
    }

    /// Decides what to do about an entry, without changing anything.
    fn plan_step(&self, plans: &Plans, entry: &Entry) -> Result<(Option<UserId>, Step), EntitlementError> {
        match &entry.body {
            EntryBody::Genesis { .. } => Err(EntitlementError::SecondGenesis { seq: entry.seq }),
            EntryBody::Registration { user, sponsor, plan, amount } => {
                let id = self.newcomer(entry.seq, *user)?;
                let sponsor = self.registered(entry.seq, *sponsor)?;
                let event = EventBody::Registered { user: id, sponsor, amount: Some(*amount) };
                Ok((Some(id), Step::Register(*user, id, self.payment(*plan, id, *amount, event))))
            }
            EntryBody::Retopup { user, plan, amount } => {
                let id = self.registered(entry.seq, *user)?;
                let event = EventBody::Retopup { user: id, amount: *amount };
                Ok((Some(id), Step::Pay(self.payment(*plan, id, *amount, event))))
            }
            EntryBody::Directive { kind, amount, data } => match Directive::decode(*kind, data) {
                Ok(directive) => self.decision(plans, entry.seq, directive, *amount),
                Err(fault) => Ok((None, Step::Record(RecordedReason::Unreadable(fault), *amount))),
            },
        }
    }

    fn decision(
        &self,
        plans: &Plans,
        seq: u64,
        directive: Directive,
        amount: Amount,
    ) -> Result<(Option<UserId>, Step), EntitlementError> {
        match directive {
            Directive::Plan(_) | Directive::WindUp if !amount.is_zero() => {
                Ok((None, Step::Record(RecordedReason::UnexpectedValue(amount), amount)))
            }
            Directive::Plan(hash) => {
                let plan = plans.get(hash).ok_or_else(|| unknown_plan(plans, seq, hash))?;
                Ok((None, Step::Adopt(hash, Box::new(plan.plan().clone()))))
            }
            Directive::WindUp => Ok((None, Step::WindUp)),
            Directive::Place { user, level, tree, index } => {
                Ok(self.gift(user, amount, |user| EventBody::Place { user, level, tree, index, amount }))
            }
            Directive::Grant { user, reason: _ } => {
                Ok(self.gift(user, amount, |user| EventBody::Grant { user, amount }))
            }
        }
    }

    /// A directive that brings money for somebody; the company paid it.
    fn gift(
        &self,
        user: Address,
        amount: Amount,
        event: impl FnOnce(UserId) -> EventBody,
    ) -> (Option<UserId>, Step) {
        match self.accounts.id(user) {
            Some(id) => (Some(id), Step::Pay(Payment::Event(event(id)))),
            None => {
                let reason = RefusedReason::Stranger(user);
                (None, Step::Pay(Payment::Back { payer: UserId::COMPANY, amount, reason }))
            }
        }
    }

    fn payment(&self, plan: PlanHash, payer: UserId, amount: Amount, event: EventBody) -> Payment {
        if plan == self.judging {
            return Payment::Event(event);
        }
        let reason = RefusedReason::OtherPlan { judging: self.judging, came: plan };
        Payment::Back { payer, amount, reason }
    }

    fn newcomer(&self, seq: u64, user: Address) -> Result<UserId, EntitlementError> {
        if self.accounts.id(user).is_some() {
            return Err(EntitlementError::RegisteredTwice { seq, user });
        }
        self.accounts.next_id().ok_or(EntitlementError::Overflow { seq, what: "accounts" })
    }

    fn registered(&self, seq: u64, account: Address) -> Result<UserId, EntitlementError> {
        self.accounts.id(account).ok_or(EntitlementError::NotRegistered { seq, account })
    }

    /// Lets a step happen; it cannot fail any more.
    fn perform(&mut self, entry: &Entry, at: i64, user: Option<UserId>, step: Step) -> Judgement {
        let mut judged = judgement(entry, user, Outcome::Applied);
        match step {
            Step::Register(address, id, payment) => {
                self.accounts.add(address, id);
                self.pay(&mut judged, at, payment);
            }
            Step::Pay(payment) => self.pay(&mut judged, at, payment),
            Step::Adopt(hash, plan) => self.adopt(&mut judged, at, hash, *plan),
            Step::WindUp => {
                self.in_force = PlanHash::NONE;
                self.event(&mut judged, at, EventBody::WindUp);
            }
            Step::Record(reason, amount) => {
                judged.outcome = Outcome::Recorded(reason);
                self.keep_for_company(&mut judged, at, amount);
            }
        }
        judged
    }

    fn pay(&mut self, judged: &mut Judgement, at: i64, payment: Payment) {
        match payment {
            Payment::Event(event) => self.event(judged, at, event),
            Payment::Back { payer, amount, reason } => {
                judged.outcome = Outcome::Refused(reason);
                let records = self.machine.return_payment(at, payer, amount).expect(CHECKED);
                note(&mut self.accounts, judged, records);
            }
        }
    }

    /// The engine decides.
    fn event(&mut self, judged: &mut Judgement, at: i64, body: EventBody) {
        use banyan_engine::Outcome as Engine;
        let (outcome, records): (_, &[Record]) =
            match self.machine.apply_lenient(&Event { id: event_id(judged.seq), at, body }) {
                Engine::Applied(records) => (Outcome::Applied, records),
                Engine::Returned { reason, records } => {
                    (Outcome::Refused(RefusedReason::Plan(reason)), records)
                }
                Engine::Skipped(reason) => (Outcome::Recorded(RecordedReason::Refused(reason)), &[]),
            };
        judged.outcome = outcome;
        note(&mut self.accounts, judged, records);
    }

    /// The contract has brought `hash` into force; whether it judges is the engine's to say.
    fn adopt(&mut self, judged: &mut Judgement, at: i64, hash: PlanHash, plan: Plan) {
        self.event(judged, at, EventBody::Tick);
        self.in_force = hash;
        match self.machine.adopt(plan) {
            Ok(()) => self.judging = hash,
            Err(reason) => {
                judged.outcome = Outcome::Recorded(RecordedReason::PlanDoesNotFit { hash, reason });
            }
        }
    }

    /// The value of a directive without effect, noted under its own name.
    fn keep_for_company(&mut self, judged: &mut Judgement, at: i64, amount: Amount) {
        self.machine.return_payment(at, UserId::COMPANY, amount).expect(CHECKED);
        if amount.is_positive() {
            let credit = self.accounts.credit(UserId::COMPANY, amount);
            judged.effects.push(Effect { cause: Cause::Directive { amount }, credit: Some(credit) });
        }
    }
}

/// Takes over the engine's records, each with the credit that follows from it.
fn note(accounts: &mut Accounts, judged: &mut Judgement, records: &[Record]) {
    judged.effects.extend(records.iter().map(|record| Effect {
        cause: Cause::Record(*record),
        credit: record.entitlement().map(|(user, amount)| accounts.credit(user, amount)),
    }));
}

/// An entry's number as the engine has it.
pub(crate) fn event_id(seq: u64) -> EventId {
    EventId(u32::try_from(seq).expect("the entry's number was checked"))
}

const CHECKED: &str = "time and amount were checked against the history before";

/// What to do about an entry.
enum Step {
    /// Give the newcomer her number, whatever becomes of the payment.
    Register(Address, UserId, Payment),
    Pay(Payment),
    Adopt(PlanHash, Box<Plan>),
    WindUp,
    /// No effect; the value is the company's.
    Record(RecordedReason, Amount),
}

/// Money that came in.
enum Payment {
    /// The engine decides.
    Event(EventBody),
    /// It goes back without asking the engine.
    Back { payer: UserId, amount: Amount, reason: RefusedReason },
}

/// A judgement without effects so far.
pub(crate) fn judgement(entry: &Entry, user: Option<UserId>, outcome: Outcome) -> Judgement {
    Judgement { seq: entry.seq, time: entry.time, user, outcome, effects: Vec::new() }
}
