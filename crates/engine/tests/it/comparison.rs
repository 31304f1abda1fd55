//! Two plans side by side: their keys, whether one may follow the other, and who would get more.

use banyan_engine::comparison::{Change, Effect, keys, may_follow};
use banyan_engine::interchange::{Simulation, Step};
use banyan_engine::{AdoptError, Plan};

use crate::table::{plan, plan_text};

fn edited(name: &str, old: &str, new: &str) -> Plan {
    let text = plan_text(name);
    assert!(text.contains(old), "{old}");
    Plan::from_toml(&text.replacen(old, new, 1)).unwrap()
}

fn written(changes: &[Change]) -> Vec<[&str; 3]> {
    changes.iter().map(|change| [change.key.as_str(), &change.written[0], &change.written[1]]).collect()
}

#[test]
fn keys_are_named_with_their_values_as_people_write_them() {
    let (old, new) = (plan("autopool"), plan("autopool-last-four"));
    let changes = keys(&old, &new);
    assert_eq!(
        written(&changes),
        [["name", "autopool", "autopool-last-four"], ["pool.reserve_last", "13", "4"]]
    );
    assert_eq!((changes[1].old.as_u64(), changes[1].new.as_u64()), (Some(13), Some(4)));
    assert_eq!(keys(&old, &old), []);

    let changes = keys(&old, &plan("autopool-second-referral"));
    assert_eq!(
        written(&changes)[1..],
        [
            ["pool.direct", "10%", "0%"],
            ["pool.reserve_last", "13", "12"],
            ["registration.sponsor_seat.direct", "absent", "90%"],
            ["registration.sponsor_seat.on_referral", "absent", "2"],
        ]
    );
}

#[test]
fn amounts_are_compared_as_amounts_and_lists_by_place() {
    let old = plan("rest-empire");
    assert_eq!(keys(&old, &edited("rest-empire", "turnover = \"5000\"", "turnover = \"5000.00\"")), []);
    let dearer = edited("rest-empire", "\"12000000\"\nbonus = \"120000\"", "\"12000000.5\"");
    let changes = keys(&old, &dearer);
    assert_eq!(
        written(&changes),
        [["ranks.rank[12].bonus", "120000", "0"], ["ranks.rank[12].turnover", "12000000", "12000000.5"]]
    );
    assert_eq!(changes[1].new, "1200000050");
    let changes = keys(&old, &edited("rest-empire", "[unilevel]", "[staking]\nyearly = 1200\n\n[unilevel]"));
    assert_eq!(written(&changes), [["staking.yearly", "absent", "12%"]]);
    let shares = "shares = [\"10%\", \"5%\", \"3%\", \"2%\", \"1%\"]";
    let changes = keys(&plan("metax"), &edited("metax", shares, "shares = []"));
    assert_eq!(written(&changes), [["referral.shares", "10%, 5%, 3%, 2%, 1%", "none"]]);
}

#[test]
fn a_plan_may_follow_if_it_keeps_what_participants_rely_on() {
    let old = plan("autopool");
    may_follow(&old, &edited("autopool", "entry = \"20\"", "entry = \"30\"")).unwrap();
    let err = may_follow(&old, &plan("autopool-last-four")).unwrap_err();
    assert!(matches!(err, AdoptError::Shape { key: "pool.reserve_last", .. }), "{err}");
    let err = may_follow(&plan("metax"), &edited("metax", "\"12%\"", "\"10%\"")).unwrap_err();
    assert!(matches!(err, AdoptError::Standing { section: "staking" }), "{err}");
}

fn run(plan: Plan, lines: &[String]) -> Simulation {
    let mut simulation = Simulation::new(plan);
    for line in lines {
        assert!(matches!(simulation.take(line.as_bytes()), Step::Applied(_)), "{line}");
    }
    simulation
}

/// p1 under the company, p2 … p15 under p1.
fn worked_example() -> Vec<String> {
    let line = |n: u32| {
        let sponsor = if n == 1 { "company" } else { "p1" };
        format!(
            r#"{{"id":"e{n}","at":"2026-03-01T09:00:00Z","type":"registered","user":"p{n}","sponsor":"{sponsor}","amount":"20000000000000000000"}}"#
        )
    };
    (1..=15).map(line).collect()
}

/// Hundredths of a BNB.
fn hundredths(amount: banyan_types::Amount) -> i128 {
    assert_eq!(amount.units() % 10_000_000_000_000_000, 0);
    amount.units() / 10_000_000_000_000_000
}

/// The board of p1 brings 18 + 18 + 21.6 = 57.6 and its referrals 28. Under autopool 40 of that buy level 2, of which
/// the company gets all; under the literal last four p1 gets everything. The boards below have no position that either
/// plan reserves but the first eight, so what autopool reserves for p2 … p7 is payable there.
#[test]
fn the_worked_example_under_the_literal_last_four() {
    let lines = worked_example();
    let effect = Effect::of(&run(plan("autopool"), &lines), &run(plan("autopool-last-four"), &lines));
    assert_eq!((effect.gainers, effect.losers, effect.unchanged), (7, 0, 8));
    let found: Vec<(&str, [i128; 5])> = effect
        .accounts
        .iter()
        .map(|account| {
            let (old, new) = (account.compared.old, account.compared.new);
            let amounts = [old.entitlement, new.entitlement, old.reserved, new.reserved];
            let [a, b, c, d] = amounts.map(hundredths);
            (account.user.as_str(), [a, b, c, d, hundredths(account.compared.difference.unwrap())])
        })
        .collect();
    assert_eq!(
        found[..8],
        [
            ("p1", [4560, 8560, 0, 0, 4000]),
            ("p2", [900, 3600, 2700, 0, 2700]),
            ("p3", [900, 3600, 2700, 0, 2700]),
            ("p4", [900, 1800, 900, 0, 900]),
            ("p5", [900, 1800, 900, 0, 900]),
            ("p6", [900, 1800, 900, 0, 900]),
            ("p7", [900, 1800, 900, 0, 900]),
            ("p8", [0, 0, 0, 0, 0]),
        ]
    );
    assert_eq!(found.len(), 15);
    let (old, new) = (effect.participants.old, effect.participants.new);
    assert_eq!(
        [old.entitlement, old.reserved, new.entitlement, new.reserved].map(hundredths),
        [9960, 9000, 22960, 0]
    );
    assert_eq!(hundredths(effect.company.old.entitlement), 11_040);
    assert_eq!(hundredths(effect.company.new.entitlement), 7040);
    assert_eq!(effect.company.difference.map(hundredths), Some(-4000));
}

#[test]
fn the_same_plan_changes_nothing() {
    let lines = worked_example();
    let effect = Effect::of(&run(plan("autopool"), &lines), &run(plan("autopool"), &lines));
    assert_eq!((effect.gainers, effect.losers, effect.unchanged), (0, 0, 15));
    let order: Vec<&str> = effect.accounts.iter().map(|account| account.user.as_str()).collect();
    assert_eq!(order[..3], ["p1", "p2", "p3"]);
}
