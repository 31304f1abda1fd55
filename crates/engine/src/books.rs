//! Who has how much, and the records of the event at hand.
//!
//! Every credit goes through [`Books::reward`] or [`Books::settle_reserve`], which write the record and move the
//! balances together, so records and balances cannot disagree. All money is bounded by what came in, and that is
//! checked to stay below 10^38 before an event is applied: the sums here cannot overflow.

use banyan_types::Amount;

use crate::record::{Record, Reserve, Reward, RewardState};
use crate::{Refusal, UserId};

/// What a participant has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    /// All that ever became payable: the entitlement.
    pub payable: Amount,
    /// What lies in the reserves of the participant's seats.
    pub reserved: Amount,
}

/// Where all the money is: `money_in = payable + reserved + company`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conservation {
    /// All that ever came in.
    pub money_in: Amount,
    /// Payable to participants.
    pub payable: Amount,
    /// In reserves.
    pub reserved: Amount,
    /// The company's.
    pub company: Amount,
}

impl Conservation {
    /// Whether every unit that came in is on exactly one side.
    pub fn holds(&self) -> bool {
        Amount::sum([self.payable, self.reserved, self.company]) == Some(self.money_in)
    }
}

/// Balances of all, indexed by id, and the current event's records in a buffer that is used again and again.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    accounts: Vec<Balances>,
    totals: Conservation,
    records: Vec<Record>,
}

impl Books {
    pub(crate) fn new() -> Books {
        Books { accounts: vec![Balances::default()], totals: Conservation::default(), records: Vec::new() }
    }

    pub(crate) fn balances(&self, user: UserId) -> Balances {
        self.accounts.get(user.index()).copied().unwrap_or_default()
    }

    /// The running totals.
    pub(crate) fn totals(&self) -> Conservation {
        self.totals
    }

    /// The totals, added up anew from every account.
    pub(crate) fn recount(&self) -> Conservation {
        let mut sum = Conservation { money_in: self.totals.money_in, ..Conservation::default() };
        for (id, account) in self.accounts.iter().enumerate() {
            let side = if id == 0 { &mut sum.company } else { &mut sum.payable };
            *side = plus(*side, account.payable);
            sum.reserved = plus(sum.reserved, account.reserved);
        }
        sum
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Whether `amount` may still come in.
    pub(crate) fn has_room(&self, amount: Amount) -> Result<(), Refusal> {
        self.totals.money_in.checked_add(amount).map(|_| ()).ok_or(Refusal::Overflow)
    }

    /// Starts an event that brings `amount`.
    pub(crate) fn begin(&mut self, amount: Amount) {
        self.records.clear();
        self.totals.money_in = plus(self.totals.money_in, amount);
    }

    /// Ends an event: nothing may be left over.
    pub(crate) fn end(&self) {
        assert!(self.totals.holds(), "an event must distribute exactly what it brought: {:?}", self.totals);
    }

    pub(crate) fn note(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Credits a reward; one of nothing leaves no record.
    pub(crate) fn reward(&mut self, reward: Reward) {
        if reward.amount.is_zero() {
            return;
        }
        match (reward.state, reward.to) {
            (RewardState::Reserved, _) => {
                let account = self.account(reward.to);
                account.reserved = plus(account.reserved, reward.amount);
                self.totals.reserved = plus(self.totals.reserved, reward.amount);
            }
            (RewardState::Payable, to) => self.make_payable(to, reward.amount),
        }
        self.records.push(Record::Reward(reward));
    }

    /// Takes a reserve apart: `spent` returns to the event's money, `released` becomes payable.
    pub(crate) fn settle_reserve(&mut self, reserve: Reserve) {
        let whole = plus(reserve.spent, reserve.released);
        let account = self.account(reserve.user);
        account.reserved = minus(account.reserved, whole);
        self.totals.reserved = minus(self.totals.reserved, whole);
        self.make_payable(reserve.user, reserve.released);
        self.records.push(Record::Reserve(reserve));
    }

    fn make_payable(&mut self, to: UserId, amount: Amount) {
        let account = self.account(to);
        account.payable = plus(account.payable, amount);
        let side = if to == UserId::COMPANY { &mut self.totals.company } else { &mut self.totals.payable };
        *side = plus(*side, amount);
    }

    fn account(&mut self, user: UserId) -> &mut Balances {
        if self.accounts.len() <= user.index() {
            self.accounts.resize(user.index() + 1, Balances::default());
        }
        &mut self.accounts[user.index()]
    }
}

impl PartialEq for Books {
    /// Whether both hold the same money; the record buffer is no state.
    fn eq(&self, other: &Books) -> bool {
        self.totals == other.totals && self.accounts == other.accounts
    }
}

pub(crate) fn plus(a: Amount, b: Amount) -> Amount {
    a.checked_add(b).expect("every sum is bounded by the money that came in, which is an amount")
}

pub(crate) fn minus(a: Amount, b: Amount) -> Amount {
    a.checked_sub(b).expect("only what is there is taken away")
}
