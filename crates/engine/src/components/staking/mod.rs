//! Staking: positions that earn simple interest, day by day, until they are closed.

mod lint;
mod plan;
mod saved;

pub(crate) use plan::StakingPlan;

use std::collections::BTreeSet;

use banyan_types::Amount;

use crate::books::{Books, minus};
use crate::calendar::day;
use crate::explain::arithmetic::Step;
use crate::explain::trace::{Rule, Topic};
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};
use crate::{EventId, Refusal, UserId};

/// A position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    event: EventId,
    user: UserId,
    principal: Amount,
    /// The day on which it was opened, which earns nothing.
    opened: i64,
    /// All interest that was paid.
    paid: Amount,
}

impl Position {
    fn topic(&self, today: i64) -> Topic {
        Topic::Position { stake: self.event, user: self.user, opened: self.opened, today }
    }
}

/// All positions, in order of their events.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Staking {
    all: Vec<Position>,
    /// Places of the open ones.
    open: BTreeSet<u32>,
    /// The day up to which interest was paid.
    paid_until: i64,
}

/// A position's place in the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PositionNo(u32);

impl Staking {
    /// Whether somebody has an open position.
    pub(crate) fn has_open(&self, user: UserId) -> bool {
        self.open.iter().any(|place| self.all[*place as usize].user == user)
    }

    /// Who opened a position, closed or not.
    pub(crate) fn owner(&self, stake: EventId) -> Option<UserId> {
        let place = self.all.binary_search_by_key(&stake, |position| position.event).ok()?;
        Some(self.all[place].user)
    }

    /// Opens a position.
    pub(crate) fn open(&mut self, event: EventId, at: i64, user: UserId, principal: Amount) {
        let place = u32::try_from(self.all.len()).expect("events have numbers of 32 bits");
        self.all.push(Position { event, user, principal, opened: day(at), paid: Amount::ZERO });
        self.open.insert(place);
    }

    /// Whether a position may be closed.
    pub(crate) fn check_close(&self, event: EventId) -> Result<PositionNo, Refusal> {
        let place = self.all.binary_search_by_key(&event, |position| position.event);
        let place = place.map_err(|_| Refusal::UnknownStake)? as u32;
        if self.open.contains(&place) { Ok(PositionNo(place)) } else { Err(Refusal::StakeClosed) }
    }

    /// Closes a position and pays its principal.
    pub(crate) fn close(&mut self, no: PositionNo, books: &mut Books) {
        self.open.remove(&no.0);
        let position = self.all[no.0 as usize];
        books.tell(move |trace| {
            trace.topic(position.topic(position.opened));
            trace.rule(Rule::Principal);
            trace.step(Step::given("what was staked", position.principal));
        });
        books.reward(reward(RewardKind::Principal, &position, position.principal, Fund::Stake));
    }

    /// Pays the interest of all days before that of `at`, if the day has changed.
    pub(crate) fn pay_interest(&mut self, plan: &StakingPlan, books: &mut Books, at: i64) {
        let today = day(at);
        let new_day = today > self.paid_until;
        books.tell(move |trace| trace.rule(Rule::Interest { new_day }));
        if !new_day {
            return;
        }
        self.paid_until = today;
        for place in &self.open {
            let position = &mut self.all[*place as usize];
            let days = (today - position.opened - 1).max(0);
            let due = plan.interest(position.principal, days).expect("interest of all days was promised");
            let (now, yearly) = (*position, plan.yearly.get());
            books.tell(move |trace| {
                trace.topic(now.topic(today));
                trace.rule(Rule::Interest { new_day });
                let (what, principal) = ("interest of all days so far", now.principal);
                trace.step(Step::Interest { what, principal, bps: yearly, days, result: due });
                let what = "what of it was not paid before";
                trace.step(Step::less(what, due, vec![now.paid], minus(due, now.paid)));
            });
            books.reward(reward(RewardKind::Staking, position, minus(due, position.paid), Fund::Company));
            position.paid = due;
        }
    }
}

fn reward(kind: RewardKind, position: &Position, amount: Amount, fund: Fund) -> Reward {
    Reward {
        kind,
        to: position.user,
        amount,
        source: position.user,
        state: RewardState::Payable,
        detail: Detail::Position(position.event),
        fund,
    }
}
