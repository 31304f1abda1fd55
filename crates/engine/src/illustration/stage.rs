//! A machine on which an illustration is played.

use banyan_types::Amount;

use crate::record::{Record, Reward};
use crate::{Event, EventBody, EventId, Machine, Plan, Refusal, UserId};

/// A machine, its time and the next numbers.
pub(super) struct Stage {
    pub(super) machine: Machine,
    /// Seconds since 1970.
    pub(super) at: i64,
    events: u32,
    users: u32,
}

impl Stage {
    /// Before the first event.
    pub(super) fn new(plan: &Plan) -> Stage {
        Stage { machine: Machine::new(plan.clone()), at: 0, events: 0, users: 0 }
    }

    /// Lets something happen.
    pub(super) fn play(&mut self, body: EventBody) -> Result<EventId, Refusal> {
        let id = EventId(self.events);
        self.machine.apply(&Event { id, at: self.at, body })?;
        self.events += 1;
        Ok(id)
    }

    /// Somebody new joins, with the plan's entry if there is one.
    pub(super) fn register(&mut self, sponsor: UserId) -> Result<UserId, Refusal> {
        let user = UserId(self.users + 1);
        let amount = self.machine.plan().entry();
        self.play(EventBody::Registered { user, sponsor, amount })?;
        self.users += 1;
        Ok(user)
    }

    /// A chain of newcomers, each under the one before; the last comes first.
    pub(super) fn chain(&mut self, length: usize) -> Result<Vec<UserId>, Refusal> {
        let mut chain = Vec::with_capacity(length);
        let mut sponsor = UserId::COMPANY;
        for _ in 0..length {
            sponsor = self.register(sponsor)?;
            chain.push(sponsor);
        }
        chain.reverse();
        Ok(chain)
    }

    /// A purchase of the smallest unit.
    pub(super) fn buy_least(&mut self, user: UserId) -> Result<EventId, Refusal> {
        let amount = Amount::from_units(1).expect("one unit is an amount");
        self.play(EventBody::Purchase { user, amount })
    }

    /// The rewards of the last event.
    pub(super) fn rewards(&self) -> Vec<Reward> {
        rewards(self.machine.records())
    }

    /// The rewards of a purchase, which the last event may have made vest.
    pub(super) fn rewards_of(&self, purchase: EventId) -> Vec<Reward> {
        let records = self.machine.records();
        let vested = Record::Vested { purchase };
        let start = records.iter().position(|record| *record == vested).map_or(0, |place| place + 1);
        rewards(&records[start..])
    }
}

fn rewards(records: &[Record]) -> Vec<Reward> {
    let reward = |record: &Record| match record {
        Record::Reward(reward) => Some(*reward),
        Record::Seat(_)
        | Record::Completed(_)
        | Record::Reserve(_)
        | Record::Vested { .. }
        | Record::Rank { .. }
        | Record::Order(_) => None,
    };
    records.iter().filter_map(reward).collect()
}
