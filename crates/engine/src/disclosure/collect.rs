//! Watches a run: who registered, what everybody paid and earned, what the company kept.
//!
//! One's own money that comes back is no income; it lessens what was paid in: a refunded purchase or order, and the
//! price of a seat that could not be had (`SEAT_REFUND` of one's own payment). A refused payment (`REFUSED`) was never
//! paid in, and staked money was only deposited: neither it nor its return (`PRINCIPAL`) counts.

use banyan_types::Amount;

use super::{Disclosure, Kept, Refused};
use crate::books::{minus, plus};
use crate::{Event, EventBody, EventId, Fund, Machine, Record, Reward, RewardKind, UserId};

/// What a run comes to, as far as it has gone.
#[derive(Clone, Debug)]
pub struct Collector {
    /// By id; the company's entry stays empty.
    people: Vec<Person>,
    /// By `kind as usize`: what went to the company.
    kept: [Tally; RewardKind::ALL.len()],
    refused: Tally,
    /// What may still be refunded, in order of events.
    purchases: Vec<Purchase>,
}

/// A purchase or an order.
#[derive(Clone, Copy, Debug)]
struct Purchase {
    event: EventId,
    user: UserId,
    amount: Amount,
}

#[derive(Clone, Copy, Debug, Default)]
struct Person {
    registered: bool,
    paid: Amount,
    income: Amount,
}

#[derive(Clone, Copy, Debug)]
struct Tally {
    number: u64,
    /// `None` beyond the range.
    amount: Option<Amount>,
}

impl Tally {
    const EMPTY: Tally = Tally { number: 0, amount: Some(Amount::ZERO) };

    fn add(&mut self, amount: Amount) {
        self.number += 1;
        self.amount = self.amount.and_then(|sum| sum.checked_add(amount));
    }
}

impl Collector {
    /// Before the first event.
    pub fn new() -> Collector {
        let kept = [Tally::EMPTY; RewardKind::ALL.len()];
        Collector { people: Vec::new(), kept, refused: Tally::EMPTY, purchases: Vec::new() }
    }

    /// Notes an event that the plan took, and what it did.
    pub fn applied(&mut self, event: &Event, records: &[Record]) {
        match event.body {
            EventBody::Registered { user, amount, .. } => {
                self.person(user).registered = true;
                self.pay(user, amount.unwrap_or_default());
            }
            EventBody::Retopup { user, amount } => self.pay(user, amount),
            EventBody::Purchase { user, amount } => self.buy(Purchase { event: event.id, user, amount }),
            EventBody::Refund { purchase: bought } | EventBody::OrderRefunded { order: bought } => {
                self.refund(bought);
            }
            EventBody::Place { .. }
            | EventBody::Grant { .. }
            | EventBody::Stake { .. }
            | EventBody::Unstake { .. }
            | EventBody::Status { .. }
            | EventBody::Order { .. }
            | EventBody::OrderCompleted { .. }
            | EventBody::WindUp
            | EventBody::Tick => {}
        }
        records.iter().for_each(|record| self.record(event.id, record));
    }

    /// Notes what a payment did that the plan refused and gave back.
    pub fn returned(&mut self, event: &Event, records: &[Record]) {
        records.iter().for_each(|record| self.record(event.id, record));
    }

    fn record(&mut self, event: EventId, record: &Record) {
        match record {
            Record::Reward(reward) => self.reward(reward, record),
            Record::Order(order) => self.buy(Purchase { event, user: order.user, amount: order.net }),
            Record::Reserve(_)
            | Record::Seat(_)
            | Record::Completed(_)
            | Record::Vested { .. }
            | Record::Rank { .. } => self.earn(record),
        }
    }

    fn reward(&mut self, reward: &Reward, record: &Record) {
        let own_payment = reward.fund == Fund::Payment && reward.source == reward.to;
        match reward.kind {
            RewardKind::Refused => self.refused.add(reward.amount),
            _ if reward.to == UserId::COMPANY => self.kept[reward.kind as usize].add(reward.amount),
            RewardKind::SeatRefund if own_payment => self.repay(reward.to, reward.amount),
            RewardKind::Principal => {}
            RewardKind::Direct
            | RewardKind::PoolL1
            | RewardKind::PoolL2
            | RewardKind::PoolL3
            | RewardKind::PoolBreakage
            | RewardKind::PoolCompany
            | RewardKind::SeatRefund
            | RewardKind::Level
            | RewardKind::LevelBreakage
            | RewardKind::CompanyFee
            | RewardKind::Unilevel
            | RewardKind::Retained
            | RewardKind::Rank
            | RewardKind::Infinity
            | RewardKind::Staking
            | RewardKind::Grant => self.earn(record),
        }
    }

    fn earn(&mut self, record: &Record) {
        if let Some((user, amount)) = record.entitlement() {
            let person = self.person(user);
            person.income = plus(person.income, amount);
        }
    }

    fn pay(&mut self, user: UserId, amount: Amount) {
        let person = self.person(user);
        person.paid = plus(person.paid, amount);
    }

    fn repay(&mut self, user: UserId, amount: Amount) {
        let person = self.person(user);
        person.paid = minus(person.paid, amount);
    }

    fn buy(&mut self, purchase: Purchase) {
        self.pay(purchase.user, purchase.amount);
        self.purchases.push(purchase);
    }

    fn refund(&mut self, event: EventId) {
        let place = self.purchases.binary_search_by_key(&event, |purchase| purchase.event);
        let place = place.expect("only what was bought is refunded, and events have growing numbers");
        let Purchase { user, amount, .. } = self.purchases[place];
        self.repay(user, amount);
    }

    /// The statement; `machine` is the one that was watched.
    pub fn finish(self, machine: &Machine) -> Disclosure {
        let registered = self.people.iter().filter(|person| person.registered);
        let people: Vec<(Amount, Amount)> = registered.map(|person| (person.income, person.paid)).collect();
        let kinds = RewardKind::ALL.into_iter().zip(self.kept).filter(|(_, tally)| tally.number > 0);
        let company = kinds
            .map(|(kind, Tally { number, amount })| Kept { kind: kind.name(), rewards: number, amount })
            .collect();
        let amount = self.refused.amount.expect("all that came in, refused payments included, is an amount");
        let refused = Refused { payments: self.refused.number, amount };
        Disclosure::new(machine, &people, company, refused)
    }

    fn person(&mut self, user: UserId) -> &mut Person {
        if self.people.len() <= user.index() {
            self.people.resize(user.index() + 1, Person::default());
        }
        &mut self.people[user.index()]
    }
}

impl Default for Collector {
    fn default() -> Collector {
        Collector::new()
    }
}
