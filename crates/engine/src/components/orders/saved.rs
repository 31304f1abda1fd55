//! Orders in a snapshot, in order of their events. What everybody has spent is added up anew.

use banyan_types::Amount;

use super::{Fate, Order, Orders};
use crate::participants::Participants;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};
use crate::{EventId, UserId};

/// The fates by number.
const FATES: [Fate; 3] = [Fate::Open, Fate::Completed, Fate::Refunded];

impl Orders {
    /// Writes all orders.
    pub(crate) fn save(&self, out: &mut Writer) {
        out.count(self.all.len());
        let (mut next_event, mut user) = (0, UserId::COMPANY);
        for order in &self.all {
            let fate = match order.fate {
                Fate::Open => 0,
                Fate::Completed => 1,
                Fate::Refunded => 2,
            };
            out.number((u64::from(order.event.0) - next_event) << 2 | fate);
            out.step(user, order.user);
            out.amount(order.net);
            (next_event, user) = (u64::from(order.event.0) + 1, order.user);
        }
    }

    /// Reads what [`Orders::save`] wrote; events have numbers below `events`.
    pub(crate) fn restore(
        input: &mut Reader<'_>,
        people: &Participants,
        events: u32,
    ) -> Result<Orders, Fault> {
        let mut orders = Orders::default();
        let (mut next_event, mut user) = (0, UserId::COMPANY);
        for _ in 0..input.count()? {
            let number = input.number()?;
            let event = next_event + (number >> 2);
            expect(event < events.into(), "an order's event among the events")?;
            let fate = *FATES.get((number & 3) as usize).ok_or(Fault("an order's fate"))?;
            user = input.step(user)?;
            expect(people.is_registered(user), "a participant's order")?;
            let net = input.amount()?;
            expect(net >= Amount::ZERO, "no order below 0")?;
            orders.all.push(Order { event: EventId(event as u32), user, net, fate });
            if fate == Fate::Completed {
                let spent = orders.spent_by(user);
                *spent = spent.checked_add(net).ok_or(Fault("orders within the range of amounts"))?;
            }
            next_event = event + 1;
        }
        Ok(orders)
    }

    /// Whether there was any order.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What open orders hold; `None` beyond the range of amounts.
    pub(crate) fn held(&self) -> Option<Amount> {
        let open = self.all.iter().filter(|order| order.fate == Fate::Open);
        Amount::sum(open.map(|order| order.net))
    }

    /// What all have spent; `None` beyond the range of amounts.
    pub(crate) fn spent(&self) -> Option<Amount> {
        Amount::sum(self.spent.iter().copied())
    }
}
