//! A machine in a snapshot: what cannot be worked out from the rest, in a fixed order.

use banyan_types::Amount;

use super::Machine;
use crate::Plan;
use crate::books::Books;
use crate::books::saved::Kept;
use crate::calendar::LAST_SECOND;
use crate::components::State;
use crate::components::orders::Orders;
use crate::components::pool::Pool;
use crate::components::staking::Staking;
use crate::participants::Participants;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};
use crate::snapshot::sales;

const RANGE: Fault = Fault("sums within the range of amounts");

impl Machine {
    /// Writes the state; the plan is known otherwise.
    pub(crate) fn save(&self, out: &mut Writer) {
        out.number(self.now.checked_add(1).map_or(0, |now| now.max(0) as u64));
        out.number(self.wound_up.into());
        self.people.save(out);
        self.state.pool.save(out);
        sales::save(&self.state.purchases, out);
        self.state.staking.save(out);
        self.state.orders.save(out);
        self.books.save(out);
    }

    /// Reads what [`Machine::save`] wrote under the same plan. There are `users` names, and events have numbers below
    /// `events`. What comes back can be any machine's state: no event makes it panic.
    pub(crate) fn restore(
        input: &mut Reader<'_>,
        plan: Plan,
        (users, events): (u32, u32),
    ) -> Result<Machine, Fault> {
        let now = input.below(LAST_SECOND as u64 + 2, "a time before the year 10000")?;
        let now = if now == 0 { i64::MIN } else { now as i64 - 1 };
        let wound_up = input.below(2, "whether the programme was wound up")? == 1;
        let people = Participants::restore(input, users)?;
        let pool = Pool::restore(input, plan.pool(), &people)?;
        let sales = sales::restore(input, &plan, &people, (events, now))?;
        let staking = Staking::restore(input, plan.sections.staking.as_ref(), &people, (events, now))?;
        let orders = Orders::restore(input, &people, events)?;
        expect(orders.is_empty() || plan.sections.orders.is_some(), "no order without [orders]")?;
        let mut books = Books::restore(input, users)?;
        pool.reserves(|user, reserve| books.restore_reserve(user, reserve))?;
        let state = State {
            pool,
            purchases: sales.purchases,
            activity: sales.activity,
            ranks: sales.ranks,
            infinity: sales.infinity,
            staking,
            orders,
        };
        let kept = kept(&plan, &people, &state, sales.vested).ok_or(RANGE)?;
        books.close_restored(&kept)?;
        Ok(Machine { plan, now, wound_up, people, state, books })
    }
}

/// What the components keep for the books; `None` beyond the range of amounts.
fn kept(plan: &Plan, people: &Participants, state: &State, vested: Amount) -> Option<Kept> {
    let waiting = sales::held(state)?;
    let pending = waiting.checked_add(state.orders.held()?)?;
    let staked = state.staking.staked()?;
    let sections = &plan.sections;
    let ranks =
        sections.ranks.as_ref().map_or(Some(Amount::ZERO), |plan| state.ranks.outstanding(plan, people));
    let interest =
        sections.staking.as_ref().map_or(Some(Amount::ZERO), |plan| state.staking.outstanding(plan));
    let months = match sections.infinity {
        Some(_) => waiting.checked_add(state.infinity.outstanding()?)?,
        None => Amount::ZERO,
    };
    Some(Kept {
        pending,
        staked,
        outstanding: Amount::sum([ranks?, interest?, months, state.orders.held()?])?,
        brought: Amount::sum([vested, pending, staked, state.orders.spent()?])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DAY;
    use crate::{Event, EventBody, EventId, UserId};

    #[test]
    fn a_purchase_is_outstanding_until_its_month_is_shared_out() {
        let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/plans/rest-empire.toml");
        let plan = Plan::from_toml(&std::fs::read_to_string(plan).unwrap()).unwrap();
        let (mut machine, mut id) = (Machine::new(plan), 0);
        let mut outstanding = |day: i64, body| {
            id += 1;
            machine.apply(&Event { id: EventId(id), at: day * DAY, body }).unwrap();
            kept(&machine.plan, &machine.people, &machine.state, Amount::ZERO).unwrap().outstanding
        };
        let (user, amount) = (UserId(1), Amount::from_units(1000).unwrap());
        let before = outstanding(0, EventBody::Registered { user, sponsor: UserId::COMPANY, amount: None });
        let bought = outstanding(0, EventBody::Purchase { user, amount });
        let vested = outstanding(20, EventBody::Tick);
        let shared_out = outstanding(60, EventBody::Tick);
        assert_eq!(bought, before.checked_add(amount).unwrap());
        assert_eq!((vested, shared_out), (bought, before));
    }
}
