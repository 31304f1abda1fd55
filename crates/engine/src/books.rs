//! Who has how much, and the records of the event at hand.
//!
//! Every credit goes through [`Books::reward`] or [`Books::settle_reserve`], which write the record and move the
//! balances together, so records and balances cannot disagree. All that can ever be owed is bounded by what came in
//! and what was promised on top of it ([`Books::has_room`]), and that bound is checked to stay below 10^38 before an
//! event is applied: the sums here cannot overflow.

pub(crate) mod saved;

use banyan_types::Amount;

use crate::explain::trace::{Fact, Trace};
use crate::record::{Fund, Record, Reserve, Reward, RewardState};
use crate::{Refusal, UserId};

/// What a participant has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    /// All that ever became payable: the entitlement.
    pub payable: Amount,
    /// What lies in the reserves of the participant's seats.
    pub reserved: Amount,
}

/// Where all the money is: `money_in − money_out = payable + reserved + pending + staked + company`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conservation {
    /// All that ever came in.
    pub money_in: Amount,
    /// All that was given back: refunded purchases and orders.
    pub money_out: Amount,
    /// Payable to participants.
    pub payable: Amount,
    /// In reserves.
    pub reserved: Amount,
    /// Purchases that have not vested yet, and orders that are open.
    pub pending: Amount,
    /// In staked positions.
    pub staked: Amount,
    /// The company's; below 0 if it was charged for more than it has.
    pub company: Amount,
}

impl Conservation {
    /// Whether every unit that came in is on exactly one side.
    pub fn holds(&self) -> bool {
        let held = Amount::sum([self.payable, self.reserved, self.pending, self.staked, self.company]);
        held.is_some() && held == self.money_in.checked_sub(self.money_out)
    }
}

/// Balances of all, indexed by id, and the current event's records in a buffer that is used again and again.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    /// What became payable to each: apart from the reserves, since a payment reaches accounts all over memory, and
    /// nearly always this half of them.
    payable: Vec<Amount>,
    /// What lies in each one's reserves; as long as `payable`.
    reserved: Vec<Amount>,
    totals: Conservation,
    /// Bound of all rewards that no payment funds.
    promised: Amount,
    records: Vec<Record>,
    /// What the paying code tells, while somebody listens.
    trace: Option<Box<Trace>>,
}

impl Books {
    pub(crate) fn new() -> Books {
        Books {
            payable: vec![Amount::ZERO],
            reserved: vec![Amount::ZERO],
            totals: Conservation::default(),
            promised: Amount::ZERO,
            records: Vec::new(),
            trace: None,
        }
    }

    pub(crate) fn balances(&self, user: UserId) -> Balances {
        let reserved = self.reserved.get(user.index()).copied().unwrap_or_default();
        Balances { payable: self.payable(user), reserved }
    }

    /// What became payable to somebody.
    pub(crate) fn payable(&self, user: UserId) -> Amount {
        self.payable.get(user.index()).copied().unwrap_or_default()
    }

    /// The running totals.
    pub(crate) fn totals(&self) -> Conservation {
        self.totals
    }

    /// The totals, with what participants and company have added up anew from every account.
    pub(crate) fn recount(&self) -> Conservation {
        let zero = Amount::ZERO;
        let mut sum = self.totals;
        sum.company = self.payable[0];
        sum.payable = self.payable[1..].iter().copied().fold(zero, plus);
        sum.reserved = self.reserved.iter().copied().fold(zero, plus);
        sum
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Whether `amount` may still come in, and `promise` be promised beyond what it pays for: then no sum, whatever
    /// happens later, leaves the range of amounts.
    pub(crate) fn has_room(&self, amount: Amount, promise: Amount) -> Result<(), Refusal> {
        let money = self.totals.money_in.checked_add(amount);
        let promised = self.promised.checked_add(promise);
        let all = money.zip(promised).and_then(|(money, promised)| money.checked_add(promised));
        all.map(|_| ()).ok_or(Refusal::Overflow)
    }

    /// Starts the records of an event.
    pub(crate) fn begin(&mut self) {
        self.records.clear();
    }

    /// Takes in the event's money, and notes what was promised beyond it.
    pub(crate) fn take_in(&mut self, amount: Amount, promise: Amount) {
        self.totals.money_in = plus(self.totals.money_in, amount);
        self.promised = plus(self.promised, promise);
    }

    /// Ends an event: nothing may be left over.
    pub(crate) fn end(&self) {
        assert!(self.totals.holds(), "an event must distribute exactly what it brought: {:?}", self.totals);
    }

    #[inline]
    pub(crate) fn note(&mut self, record: Record) {
        // With room made first, the record is built where it stays: otherwise 7 % of all time went into its move.
        self.records.reserve(1);
        self.records.push(record);
    }

    /// Lets the paying code tell from now on, until [`Books::hear`].
    pub(crate) fn listen(&mut self) {
        self.trace = Some(Box::default());
    }

    /// What was told since [`Books::listen`]; nobody listens any more.
    pub(crate) fn hear(&mut self) -> Trace {
        self.trace.take().map_or_else(Trace::default, |trace| *trace)
    }

    /// What was told so far.
    pub(crate) fn told(&self) -> Trace {
        self.trace.as_deref().cloned().unwrap_or_default()
    }

    /// Lets the paying code tell what it looks at. Without a listener this is one branch, and `say` is not evaluated;
    /// callers move copies into it, so that nothing of theirs is kept in memory for its sake.
    #[inline]
    pub(crate) fn tell(&mut self, say: impl FnOnce(&mut Trace)) {
        if let Some(trace) = &mut self.trace {
            tell_listener(trace, say);
        }
    }

    /// Credits a reward; one of nothing leaves no record.
    pub(crate) fn reward(&mut self, reward: Reward) {
        self.tell(move |trace| trace.facts.push(Fact::Paid(reward)));
        if reward.amount.is_zero() {
            return;
        }
        match reward.fund {
            Fund::Payment | Fund::Reserve(_) => {}
            Fund::Company => self.charge_company(reward.amount),
            Fund::Stake => self.totals.staked = minus(self.totals.staked, reward.amount),
        }
        match (reward.state, reward.to) {
            (RewardState::Reserved, _) => {
                self.open(reward.to);
                let account = &mut self.reserved[reward.to.index()];
                *account = plus(*account, reward.amount);
                self.totals.reserved = plus(self.totals.reserved, reward.amount);
            }
            (RewardState::Payable, to) => self.make_payable(to, reward.amount),
        }
        self.note(Record::Reward(reward));
    }

    /// Takes a reserve apart: `spent` returns to the event's money, `released` becomes payable.
    pub(crate) fn settle_reserve(&mut self, reserve: Reserve) {
        self.tell(move |trace| trace.facts.push(Fact::Settled(reserve)));
        let whole = plus(reserve.spent, reserve.released);
        let account = &mut self.reserved[reserve.user.index()];
        *account = minus(*account, whole);
        self.totals.reserved = minus(self.totals.reserved, whole);
        self.make_payable(reserve.user, reserve.released);
        self.note(Record::Reserve(reserve));
    }

    /// Keeps the event's money until it is known what becomes of it.
    pub(crate) fn hold(&mut self, amount: Amount) {
        self.totals.pending = plus(self.totals.pending, amount);
    }

    /// Takes money that was held as the event's own.
    pub(crate) fn release(&mut self, amount: Amount) {
        self.totals.pending = minus(self.totals.pending, amount);
    }

    /// Puts the event's money into a position.
    pub(crate) fn stake(&mut self, amount: Amount) {
        self.totals.staked = plus(self.totals.staked, amount);
    }

    /// Gives the event's money back to whoever paid it.
    pub(crate) fn give_back(&mut self, amount: Amount) {
        self.totals.money_out = plus(self.totals.money_out, amount);
    }

    /// Corrects what came in: a discount was never paid.
    pub(crate) fn take_back(&mut self, discount: Amount) {
        self.totals.money_in = minus(self.totals.money_in, discount);
    }

    /// Leaves the event's money to the company, as its revenue and no reward.
    pub(crate) fn earn(&mut self, amount: Amount) {
        self.make_payable(UserId::COMPANY, amount);
    }

    fn charge_company(&mut self, amount: Amount) {
        self.payable[0] = minus(self.payable[0], amount);
        self.totals.company = minus(self.totals.company, amount);
    }

    fn make_payable(&mut self, to: UserId, amount: Amount) {
        self.open(to);
        let account = &mut self.payable[to.index()];
        *account = plus(*account, amount);
        let side = if to == UserId::COMPANY { &mut self.totals.company } else { &mut self.totals.payable };
        *side = plus(*side, amount);
    }

    /// Makes sure that somebody has accounts.
    fn open(&mut self, user: UserId) {
        if self.payable.len() <= user.index() {
            self.payable.resize(user.index() + 1, Amount::ZERO);
            self.reserved.resize(user.index() + 1, Amount::ZERO);
        }
    }
}

impl PartialEq for Books {
    /// Whether both hold the same money; the record buffer and a listener are no state.
    fn eq(&self, other: &Books) -> bool {
        self.totals == other.totals
            && self.promised == other.promised
            && self.payable == other.payable
            && self.reserved == other.reserved
    }
}

/// Kept apart, so that code which nobody listens to stays small.
#[cold]
#[inline(never)]
fn tell_listener(trace: &mut Trace, say: impl FnOnce(&mut Trace)) {
    say(trace);
}

pub(crate) fn plus(a: Amount, b: Amount) -> Amount {
    a.checked_add(b).expect("every sum is bounded by the money that came in and what was promised beyond it")
}

pub(crate) fn minus(a: Amount, b: Amount) -> Amount {
    a.checked_sub(b).expect("no difference is beyond what came in and was promised")
}
