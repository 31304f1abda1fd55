//! Purchases in a snapshot. Whatever follows from them is not written but worked out anew: who is active, what waits,
//! which months are not shared out, and everybody's turnovers and ranks.

use banyan_types::Amount;

use super::codec::{Fault, Reader, Writer, expect};
use crate::calendar::Month;
use crate::components::State;
use crate::components::activity::Activity;
use crate::components::infinity::Infinity;
use crate::components::purchases::{Purchase, PurchaseNo, Purchases};
use crate::components::ranks::Ranks;
use crate::participants::Participants;
use crate::{EventId, Plan, UserId};

/// What the purchases have made of the state.
pub(crate) struct Sales {
    pub(crate) purchases: Purchases,
    pub(crate) activity: Activity,
    pub(crate) infinity: Infinity,
    pub(crate) ranks: Ranks,
    /// The sum of all that have vested.
    pub(crate) vested: Amount,
}

/// Writes all purchases, in order of their events.
pub(crate) fn save(purchases: &Purchases, out: &mut Writer) {
    out.count(purchases.all().len());
    let (mut next_event, mut at, mut user) = (0, 0, UserId::COMPANY);
    for purchase in purchases.all() {
        out.number((u64::from(purchase.event.0) - next_event) << 1 | u64::from(purchase.refunded));
        out.number((purchase.at - at) as u64);
        out.step(user, purchase.user);
        out.amount(purchase.amount);
        (next_event, at, user) = (u64::from(purchase.event.0) + 1, purchase.at, purchase.user);
    }
}

/// Reads what [`save`] wrote at `now`, and works out what follows; events have numbers below `events`.
pub(crate) fn restore(
    input: &mut Reader<'_>,
    plan: &Plan,
    people: &Participants,
    (events, now): (u32, i64),
) -> Result<Sales, Fault> {
    let mut sales = Sales {
        purchases: Purchases::default(),
        activity: Activity::default(),
        infinity: Infinity::default(),
        ranks: Ranks::default(),
        vested: Amount::ZERO,
    };
    let count = input.count()?;
    expect(count == 0 || plan.sections.takes_purchases(), "no purchase where the plan takes none")?;
    let wait = plan.sections.vesting.as_ref().map_or(0, |vesting| vesting.seconds());
    let keep = plan.sections.activity.as_ref().map(|activity| activity.seconds() + wait);
    let mut refunded = Vec::new();
    let (mut next_event, mut at, mut user) = (0, 0, UserId::COMPANY);
    for _ in 0..count {
        let number = input.number()?;
        let event = next_event + (number >> 1);
        expect(event < events.into(), "a purchase's event among the events")?;
        at += input.below((now.max(0) - at + 1) as u64, "a purchase made by now")? as i64;
        user = input.step(user)?;
        expect(people.is_registered(user), "a participant's purchase")?;
        let first = sales.activity.is_first(user);
        let purchase = Purchase::new(EventId(event as u32), at, user, input.payment()?, first);
        let no = sales.purchases.next_no();
        if let Some(keep) = keep {
            sales.activity.note(people, no, &purchase, keep);
        }
        sales.purchases.add(purchase);
        if number & 1 > 0 {
            refunded.push(no);
        }
        next_event = event + 1;
    }
    expect(refunded.is_empty() || plan.sections.vesting.is_some(), "no refund without [vesting]")?;
    sales.take_back(people, &refunded);
    sales.settle(plan, people, wait, now)?;
    Ok(sales)
}

impl Sales {
    fn take_back(&mut self, people: &Participants, refunded: &[PurchaseNo]) {
        for no in refunded {
            let purchase = self.purchases.refund(*no);
            self.activity.forget(people, *no, &purchase);
        }
    }

    /// Lets everything vest that is old enough.
    fn settle(&mut self, plan: &Plan, people: &Participants, wait: i64, now: i64) -> Result<(), Fault> {
        let mut own = vec![Amount::ZERO; people.known()];
        while self.purchases.next_due(wait).is_some_and(|due| due <= now) {
            let (_, purchase) = self.purchases.vest();
            let vested = self.vested.checked_add(purchase.amount);
            self.vested = vested.ok_or(Fault("purchases within the range of amounts"))?;
            own[purchase.user.index()] = crate::books::plus(own[purchase.user.index()], purchase.amount);
            let month = Month::of(purchase.at);
            if plan.sections.infinity.is_some() && month.end() + wait > now {
                self.infinity.note(month, purchase.user, purchase.amount);
            }
        }
        if let Some(plan) = &plan.sections.ranks {
            self.ranks = Ranks::rebuild(plan, people, &own);
        }
        Ok(())
    }
}

/// What waiting purchases hold; `None` beyond the range of amounts.
pub(crate) fn held(state: &State) -> Option<Amount> {
    let waiting = state.purchases.waiting().iter().filter(|purchase| !purchase.refunded);
    Amount::sum(waiting.map(|purchase| purchase.amount))
}
