//! Trees that show a fault, told in the interchange format and run through the engine: no figure is only claimed.

use banyan_types::Amount;
use serde_json::{Value, json};

use super::finding::{Example, Member, Paid};
use crate::calendar::{DAY, Month};
use crate::interchange::{Simulation, Step, format_at};
use crate::{Plan, Record, RewardKind, UserId};

/// 2026-01-31T12:00:00Z: at the end of a month, so that whoever buys then is active when the month ends.
const START: i64 = 1_769_860_800;

/// One participant: the place of the sponsor in the list, if it is not the company, and what she pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) sponsor: Option<usize>,
    pub(crate) pays: Amount,
}

/// Everybody registers and buys, sponsors first; then time passes until nothing is owed any more for that.
pub(crate) fn purchases(plan: &Plan, nodes: &[Node]) -> Option<Example> {
    let wait = plan.sections.vesting.as_ref().map_or(0, |vesting| vesting.seconds());
    run(plan, nodes, "purchase", Month::of(START).end() + wait + DAY)
}

/// Everybody registers and stakes; then a year of interest is paid.
pub(crate) fn stakes(plan: &Plan, nodes: &[Node]) -> Option<Example> {
    run(plan, nodes, "stake", START + 366 * DAY)
}

/// `None` if the engine refuses an event, such as one beyond the range of amounts.
fn run(plan: &Plan, nodes: &[Node], payment: &'static str, until: i64) -> Option<Example> {
    let events = story(plan, nodes, payment, until)?;
    let mut simulation = Simulation::new(plan.clone());
    let mut paid = [Amount::ZERO; RewardKind::ALL.len()];
    for event in &events {
        let line = event.to_string();
        let Step::Applied(_) = simulation.take(line.as_bytes()) else { return None };
        for record in simulation.records() {
            if let Record::Reward(reward) = record
                && reward.to != UserId::COMPANY
            {
                let sum = &mut paid[reward.kind as usize];
                *sum = sum.checked_add(reward.amount)?;
            }
        }
    }
    let money = simulation.machine().recount();
    let deposits = [money.money_out, money.pending, money.staked];
    let income = deposits.into_iter().try_fold(money.money_in, Amount::checked_sub)?;
    let payout = money.payable.checked_add(money.reserved)?;
    let members = nodes.iter().enumerate().map(|(place, node)| member(place, node)).collect();
    let rewards = RewardKind::ALL.into_iter().zip(paid).filter(|(_, amount)| amount.is_positive());
    let rewards = rewards.map(|(kind, amount)| Paid { kind: kind.name(), amount }).collect();
    Some(Example { members, payment, income, payout, rewards, events })
}

fn story(plan: &Plan, nodes: &[Node], payment: &str, until: i64) -> Option<Vec<Value>> {
    let (start, until) = (format_at(START)?, format_at(until)?);
    let members: Vec<Member> = nodes.iter().enumerate().map(|(place, node)| member(place, node)).collect();
    let mut events = Vec::new();
    for Member { user, sponsor, .. } in &members {
        let mut event = json!({
            "id": format!("r{}", &user[1..]), "at": start, "type": "registered", "user": user, "sponsor": sponsor,
        });
        if let Some(entry) = plan.entry() {
            event["amount"] = json!(entry);
        }
        events.push(event);
    }
    for Member { user, pays, .. } in members.iter().filter(|member| member.pays.is_positive()) {
        let id = format!("b{}", &user[1..]);
        events.push(json!({ "id": id, "at": start, "type": payment, "user": user, "amount": pays }));
    }
    events.push(json!({ "id": "end", "at": until, "type": "tick" }));
    Some(events)
}

fn member(place: usize, node: &Node) -> Member {
    let name = |place: usize| format!("p{}", place + 1);
    let sponsor = node.sponsor.map_or_else(|| COMPANY.to_owned(), name);
    Member { user: name(place), sponsor, pays: node.pays }
}

/// The root above all, as the interchange format calls it.
const COMPANY: &str = "company";
