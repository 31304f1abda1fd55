//! What an order costs in every tier, and what its sponsor earns.

use banyan_types::{Amount, Bps};

use super::stage::Stage;
use super::{Chain, Link, Part, Path, part_of, table, total};
use crate::record::{Order, Record};
use crate::{EventBody, Plan, Refusal, UserId};

/// Each order leaves the part of what is missing that the customer's tier takes off: this many lead to any tier that
/// customers can hope to reach.
const MAX_ORDERS: usize = 10_000;

/// One order, played.
struct Played {
    order: Order,
    commission: Amount,
}

pub(super) fn orders(plan: &Plan, amount: Amount) -> Result<Chain, Refusal> {
    let commission = plan.sections.orders.as_ref().map_or(Bps::ZERO, |orders| orders.commission);
    let tiers = plan.sections.tiers.as_ref().map_or(&[][..], |tiers| &tiers.tiers);
    let begins = tiers.iter().map(|tier| tier.from).filter(|from| from.is_positive());
    let mut rows = Vec::new();
    let mut first = None;
    for from in std::iter::once(Amount::ZERO).chain(begins) {
        let Some(played) = play(plan, amount, from)? else { continue };
        let Order { list, discount, net, .. } = played.order;
        let company = net.checked_sub(played.commission).expect("a commission is a share");
        let cells = [discount, net, played.commission, company].map(|amount| plan.decimal(amount));
        let [discounted, paid, earned, kept] = cells.clone();
        rows.push([plan.decimal(from), part_of(discount, list), discounted, paid, earned, kept]);
        first.get_or_insert(cells);
    }
    let title = format!("An order at the list price of {}", plan.money(amount));
    let head = ["spent before", "discount", "taken off", "paid", "to the sponsor", "to the company"];
    let words = vec![
        "Spent before is the net amount of the customer's completed orders.".to_owned(),
        format!(
            "When an order is completed the customer's sponsor gets {commission} of its net amount \
             (DIRECT), which the company is charged. A refunded order pays nothing."
        ),
    ];
    let part = Part { title: title.clone(), tables: vec![table("", head, rows)], words };
    let path = first.map(|[_, _, earned, kept]| Path {
        payment: title,
        links: vec![Link { share: commission, amount: earned }],
        company: kept,
    });
    Ok(Chain { part, path })
}

/// An order by a customer who has spent exactly `from`; none where no orders lead there.
fn play(plan: &Plan, list: Amount, from: Amount) -> Result<Option<Played>, Refusal> {
    let mut stage = Stage::new(plan);
    let chain = stage.chain(2)?;
    let (customer, sponsor) = (chain[0], chain[1]);
    let mut missing = from;
    for _ in 0..MAX_ORDERS {
        if missing.is_zero() {
            let (order, commission) = complete(&mut stage, customer, sponsor, list)?;
            return Ok(Some(Played { order, commission }));
        }
        let (order, _) = complete(&mut stage, customer, sponsor, missing)?;
        missing = missing.checked_sub(order.net).expect("nobody pays more than the list price");
    }
    Ok(None)
}

/// Orders and completes; the order and what the sponsor gets come back.
fn complete(
    stage: &mut Stage,
    user: UserId,
    sponsor: UserId,
    amount: Amount,
) -> Result<(Order, Amount), Refusal> {
    let id = stage.play(EventBody::Order { user, amount })?;
    let order = stage.machine.records().iter().find_map(|record| match record {
        Record::Order(order) => Some(*order),
        Record::Reward(_)
        | Record::Seat(_)
        | Record::Completed(_)
        | Record::Reserve(_)
        | Record::Vested { .. }
        | Record::Rank { .. } => None,
    });
    let order = order.expect("an order has its record");
    stage.play(EventBody::OrderCompleted { order: id })?;
    let rewards = stage.rewards();
    let earned = rewards.iter().filter(|reward| reward.to == sponsor).map(|reward| reward.amount);
    Ok((order, total(earned)))
}
