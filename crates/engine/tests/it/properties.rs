//! What must hold for every history under every plan that ships.

use std::collections::BTreeMap;

use banyan_engine::interchange::{Simulation, Step};
use banyan_engine::random::random_autopool;
use banyan_engine::{Conservation, Plan, Record, RewardState, UserId};
use banyan_types::{Amount, keccak256};
use serde_json::Value;

use crate::hostile::Hostile;
use crate::shipped::{PLANS, history, take};
use crate::table::{check_plan, plan};

/// Balances as they follow from records alone.
#[derive(Default)]
struct Ledger {
    payable: BTreeMap<UserId, i128>,
    reserved: BTreeMap<UserId, i128>,
}

impl Ledger {
    /// Posts records and returns how much money they moved in.
    fn post(&mut self, records: &[Record]) -> i128 {
        let mut sum = 0;
        for record in records {
            if let Some((user, amount)) = record.entitlement() {
                *self.payable.entry(user).or_default() += amount.units();
                sum += amount.units();
            }
            match record {
                Record::Reward(reward) if reward.state == RewardState::Reserved => {
                    *self.reserved.entry(reward.to).or_default() += reward.amount.units();
                    sum += reward.amount.units();
                }
                Record::Reserve(reserve) => {
                    let whole = reserve.spent.units() + reserve.released.units();
                    let reserved = self.reserved.get_mut(&reserve.user).unwrap();
                    *reserved -= whole;
                    assert!(*reserved >= 0, "more came out of a reserve than went in");
                    sum -= whole;
                }
                Record::Reward(_)
                | Record::Seat(_)
                | Record::Completed(_)
                | Record::Vested { .. }
                | Record::Rank { .. }
                | Record::Order(_) => {}
            }
        }
        sum
    }
}

fn money_in(simulation: &Simulation) -> i128 {
    simulation.machine().conservation().money_in.units()
}

/// 100,000 hostile lines under a plan; every event's records account for exactly the money that it brought.
fn run_hostile(plan: Plan, seed: u64, n: usize) -> String {
    let mut hostile = Hostile::new(&plan, seed, 0);
    let mut simulation = Simulation::lenient(plan);
    let mut ledger = Ledger::default();
    let mut all = String::new();
    for number in 1..=n {
        let line = hostile.next_line(&simulation);
        let before = money_in(&simulation);
        if let Some(text) = take(&mut simulation, &line) {
            let moved = ledger.post(simulation.records());
            assert_eq!(moved, money_in(&simulation) - before, "{line}");
            all += &text;
        } else {
            assert_eq!(money_in(&simulation), before, "{line}");
        }
        assert!(simulation.machine().conservation().holds(), "{line}");
        if number % 5_000 == 0 || number == n {
            assert_eq!(simulation.machine().recount(), simulation.machine().conservation());
        }
    }
    for (user, payable) in &ledger.payable {
        let balances = simulation.machine().balances(*user);
        let reserved = ledger.reserved.get(user).copied().unwrap_or(0);
        assert_eq!((balances.payable.units(), balances.reserved.units()), (*payable, reserved));
        assert!(*payable >= 0);
    }
    all
}

#[test]
fn money_is_conserved_and_runs_repeat_over_100_000_hostile_events() {
    let first = run_hostile(plan("autopool"), 7, 100_000);
    let second = run_hostile(plan("autopool"), 7, 100_000);
    assert!(first == second, "the same events gave other bytes");
    assert!(first.contains("REFUSED") && first.contains(r#""level":4,"#));
}

#[test]
fn the_records_of_semantics_1_are_golden() {
    let mut all = String::new();
    let mut simulation = Simulation::new(plan("autopool"));
    for line in random_autopool(&plan("autopool"), 1, 5_000).lines() {
        let text = take(&mut simulation, line).expect("the random history is one that the plan takes");
        let mut records: Vec<&str> = text.lines().collect();
        records.sort_unstable();
        all += &records.concat();
    }
    let digest = keccak256(&all).to_string();
    assert_eq!(digest, "0x4456d992c53a5cb268c1c7dd52dd611fb55365388ac004424af16888cad154c3");
}

/// What every line of a lenient run printed.
fn run(name: &str, lines: &[String]) -> Vec<Option<String>> {
    let mut simulation = Simulation::lenient(plan(name));
    lines.iter().map(|line| take(&mut simulation, line)).collect()
}

/// No history has more people.
const PEOPLE: u32 = 300;

/// The payable balances of everybody, by id.
fn payable(simulation: &Simulation) -> Vec<i128> {
    let balance = |id| simulation.machine().balances(UserId(id)).payable.units();
    let found: Vec<i128> = (0..PEOPLE).map(balance).collect();
    assert_eq!(found[1..].iter().sum::<i128>(), simulation.machine().conservation().payable.units());
    found
}

#[test]
fn every_event_conserves_the_money_and_takes_nothing_back() {
    for name in PLANS {
        for seed in 1..=4 {
            let mut simulation = Simulation::lenient(plan(name));
            let mut ledger = Ledger::default();
            let mut before = payable(&simulation);
            for line in history(name, seed, 250) {
                if take(&mut simulation, &line).is_some() {
                    ledger.post(simulation.records());
                }
                let sums = simulation.machine().conservation();
                assert!(sums.holds(), "{name}: {line}");
                assert_eq!(simulation.machine().recount(), sums, "{name}: {line}");
                let after = payable(&simulation);
                let fell = before.iter().zip(&after).skip(1).any(|(before, after)| after < before);
                assert!(!fell && after[1..].iter().all(|units| *units >= 0), "{name}: {line}");
                let posted = |user: usize| ledger.payable.get(&UserId(user as u32)).copied().unwrap_or(0);
                assert!((1..after.len()).all(|user| posted(user) == after[user]), "{name}: {line}");
                before = after;
            }
            assert!(
                simulation.machine().conservation().payable.is_positive(),
                "{name}: nobody earned anything"
            );
        }
    }
}

#[test]
fn sums_that_do_not_agree_do_not_hold() {
    let units = |units| Amount::from_units(units).unwrap();
    let right = Conservation {
        money_in: units(100),
        money_out: units(10),
        payable: units(50),
        reserved: units(20),
        pending: units(15),
        staked: units(30),
        company: units(-25),
    };
    assert!(right.holds());
    assert!(!Conservation { company: units(-24), ..right }.holds());
    assert!(!Conservation { money_out: units(9), ..right }.holds());
    let low = units(1 - Amount::LIMIT);
    let beyond = Conservation { money_in: low, money_out: Amount::MAX, payable: low, reserved: low, ..right };
    assert!(!beyond.holds(), "two sums beyond the range are not equal");
}

#[test]
fn the_same_events_give_the_same_bytes() {
    for name in PLANS {
        let lines = history(name, 21, 1_000);
        assert_eq!(history(name, 21, 1_000), lines);
        assert!(run(name, &lines) == run(name, &lines), "{name}");
    }
}

#[test]
fn a_history_does_not_depend_on_what_comes_later() {
    for name in PLANS {
        let (one, other) = (history(name, 3, 900), history(name, 4, 900));
        let whole = run(name, &one);
        for length in [0, 1, 100, 299, 700] {
            assert!(run(name, &one[..length]) == whole[..length], "{name}");
            let mixed = [&one[..length], &other[length..]].concat();
            assert!(run(name, &mixed)[..length] == whole[..length], "{name}: another future");
        }
    }
}

/// The line with other names for users, in another order, of another length and with every sort of letter.
fn renamed(line: &str) -> String {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
    for key in ["user", "sponsor"] {
        match fields.get_mut(key) {
            Some(Value::String(name)) if name != "company" => {
                let backwards: String = name.chars().rev().collect();
                *name = format!("{backwards}\u{1F333}é\"\\{}", "x".repeat(name.len() % 5));
            }
            _ => {}
        }
    }
    Value::Object(fields).to_string()
}

#[test]
fn names_of_users_do_not_matter() {
    for name in PLANS {
        let (mut plain, mut other) = (Simulation::lenient(plan(name)), Simulation::lenient(plan(name)));
        for line in history(name, 5, 800) {
            let (ours, theirs) = (take(&mut plain, &line), take(&mut other, &renamed(&line)));
            assert_eq!(ours.is_some(), theirs.is_some(), "{name}: {line}");
            assert_eq!(plain.records(), other.records(), "{name}: {line}");
        }
        assert!(plain.machine() == other.machine(), "{name}");
        assert!(plain.texts().users.name(UserId(1)) != other.texts().users.name(UserId(1)));
    }
}

/// Purchases of a history that were refunded, with the places of purchase and refund. Left out are first purchases
/// whose buyer buys again: they are her earliest ever, also when refunded, so without them another would be.
fn refunds(lines: &[String]) -> Vec<(usize, usize)> {
    let mut simulation = Simulation::lenient(plan("rest-empire"));
    let (mut bought, mut buyers) = (BTreeMap::new(), BTreeMap::<String, Vec<usize>>::new());
    let mut refunded = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let Step::Applied(id) = simulation.take(line.as_bytes()) else { continue };
        let fields: Value = serde_json::from_str(line).unwrap();
        match fields["type"].as_str().unwrap() {
            "purchase" => {
                let user = fields["user"].as_str().unwrap().to_owned();
                buyers.entry(user.clone()).or_default().push(place);
                bought.insert(id.into_owned(), (place, user));
            }
            "refund" => {
                let (purchase, user) = bought[fields["purchase"].as_str().unwrap()].clone();
                refunded.push((purchase, place, user));
            }
            _ => {}
        }
    }
    let is_first_of_several = |place: usize, user: &str| buyers[user].len() > 1 && buyers[user][0] == place;
    refunded.retain(|(purchase, _, user)| !is_first_of_several(*purchase, user));
    refunded.into_iter().map(|(purchase, refund, _)| (purchase, refund)).collect()
}

/// Lets only time pass where these events were, under their ids.
fn without(lines: &[String], places: impl IntoIterator<Item = usize>) -> Vec<String> {
    let mut lines = lines.to_vec();
    for place in places {
        let fields: Value = serde_json::from_str(&lines[place]).unwrap();
        lines[place] =
            serde_json::json!({ "id": fields["id"], "at": fields["at"], "type": "tick" }).to_string();
    }
    lines
}

/// All records are the same, byte for byte and event for event, as if only time had passed when the purchase and its
/// refund came, unless it was the buyer's earliest ever and she buys again.
#[test]
fn a_refunded_purchase_leaves_no_trace_in_any_record() {
    let mut compared = 0;
    for name in ["rest-empire", "variants/rest-empire-none", "variants/rest-empire-roll-up"] {
        for seed in 1..=3 {
            let lines = history(name, seed, 700);
            let refunds = refunds(&lines);
            let whole = run(name, &lines);
            for (purchase, refund) in &refunds {
                let other = run(name, &without(&lines, [*purchase, *refund]));
                assert!(other == whole, "{name}, seed {seed}: lines {purchase} and {refund}");
            }
            let all = without(&lines, refunds.iter().flat_map(|(purchase, refund)| [*purchase, *refund]));
            assert!(run(name, &all) == whole, "{name}, seed {seed}: all of them");
            compared += refunds.len();
        }
    }
    assert!(compared > 100, "{compared} refunds are few");
}

/// The exception: a first purchase stays the first, so a later one makes the sponsor active no more.
#[test]
fn a_refunded_first_purchase_is_still_the_first() {
    let registered = "at 2026-01-01T00:00:00Z
        register top under company
        register mid under top
        register low under mid";
    let later = "at 2026-01-20T00:00:00Z
        purchase low 1000
        at 2026-03-01T00:00:00Z
        tick";
    check_plan("rest-empire", &format!("{registered}\n{later}"), "count UNILEVEL 1\ntotal UNILEVEL 400");
    let refunded = "first = purchase low 10\nrefund first";
    let events = format!("{registered}\n{refunded}\n{later}");
    check_plan("rest-empire", &events, "count UNILEVEL 0\ntotal RETAINED 1000");
}

#[test]
fn the_random_history_depends_on_its_seed_alone() {
    let plan = plan("autopool");
    assert_eq!(random_autopool(&plan, 1, 200), random_autopool(&plan, 1, 200));
    assert_ne!(random_autopool(&plan, 1, 200), random_autopool(&plan, 2, 200));
    let amount = plan.entry().unwrap();
    assert!(random_autopool(&plan, 1, 1).contains(&amount.to_string()));
}
