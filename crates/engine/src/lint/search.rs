//! The search for a tree whose rank bonuses exceed what the company keeps of its purchases; see `overpay`.

use std::rc::Rc;

use banyan_types::Amount;

use super::example::Node;

/// No larger tree is looked for: nobody would read it.
const MOST_PEOPLE: usize = 400;
/// How often ranks stand above ranks, at most.
const GENERATIONS: usize = 10;
/// Beyond this the products of the search would not be numbers any more.
const LARGEST: i128 = 10i128.pow(29);
/// What is added to the price of a unit, in basis points: a tree that gains more than it must is often a smaller one.
const DEARER: [i128; 4] = [0, 10, 30, 100];

/// A rank that a tree can be made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rung {
    pub(super) turnover: Amount,
    /// What each of three legs must bring.
    pub(super) legs: [Amount; 3],
    /// All bonuses up to this rank.
    pub(super) bonus: Amount,
}

/// A tree.
#[derive(Debug)]
pub(super) enum Shape {
    /// Somebody who buys.
    Buyer(Amount),
    /// Somebody over three legs.
    Holder([Rc<Shape>; 3]),
}

impl Shape {
    pub(super) fn people(&self) -> usize {
        match self {
            Shape::Buyer(_) => 1,
            Shape::Holder(legs) => 1 + legs.iter().map(|leg| leg.people()).sum::<usize>(),
        }
    }

    /// How many sponsors the buyer with the fewest has above her in this tree.
    pub(super) fn shallowest(&self) -> usize {
        match self {
            Shape::Buyer(_) => 0,
            Shape::Holder(legs) => 1 + legs.iter().map(|leg| leg.shallowest()).min().unwrap_or(0),
        }
    }

    /// Adds the tree to a list of participants, sponsors first; holders buy for one unit, so that they are active.
    pub(super) fn plant(&self, sponsor: Option<usize>, unit: Amount, nodes: &mut Vec<Node>) {
        let place = nodes.len();
        match self {
            Shape::Buyer(pays) => nodes.push(Node { sponsor, pays: *pays }),
            Shape::Holder(legs) => {
                nodes.push(Node { sponsor, pays: unit });
                legs.iter().for_each(|leg| leg.plant(Some(place), unit, nodes));
            }
        }
    }
}

/// What units and participants cost in the search: ten thousandths of a unit.
#[derive(Clone, Copy)]
struct Prices {
    unit: i128,
    person: i128,
}

/// The best tree that brings at least a turnover.
#[derive(Clone)]
struct Best {
    value: i128,
    people: usize,
    bonus: i128,
    money: i128,
    shape: Rc<Shape>,
}

/// The smallest tree found under a holder of the last rung whose bonuses exceed `left` basis points of its purchases.
pub(super) fn search(rungs: &[Rung], left: i64) -> Option<Shape> {
    let top = rungs.last()?;
    if rungs.iter().any(|rung| rung.turnover.units().max(rung.bonus.units()) > LARGEST) {
        return None;
    }
    let least = (top.turnover.units() / 100).max(1);
    let people_prices = std::iter::successors(Some(least), |price| Some(price * 3 / 2 + 1));
    let mut smallest: Option<Best> = None;
    for person in people_prices.take_while(|price| *price < least * 2000) {
        for dearer in DEARER {
            let prices = Prices { unit: i128::from(left) + dearer, person };
            let found = climb(rungs, prices, i128::from(left));
            if found
                .as_ref()
                .is_some_and(|found| smallest.as_ref().is_none_or(|smallest| found.people < smallest.people))
            {
                smallest = found;
            }
        }
    }
    // The tables that shared the tree are gone, but its own legs may be the same ones.
    smallest.map(|best| match Rc::try_unwrap(best.shape) {
        Ok(shape) => shape,
        Err(shared) => match &*shared {
            Shape::Buyer(pays) => Shape::Buyer(*pays),
            Shape::Holder(legs) => Shape::Holder(legs.clone()),
        },
    })
}

/// The best trees for these prices, generation by generation; of those under a holder of the last rung that leave a loss
/// the smallest comes back.
fn climb(rungs: &[Rung], prices: Prices, left: i128) -> Option<Best> {
    let mut turnovers: Vec<i128> = rungs
        .iter()
        .flat_map(|rung| rung.legs.iter().chain([&rung.turnover]))
        .map(|amount| amount.units())
        .filter(|units| *units > 0)
        .collect();
    turnovers.sort_unstable();
    turnovers.dedup();
    let mut best: Vec<Best> = turnovers.iter().map(|turnover| buyer(*turnover, prices)).collect();
    let mut smallest: Option<Best> = None;
    for _ in 0..GENERATIONS {
        let mut next = best.clone();
        for (place, rung) in rungs.iter().enumerate() {
            for holder in holders(rung, &turnovers, &best, prices) {
                let loses = holder.bonus * 10_000 > left * holder.money;
                let is_smaller = smallest.as_ref().is_none_or(|smallest| holder.people < smallest.people);
                if place + 1 == rungs.len() && loses && is_smaller {
                    smallest = Some(holder.clone());
                }
                let reached = turnovers.partition_point(|turnover| *turnover <= holder.money);
                if reached > 0 && holder.value > next[reached - 1].value {
                    next[reached - 1] = holder;
                }
            }
        }
        // What brings more brings this, too.
        for place in (1..next.len()).rev() {
            if next[place].value > next[place - 1].value {
                next[place - 1] = next[place].clone();
            }
        }
        best = next;
    }
    smallest
}

fn buyer(turnover: i128, prices: Prices) -> Best {
    let amount = Amount::from_units(turnover).expect("turnovers of the plan are amounts");
    let value = -prices.unit * turnover - prices.person;
    Best { value, people: 1, bonus: 0, money: turnover, shape: Rc::new(Shape::Buyer(amount)) }
}

/// Holders of a rank over legs that bring what it asks, the strongest also more.
fn holders<'a>(
    rung: &'a Rung,
    turnovers: &'a [i128],
    best: &'a [Best],
    prices: Prices,
) -> impl Iterator<Item = Best> + 'a {
    let least = |asked: Amount| turnovers.partition_point(|turnover| *turnover < asked.units());
    let [strongest, second, third] = rung.legs.map(least);
    (strongest..best.len()).filter_map(move |first| {
        let legs = [first, second, third].map(|place| &best[place]);
        let people = 1 + legs.iter().map(|leg| leg.people).sum::<usize>();
        let value: i128 = legs.iter().map(|leg| leg.value).sum();
        (people <= MOST_PEOPLE).then(|| Best {
            value: rung.bonus.units() * 10_000 - prices.person + value,
            people,
            bonus: rung.bonus.units() + legs.iter().map(|leg| leg.bonus).sum::<i128>(),
            money: legs.iter().map(|leg| leg.money).sum(),
            shape: Rc::new(Shape::Holder(legs.map(|leg| Rc::clone(&leg.shape)))),
        })
    })
}
