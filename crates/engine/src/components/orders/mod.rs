//! Orders: paid at the list price less a discount, open until they are completed or refunded.

mod lint;
mod plan;
mod saved;

pub(crate) use plan::OrdersPlan;

use banyan_types::Amount;

use crate::books::{Books, minus, plus};
use crate::components::tiers::TiersPlan;
use crate::explain::arithmetic::Step;
use crate::explain::trace::{Ground, Rule, Topic};
use crate::participants::Participants;
use crate::record::{self, Detail, Fund, Record, Reward, RewardKind, RewardState};
use crate::{EventId, Refusal, UserId};

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Completed,
    Refunded,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    event: EventId,
    user: UserId,
    net: Amount,
    fate: Fate,
}

/// All orders, in order of their events, and what everybody has spent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Orders {
    all: Vec<Order>,
    /// Net amounts of completed orders, by customer.
    spent: Vec<Amount>,
}

/// An order's place in the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderNo(usize);

impl Orders {
    /// What an order at this list price costs the customer now.
    pub(crate) fn price(&self, tiers: Option<&TiersPlan>, user: UserId, list: Amount) -> record::Order {
        let spent = self.spent.get(user.index()).copied().unwrap_or(Amount::ZERO);
        let discount = tiers.map_or(Amount::ZERO, |tiers| list.share(tiers.discount(spent)));
        record::Order { user, list, discount, net: minus(list, discount) }
    }

    /// Opens an order, whose net amount is held.
    pub(crate) fn open(&mut self, event: EventId, priced: record::Order, books: &mut Books) {
        books.note(Record::Order(priced));
        books.hold(priced.net);
        self.all.push(Order { event, user: priced.user, net: priced.net, fate: Fate::Open });
    }

    /// Whether an order may be completed or refunded.
    pub(crate) fn check_close(&self, event: EventId) -> Result<OrderNo, Refusal> {
        let place = self.all.binary_search_by_key(&event, |order| order.event);
        let place = place.map_err(|_| Refusal::UnknownOrder)?;
        match self.all[place].fate {
            Fate::Open => Ok(OrderNo(place)),
            Fate::Completed => Err(Refusal::OrderClosed { how: "completed" }),
            Fate::Refunded => Err(Refusal::OrderClosed { how: "refunded" }),
        }
    }

    /// Completes an order: the company has earned it, and owes the sponsor a commission.
    pub(crate) fn complete(
        &mut self,
        plan: &OrdersPlan,
        people: &Participants,
        books: &mut Books,
        no: OrderNo,
    ) {
        let Order { event: order, user, net, .. } = self.close(no, Fate::Completed, books);
        books.tell(move |trace| {
            trace.topic(Topic::Order { order, customer: user, net });
            trace.rule(Rule::Commission);
        });
        books.earn(net);
        let spent = self.spent_by(user);
        *spent = plus(*spent, net);
        if let Some(sponsor) = people.upline(user).next() {
            let (share, amount) = (plan.commission, net.share(plan.commission));
            books.tell(move |trace| {
                trace.ground(Ground::SponsorOf(user));
                trace.step(Step::share("the sponsor's share of the order", net, share, amount));
            });
            books.reward(commission(sponsor, user, amount));
        }
    }

    /// Gives an order back.
    pub(crate) fn refund(&mut self, books: &mut Books, no: OrderNo) {
        let order = self.close(no, Fate::Refunded, books);
        books.give_back(order.net);
    }

    fn spent_by(&mut self, user: UserId) -> &mut Amount {
        if self.spent.len() <= user.index() {
            self.spent.resize(user.index() + 1, Amount::ZERO);
        }
        &mut self.spent[user.index()]
    }

    fn close(&mut self, no: OrderNo, fate: Fate, books: &mut Books) -> Order {
        let order = &mut self.all[no.0];
        order.fate = fate;
        books.release(order.net);
        *order
    }
}

/// The sponsor's share; the company is charged for it.
fn commission(to: UserId, source: UserId, amount: Amount) -> Reward {
    let (kind, state) = (RewardKind::Direct, RewardState::Payable);
    Reward { kind, to, amount, source, state, detail: Detail::None, fund: Fund::Company }
}
