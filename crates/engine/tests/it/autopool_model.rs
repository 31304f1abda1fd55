//! The autopool family, shipped and random, against the independent model.

use banyan_engine::Plan;
use banyan_engine::interchange::Simulation;
use banyan_engine::random::Numbers;
use serde_json::Value;

use crate::hostile::Hostile;
use crate::oracle::{Oracle, Rules};
use crate::shipped::take;
use crate::table::plan;

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
