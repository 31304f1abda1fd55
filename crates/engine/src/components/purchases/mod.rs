//! Purchases, from payment until they vest or are refunded.
//!
//! Nothing is paid on a purchase before it vests, so nothing ever has to be taken back. Purchases vest in the order in
//! which they came, since all wait equally long.

mod lint;
mod plan;

pub(crate) use plan::VestingPlan;

use banyan_types::Amount;

use crate::calendar::Month;
use crate::explain::trace::Topic;
use crate::{EventId, Refusal, UserId};

/// A purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purchase {
    pub(crate) event: EventId,
    pub(crate) at: i64,
    pub(crate) user: UserId,
    pub(crate) amount: Amount,
    /// Whether it is the buyer's first ever.
    pub(crate) first: bool,
    pub(crate) refunded: bool,
}

impl Purchase {
    pub(crate) fn new(event: EventId, at: i64, user: UserId, amount: Amount, first: bool) -> Purchase {
        Purchase { event, at, user, amount, first, refunded: false }
    }

    /// The purchase, when it is paid out: at once, or once it has vested.
    pub(crate) fn topic(&self, vested: bool) -> Topic {
        let Purchase { event, at, user, amount, .. } = *self;
        Topic::Purchase { purchase: event, at, buyer: user, amount, vested }
    }
}

/// A purchase's place in the order of purchases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PurchaseNo(pub(crate) u32);

/// All purchases that wait or waited, in order of their events.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Purchases {
    all: Vec<Purchase>,
    /// How many, from the first on, have vested or were refunded.
    done: usize,
}

impl Purchases {
    /// The number of the next purchase.
    pub(crate) fn next_no(&self) -> PurchaseNo {
        PurchaseNo(u32::try_from(self.all.len()).expect("events have numbers of 32 bits"))
    }

    /// All there ever were, in order of their events.
    pub(crate) fn all(&self) -> &[Purchase] {
        &self.all
    }

    /// Those of a month, found by halves: events come in order of time.
    pub(crate) fn of_month(&self, month: Month) -> &[Purchase] {
        let from = self.all.partition_point(|purchase| Month::of(purchase.at) < month);
        let to = self.all.partition_point(|purchase| Month::of(purchase.at) <= month);
        &self.all[from..to]
    }

    /// Notes a purchase.
    pub(crate) fn add(&mut self, purchase: Purchase) {
        self.all.push(purchase);
    }

    /// Those that wait, the refunded among them included.
    pub(crate) fn waiting(&self) -> &[Purchase] {
        &self.all[self.done..]
    }

    /// When the oldest waiting purchase is `seconds` old.
    pub(crate) fn next_due(&self, seconds: i64) -> Option<i64> {
        self.all.get(self.done).map(|purchase| purchase.at + seconds)
    }

    /// Takes the oldest waiting purchase, which waits no longer.
    pub(crate) fn vest(&mut self) -> (PurchaseNo, Purchase) {
        let vested = self.all[self.done];
        assert!(!vested.refunded, "a refunded purchase never vests");
        let no = PurchaseNo(self.done as u32);
        self.done += 1;
        self.pass_refunded();
        (no, vested)
    }

    /// Nobody waits for refunded purchases at the front.
    fn pass_refunded(&mut self) {
        while self.all.get(self.done).is_some_and(|purchase| purchase.refunded) {
            self.done += 1;
        }
    }

    /// Whether a purchase may be refunded at that time.
    pub(crate) fn check_refund(
        &self,
        vesting: &VestingPlan,
        event: EventId,
        at: i64,
    ) -> Result<PurchaseNo, Refusal> {
        let place = self.all.binary_search_by_key(&event, |purchase| purchase.event);
        let place = place.map_err(|_| Refusal::UnknownPurchase)?;
        let purchase = &self.all[place];
        if purchase.refunded {
            return Err(Refusal::AlreadyRefunded);
        }
        if at - purchase.at >= vesting.seconds() {
            return Err(Refusal::TooLateToRefund { days: vesting.days() });
        }
        Ok(PurchaseNo(place as u32))
    }

    /// Takes back a purchase that may be refunded.
    pub(crate) fn refund(&mut self, no: PurchaseNo) -> Purchase {
        let purchase = &mut self.all[no.0 as usize];
        purchase.refunded = true;
        let refunded = *purchase;
        self.pass_refunded();
        refunded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DAY;

    #[test]
    fn a_months_purchases_are_those_from_its_first_day_to_its_last() {
        let mut purchases = Purchases::default();
        let days = [0, 30, 31, 45, 58, 59, 100];
        for (number, day) in (0..).zip(days) {
            purchases.add(Purchase::new(EventId(number), day * DAY, UserId(1), Amount::ZERO, false));
        }
        let february: Vec<u32> =
            purchases.of_month(Month::of(31 * DAY)).iter().map(|bought| bought.event.0).collect();
        assert_eq!(february, [2, 3, 4]);
        assert!(purchases.of_month(Month::of(400 * DAY)).is_empty());
    }
}
