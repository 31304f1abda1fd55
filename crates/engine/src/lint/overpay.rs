//! Trees that are paid more than they pay.
//!
//! Pool seats, retopups, unilevel and referral shares are parts of the payment that causes them, and reading refuses
//! parts above the whole; a commission is a part of an order that the company has just earned. So only the infinity
//! bonus and rank bonuses can lift the payout of a purchase above it. Without rank bonuses the shares' sum decides;
//! with them a tree is searched for: each rank is paid a bonus for a turnover that its legs are paid for, too.
//!
//! The search builds trees from the leaves up. A buyer brings an amount; the holder of a rank stands over three legs
//! that bring what the rank asks of each. For a price on every unit that comes in (what the company keeps of it) and on
//! every participant, the best tree of each turnover follows from the best ones of its legs. Prices are tried from low
//! to high; of all trees found that leave a loss, the one with the fewest participants is run through the engine, under
//! as long a chain of sponsors as it needs.

use banyan_types::{Amount, Bps};

use super::example::{Node, purchases};
use super::finding::{Code, Example, Finding};
use super::inspection::{Inspection, part_of, percentage};
use super::search::{Rung, Shape, search};
use crate::plan::values::sum;

/// All of a purchase, in basis points.
const WHOLE: i64 = Bps::WHOLE.get() as i64;
/// How many different shares of the infinity bonus are tried as the highest.
const TRIED_SHARES: usize = 3;

/// No tree is made of more ranks: the search would not end while somebody waits.
const MOST_RUNGS: usize = 12;

/// What a purchase is worth to those above the buyer.
struct Rates {
    unilevel: u64,
    referral: u64,
    /// How many sponsors above share a purchase.
    depth: usize,
    /// By rank.
    infinity: Vec<u64>,
}

/// Looks for a tree that is paid more than it pays.
pub(super) fn lint(on: &mut Inspection<'_>) {
    let Some(rates) = Rates::of(on) else { return };
    let Some(example) = find(on, &rates) else { return };
    let finding = describe(on, &rates, &example);
    on.report(finding.example(Some(example)));
}

impl Rates {
    /// `None` if nothing can exceed a purchase.
    fn of(on: &Inspection<'_>) -> Option<Rates> {
        let sections = &on.plan.sections;
        let ranks = &sections.ranks.as_ref()?.ranks;
        let unilevel = sections.unilevel.as_ref().map(|plan| plan.shares.as_slice()).unwrap_or_default();
        let referral = sections.referral.as_ref().map(|plan| plan.shares.as_slice()).unwrap_or_default();
        let share = |name: &str| sections.infinity.as_ref().map_or(0, |plan| plan.share(name).get());
        let rates = Rates {
            unilevel: sum(unilevel),
            referral: sum(referral),
            depth: unilevel.len().max(referral.len()),
            infinity: ranks.iter().map(|rank| u64::from(share(&rank.name))).collect(),
        };
        let bonuses = ranks.iter().any(|rank| rank.bonus.is_positive());
        (bonuses || rates.left(rates.highest()) < 0).then_some(rates)
    }

    fn highest(&self) -> u64 {
        self.infinity.iter().copied().max().unwrap_or(0)
    }

    /// What the company keeps of a purchase if the infinity bonus takes so much, in basis points.
    fn left(&self, infinity: u64) -> i64 {
        WHOLE - (self.unilevel + self.referral + infinity) as i64
    }
}

/// The smallest tree that was found, as the engine ran it.
fn find(on: &Inspection<'_>, rates: &Rates) -> Option<Example> {
    if rates.left(rates.infinity[0]) < 0 {
        let one = Amount::from_units(10i128.pow(on.plan.decimals().into()))?.checked_mul(100)?;
        return under_chain(on, rates, &Shape::Buyer(one));
    }
    let mut found: Vec<Shape> = targets(on, rates)
        .into_iter()
        .filter_map(|rank| search(&rungs(on, rank), rates.left(rates.infinity[rank])))
        .collect();
    let size = |shape: &Shape| shape.people() + rates.depth.saturating_sub(shape.shallowest());
    found.sort_by_key(size);
    found.iter().find_map(|shape| under_chain(on, rates, shape))
}

/// Ranks that may stand at the top of the tree, by place: of each of the highest infinity shares the lowest rank, and the
/// one whose bonuses are the largest part of its turnover.
fn targets(on: &Inspection<'_>, rates: &Rates) -> Vec<usize> {
    let mut shares: Vec<u64> = rates.infinity[1..].to_vec();
    shares.sort_unstable_by(|a, b| b.cmp(a));
    shares.dedup();
    let mut targets = Vec::new();
    for share in shares.into_iter().take(TRIED_SHARES) {
        let with_share = || (1..rates.infinity.len()).filter(|rank| rates.infinity[*rank] == share);
        let worth =
            |rank: &usize| rungs(on, *rank).last().map_or(0, |rung| part_of(rung.bonus, rung.turnover));
        let best = with_share().max_by_key(|rank| (worth(rank), std::cmp::Reverse(*rank)));
        targets.extend(with_share().next().into_iter().chain(best));
    }
    targets.dedup();
    targets
}

/// The ranks up to this one that a tree is made of: the highest of those with a bonus, and this one.
fn rungs(on: &Inspection<'_>, top: usize) -> Vec<Rung> {
    let ranks = on.plan.sections.ranks.as_ref().map(|plan| plan.ranks.as_slice()).unwrap_or_default();
    let mut bonus = Amount::ZERO;
    let mut rungs = Vec::new();
    for (place, rank) in ranks.iter().enumerate().take(top + 1) {
        bonus = bonus.checked_add(rank.bonus).unwrap_or(Amount::MAX);
        if rank.bonus.is_positive() || place == top {
            rungs.push(Rung { turnover: rank.turnover, legs: rank.legs, bonus });
        }
    }
    rungs.split_off(rungs.len().saturating_sub(MOST_RUNGS))
}

/// Runs a tree under ever longer chains of sponsors, each of whom buys for one unit, until it is paid more than it pays;
/// then takes away what it can do without.
fn under_chain(on: &Inspection<'_>, rates: &Rates, shape: &Shape) -> Option<Example> {
    let unit = Amount::from_units(1)?;
    let loses = |nodes: &[Node]| purchases(on.plan, nodes).filter(|example| example.payout > example.income);
    let (mut nodes, mut example) = (0..=rates.depth.max(1)).find_map(|chain| {
        let mut nodes: Vec<Node> =
            (0..chain).map(|place: usize| Node { sponsor: place.checked_sub(1), pays: unit }).collect();
        shape.plant(chain.checked_sub(1), unit, &mut nodes);
        loses(&nodes).map(|example| (nodes, example))
    })?;
    let mut place = nodes.len();
    while let Some(before) = place.checked_sub(1) {
        place = before;
        let Some(fewer) = without_legs(&nodes, place) else { continue };
        if let Some(still) = loses(&fewer) {
            (nodes, example) = (fewer, still);
        }
    }
    Some(example)
}

/// The tree in which somebody over three buyers buys what they bought; sponsors come before their legs, so the three
/// follow her.
fn without_legs(nodes: &[Node], place: usize) -> Option<Vec<Node>> {
    let legs = nodes.get(place + 1..place + 4)?;
    let over_all = legs.iter().all(|leg| leg.sponsor == Some(place));
    if !over_all || nodes.get(place + 4).is_some_and(|next| next.sponsor == Some(place + 3)) {
        return None;
    }
    let mut fewer = nodes.to_vec();
    fewer[place].pays = Amount::sum(legs.iter().map(|leg| leg.pays))?;
    fewer.drain(place + 1..place + 4);
    for node in &mut fewer[place + 1..] {
        node.sponsor = node.sponsor.map(|sponsor| if sponsor > place { sponsor - 3 } else { sponsor });
    }
    Some(fewer)
}

fn describe(on: &Inspection<'_>, rates: &Rates, example: &Example) -> Finding {
    let highest = rates.highest();
    let people = example.members.len();
    let (income, payout) = (on.money(example.income), on.money(example.payout));
    let bonuses = bonuses(on);
    let mut parts = Vec::new();
    for (name, share) in [("unilevel", rates.unilevel), ("referral", rates.referral), ("infinity", highest)] {
        if share > 0 {
            parts.push(format!("{} {name}", percentage(share)));
        }
    }
    if !bonuses.is_empty() {
        parts.push("rank bonuses".to_owned());
    }
    let key = if highest > 0 { "infinity.shares" } else { "ranks.rank" };
    let says = format!(
        "{} can pass 100%: the smallest tree found has {people} participants, who pay {income} and earn {payout}",
        parts.join(" + "),
    );
    let mut finding = Finding::new(Code::PayoutAboveIncome, key, says)
        .number("shares of a purchase", percentage(rates.unilevel + rates.referral))
        .number("highest infinity share", percentage(highest))
        .number("participants", people)
        .number("income", income)
        .number("payout", payout);
    for place in &bonuses {
        finding = finding.remove(format!("ranks.rank[{place}].bonus"));
    }
    mend(on, rates, finding, !bonuses.is_empty())
}

/// Places of the ranks with a bonus.
fn bonuses(on: &Inspection<'_>) -> Vec<usize> {
    let ranks = on.plan.sections.ranks.as_ref().map(|plan| plan.ranks.as_slice()).unwrap_or_default();
    (0..ranks.len()).filter(|place| ranks[*place].bonus.is_positive()).collect()
}

fn mend(on: &Inspection<'_>, rates: &Rates, finding: Finding, bonuses: bool) -> Finding {
    let room = rates.left(0).max(0) as u64;
    let why = "each rank on the way up is paid a bonus for the same turnover";
    let Some(infinity) = on.plan.sections.infinity.as_ref().filter(|_| rates.highest() > room) else {
        return finding.mend(format!("only without the bonuses it can never happen, for {why}"));
    };
    let shares = infinity.shares.iter().map(|(rank, share)| {
        format!("{{ rank = {rank:?}, share = {:?} }}", percentage(room.min(share.get().into())))
    });
    let list = format!("[{}]", shares.collect::<Vec<_>>().join(", "));
    let also = if bonuses { format!(", and take the bonuses away, for {why}") } else { String::new() };
    finding
        .mend(format!("cut the infinity shares to the {} that are left{also}", percentage(room)))
        .set("infinity.shares", list)
}
