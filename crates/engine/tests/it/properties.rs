//! What must hold for every history: conservation, determinism, agreement with the independent model.

use std::collections::BTreeMap;

use banyan_engine::interchange::{Reason, Simulation, Step, print};
use banyan_engine::random::{Numbers, random_autopool};
use banyan_engine::{Plan, Record, RewardState, UserId};
use banyan_types::keccak256;
use serde_json::Value;

use crate::hostile::Hostile;
use crate::oracle::{Oracle, Rules};
use crate::table::plan;

/// The records of the simulation's last event, as printed.
fn printed(simulation: &Simulation, id: &str) -> String {
    let mut text = String::new();
    for record in simulation.records() {
        print::json(&mut text, id, record, &simulation.texts());
        text.push('\n');
    }
    text
}

/// Takes a line; what it printed, if it was not refused.
fn take(simulation: &mut Simulation, line: &str) -> Option<String> {
    match simulation.take(line.as_bytes()) {
        Step::Applied(id) | Step::Returned(id, _) => Some(printed(simulation, &id)),
        Step::Refused(_, Reason::Plan(_) | Reason::DuplicateId) => None,
        Step::Blank | Step::Refused(..) => panic!("the generator writes well-formed events: {line}"),
    }
}

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
fn money_is_conserved_under_every_shipped_plan() {
    for name in ["variants/autopool-small", "autopool-last-four", "autopool-second-referral"] {
        run_hostile(plan(name), 11, 10_000);
    }
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

#[test]
fn a_history_does_not_depend_on_what_comes_later() {
    let run = |n| {
        let mut hostile = Hostile::new(&plan("variants/autopool-small"), 3, 0);
        let mut simulation = Simulation::lenient(plan("variants/autopool-small"));
        let mut events = Vec::new();
        for _ in 0..n {
            let line = hostile.next_line(&simulation);
            events.push(take(&mut simulation, &line));
        }
        events
    };
    let (short, long) = (run(300), run(900));
    assert_eq!(short, long[..300]);
}

#[test]
fn names_of_users_do_not_matter() {
    let text = random_autopool(&plan("autopool"), 5, 2_000);
    // p12 becomes q21: the order of names is another, and so is every hash.
    let rename = |word: &str| {
        let number: String = word[1..].chars().rev().collect();
        format!("q{number}x\\u00e9\\\"")
    };
    let mut renamed = String::new();
    for (position, part) in text.split('"').enumerate() {
        let is_name =
            part.len() > 1 && part.starts_with('p') && part[1..].bytes().all(|b| b.is_ascii_digit());
        renamed += if position > 0 { "\"" } else { "" };
        renamed += &if is_name { rename(part) } else { part.to_owned() };
    }
    let (mut plain, mut other) = (Simulation::new(plan("autopool")), Simulation::new(plan("autopool")));
    for (line, renamed) in text.lines().zip(renamed.lines()) {
        assert!(take(&mut plain, line).is_some());
        assert!(take(&mut other, renamed).is_some(), "{renamed}");
        assert_eq!(plain.records(), other.records());
    }
    assert!(other.users().find("q21xé\"").is_some());
}

/// The core plan, as `plans.md` gives it.
fn core_rules() -> Rules {
    let bnb = 10i128.pow(18);
    Rules {
        entry: 20 * bnb,
        sponsor_seat: None,
        levels: 10,
        growth: 2,
        direct: 1000,
        shares: vec![5000, 2500, 1500],
        reserve_last: 13,
        trees: 15,
        capacity: None,
        retopup: 40 * bnb,
        pot: 9000,
        level_shares: vec![3000, 1500, 1000, 500, 500, 500, 500, 500, 1000, 1000],
        compress: false,
    }
}

fn shipped() -> [(&'static str, Rules); 4] {
    let core = core_rules();
    [
        ("autopool", core.clone()),
        ("autopool-last-four", Rules { reserve_last: 4, ..core.clone() }),
        (
            "autopool-second-referral",
            Rules { sponsor_seat: Some((2, 9000)), direct: 0, reserve_last: 12, ..core.clone() },
        ),
        (
            "variants/autopool-small",
            Rules { levels: 2, capacity: Some(31), trees: 3, compress: true, ..core },
        ),
    ]
}

/// Feeds both with the same hostile lines and compares each event's records as a multiset.
fn compare(plan: Plan, rules: &Rules, lenient: bool, (seed, n): (u64, usize)) -> String {
    let mut all = String::new();
    let mut hostile = Hostile::new(&plan, seed, 400);
    let mut oracle = Oracle::new(rules.clone(), lenient);
    let mut simulation = if lenient { Simulation::lenient(plan) } else { Simulation::new(plan) };
    for _ in 0..n {
        let line = hostile.next_line(&simulation);
        let before = simulation.machine().clone();
        let ours = take(&mut simulation, &line);
        let expected = oracle.take(&serde_json::from_str(&line).unwrap());
        if ours.is_none() {
            assert!(*simulation.machine() == before, "a refused event changed the state: {line}");
        }
        all += ours.as_deref().unwrap_or_default();
        let ours =
            ours.map(|text| multiset(text.lines().map(|record| serde_json::from_str(record).unwrap())));
        let expected = expected.map(|records| multiset(records.into_iter()));
        assert_eq!(ours, expected, "seed {seed}, {rules:?}\n{line}");
    }
    all
}

/// Whether the runs came to the rare cases: a comparison that never meets them proves nothing.
fn assert_rare_cases(all: &str) {
    let spent = |level: &str| {
        let at_level = |line: &str| line.contains(level) && line.contains(r#""record":"reserve""#);
        all.lines().any(|line| at_level(line) && !line.contains(r#""spent":"0""#))
    };
    assert!(spent(r#""level":1,"#), "no reserve bought a seat");
    assert!(spent(r#""level":2,"#), "no reserve of the second level bought a seat");
    for kind in ["SEAT_REFUND", "REFUSED", "POOL_L3", "LEVEL", "GRANT"] {
        assert!(all.contains(&format!(r#""kind":"{kind}""#)), "no {kind}");
    }
}

fn multiset(records: impl Iterator<Item = Value>) -> Vec<String> {
    let without_event = |mut record: Value| {
        record.as_object_mut().unwrap().remove("event");
        record.to_string()
    };
    let mut records: Vec<String> = records.map(without_event).collect();
    records.sort();
    records
}

#[test]
fn the_shipped_plans_agree_with_the_independent_model() {
    for (name, rules) in shipped() {
        let run = |seed| compare(plan(name), &rules, seed % 2 == 0, (seed, 500));
        let all: String = (0..12).map(run).collect();
        assert!(all.contains(r#""record":"completed""#), "{name}: no board completed");
    }
}

/// Small numbers, so that flooring bites, trees fill and boards complete at several levels.
fn random_rules(numbers: &mut Numbers) -> Rules {
    let mut upto = |limit: u64| numbers.below(limit + 1) as i128;
    let layers = 1 + upto(2);
    let mut left = 10_000;
    let shares: Vec<i128> = (0..layers)
        .map(|_| {
            let share = left - upto(left as u64 / 2);
            left -= share;
            share
        })
        .collect();
    let mut left = 10_000;
    let level_shares = (0..upto(6))
        .map(|_| {
            let share = upto(left as u64 / 2);
            left -= share;
            share
        })
        .collect();
    let capacity = 3 + if upto(1) == 0 { upto(5) } else { upto(40) };
    Rules {
        entry: 1 + upto(300),
        sponsor_seat: (upto(3) == 0).then(|| (1 + upto(2) as usize, upto(10_000))),
        levels: 1 + upto(3) as u32,
        growth: 1 + upto(3) / 3,
        direct: upto(1) * upto(3000),
        reserve_last: if upto(1) == 0 { (2 << layers) - 2 } else { upto((2 << layers) - 2) },
        trees: 1 + (upto(1) * upto(3)) as u32,
        capacity: (upto(3) > 0).then_some(capacity as u128),
        retopup: 1 + upto(500),
        pot: upto(10_000),
        compress: upto(1) == 0,
        shares,
        level_shares,
    }
}

/// A plan file with these numbers.
fn toml(rules: &Rules) -> String {
    let percent = |points: i128| format!("\"{}.{:02}%\"", points / 100, points % 100);
    let list = |shares: &[i128]| shares.iter().map(|points| percent(*points)).collect::<Vec<_>>().join(", ");
    let seat = rules.sponsor_seat.map_or(String::new(), |(k, direct)| {
        format!("[registration.sponsor_seat]\non_referral = {k}\ndirect = {}\n", percent(direct))
    });
    let capacity = rules.capacity.map_or(String::new(), |seats| format!("capacity = {seats}\n"));
    let ineligible = if rules.compress { "compress" } else { "company" };
    format!(
        "semantics = 1\nname = \"random\"\n\
         [currency]\nsymbol = \"X\"\ndecimals = 0\n\
         [registration]\nentry = \"{}\"\n{seat}\
         [pool]\nlevels = {}\ngrowth = {}\ndirect = {}\nshares = [{}]\nreserve_last = {}\ntrees = {}\n{capacity}\
         [retopup]\namount = \"{}\"\npot = {}\nshares = [{}]\nineligible = \"{ineligible}\"\n",
        rules.entry,
        rules.levels,
        rules.growth,
        percent(rules.direct),
        list(&rules.shares),
        rules.reserve_last,
        rules.trees,
        rules.retopup,
        percent(rules.pot),
        list(&rules.level_shares),
    )
}

#[test]
fn random_plans_agree_with_the_independent_model() {
    let mut numbers = Numbers::new(99);
    let mut all = String::new();
    for seed in 0..300 {
        let rules = random_rules(&mut numbers);
        let plan = Plan::from_toml(&toml(&rules)).unwrap_or_else(|err| panic!("{err}\n{}", toml(&rules)));
        all += &compare(plan, &rules, seed % 3 > 0, (seed, 250));
    }
    assert_rare_cases(&all);
}

#[test]
fn a_reserve_that_meets_full_trees_agrees_with_the_independent_model() {
    let rules = Rules {
        entry: 100,
        sponsor_seat: Some((3, 5000)),
        levels: 2,
        growth: 1,
        direct: 500,
        shares: vec![9000],
        reserve_last: 2,
        trees: 1,
        capacity: Some(9),
        ..core_rules()
    };
    let run = |seed| compare(Plan::from_toml(&toml(&rules)).unwrap(), &rules, true, (seed, 300));
    let all: String = (0..20).map(run).collect();
    let late = |line: &str| line.contains("SEAT_REFUND") && line.contains(r#""level":2}"#);
    assert!(all.lines().any(late), "no reserve met full trees");
}

#[test]
fn the_random_history_depends_on_its_seed_alone() {
    let plan = plan("autopool");
    assert_eq!(random_autopool(&plan, 1, 200), random_autopool(&plan, 1, 200));
    assert_ne!(random_autopool(&plan, 1, 200), random_autopool(&plan, 2, 200));
    let amount = plan.entry().unwrap();
    assert!(random_autopool(&plan, 1, 1).contains(&amount.to_string()));
}
