//! Plan files: what is refused, what a hash depends on, and how one plan follows another.

use banyan_engine::{AdoptError, Event, EventBody, Machine, Plan, PlanError, UserId};

use crate::table::{plan, plan_text};

/// The core plan with one text in the place of another.
fn edited(old: &str, new: &str) -> Result<Plan, PlanError> {
    let text = plan_text("autopool");
    assert!(text.contains(old), "{old}");
    Plan::from_toml(&text.replacen(old, new, 1))
}

#[test]
fn the_shipped_plans_keep_their_hashes() {
    for (name, hash) in [
        ("autopool", "0x8b085810b7454a7c5a0c127113c734405e109b5a40b3f54ce492646c966a8a84"),
        ("autopool-last-four", "0x564a3b68bf40c54aef8e9b768e77990d36510218988c1a5cf0a2331de932ea06"),
        ("autopool-second-referral", "0xb5293262faa35bf5abbfeef51121f670d272cbe53123a000c76257f66efe20a4"),
        ("variants/autopool-small", "0x36a753e40b1ebe71979dc87717985cf9959c66b9d3bf4a964016f00f9d86fc61"),
    ] {
        assert_eq!(plan(name).hash().to_string(), hash, "{name}");
        assert!(name.ends_with(plan(name).name()));
    }
}

#[test]
fn the_canonical_form_fills_in_defaults_and_has_smallest_units() {
    assert_eq!(
        plan("autopool").canonical_json(),
        concat!(
            r#"{"currency":{"decimals":18,"symbol":"BNB"},"name":"autopool","pool":{"capacity":null,"direct":1000,"#,
            r#""growth":2,"levels":10,"reserve_last":13,"shares":[5000,2500,1500],"trees":15},"#,
            r#""programme":"autopool","registration":{"entry":"20000000000000000000","sponsor_seat":null},"#,
            r#""retopup":{"amount":"40000000000000000000","ineligible":"company","pot":9000,"#,
            r#""shares":[3000,1500,1000,500,500,500,500,500,1000,1000]},"semantics":1}"#,
        )
    );
}

#[test]
fn the_hash_is_that_of_the_meaning_not_of_the_text() {
    let hash = plan("autopool").hash();
    assert_eq!(edited("entry = \"20\"", "entry = \"20.000\" # the same").unwrap().hash(), hash);
    assert_eq!(edited("ineligible = \"company\"", "").unwrap().hash(), hash);
    assert_ne!(edited("entry = \"20\"", "entry = \"20.000000000000000001\"").unwrap().hash(), hash);
    assert_ne!(edited("ineligible = \"company\"", "ineligible = \"compress\"").unwrap().hash(), hash);
    assert_ne!(edited("# capacity = 31", "capacity = 31").unwrap().hash(), hash);
}

#[test]
fn a_file_that_makes_no_plan_is_refused_by_its_key() {
    for (old, new, said) in [
        ("trees = 15", "tress = 15", "unknown key `tress`; the nearest known key is `trees`"),
        ("levels = 10", "", "missing field `levels`"),
        ("semantics = 1", "semantics = 2", "`semantics`: expected 1, got 2"),
        ("programme = \"autopool\"", "programme = \"lottery\"", "lottery"),
        ("name = \"autopool\"", "name = \"\"", "`name`"),
        ("decimals = 18", "decimals = 31", "`currency.decimals`"),
        ("entry = \"20\"", "entry = \"20.0000000000000000001\"", "`registration.entry`"),
        ("entry = \"20\"", "entry = \"-20\"", "`registration.entry`: expected an amount above 0"),
        ("entry = \"20\"", "entry = 20", "invalid type"),
        ("amount = \"40\"", "amount = \"0\"", "`retopup.amount`"),
        ("direct = \"10%\"", "direct = \"10\"", "`pool.direct`"),
        ("direct = \"10%\"", "direct = \"100%\"", "`pool.direct`: expected less than 100%"),
        (
            "\"50%\", \"25%\"",
            "\"50%\", \"35.01%\"",
            "`pool.shares`: expected shares of at most 100% together, got 100.01%",
        ),
        ("[\"50%\", \"25%\", \"15%\"]", "[]", "`pool.shares"),
        ("\"25%\", \"15%\"]", "\"25%\", \"15%\", \"5%\"]", "`pool.shares"),
        ("reserve_last = 13", "reserve_last = 15", "`pool.reserve_last`: expected 0 to 14"),
        ("levels = 10", "levels = 0", "`pool.levels`"),
        ("levels = 10", "levels = 64", "`pool.levels`: the ticket of level"),
        ("growth = 2", "growth = 0", "`pool.growth`"),
        ("trees = 15", "trees = 0", "`pool.trees`"),
        ("# capacity = 31", "capacity = 0", "`pool.capacity`"),
        ("pot = \"90%\"", "pot = \"100.01%\"", "`retopup.pot`"),
        ("[\"30%\",", "[\"60%\",", "`retopup.shares`"),
        ("ineligible = \"company\"", "ineligible = \"nobody\"", "nobody"),
        (
            "[pool]",
            "[registration.sponsor_seat]\non_referral = 0\ndirect = \"90%\"\n[pool]",
            "on_referral`: expected at least 1",
        ),
    ] {
        let err = edited(old, new).expect_err(new).to_string();
        assert!(err.contains(said), "{new}: {err}");
    }
}

#[test]
fn a_new_plan_judges_what_comes_after_it() {
    let mut machine = Machine::new(plan("autopool"));
    let entry = machine.plan().entry();
    let register = |user, amount| Event {
        at: 0,
        body: EventBody::Registered { user: UserId(user), sponsor: UserId::COMPANY, amount: Some(amount) },
    };
    for user in 1..=14 {
        machine.apply(&register(user, entry)).unwrap();
    }
    machine.adopt(edited("entry = \"20\"", "entry = \"30\"").unwrap()).unwrap();
    assert!(machine.apply(&register(15, entry)).is_err());
    let before = machine.clone();
    assert!(matches!(
        machine.adopt(plan("autopool-last-four")),
        Err(AdoptError::Shape { key: "pool.reserve_last", .. })
    ));
    assert!(machine == before);
    let thirty = machine.plan().entry();
    machine.apply(&register(15, thirty)).unwrap();
    // 45.9 from the seats bought at 18 and 4.05 from the last, bought at 27; the next ticket is 60 now.
    let released = 49_950_000_000_000_000_000;
    assert_eq!(machine.balances(UserId(1)).payable.units(), 9_000_000_000_000_000_000 + released);
    assert_eq!(machine.next_seat(2).unwrap().index, 1);
}

#[test]
fn the_shape_of_the_trees_stays_once_somebody_is_seated() {
    let two_layers = "[\"50%\", \"25%\"]\nreserve_last = 6\n";
    let text = plan_text("autopool").replace("reserve_last = 13\n", "");
    for (old, new, key) in [
        ("levels = 10", "levels = 9\nreserve_last = 13", "pool.levels"),
        ("[\"50%\", \"25%\", \"15%\"]\n", two_layers, "pool.shares (their number)"),
        ("trees = 15", "trees = 16\nreserve_last = 13", "pool.trees"),
        ("# capacity = 31", "capacity = 31\nreserve_last = 13", "pool.capacity"),
        ("trees = 15", "trees = 15\nreserve_last = 12", "pool.reserve_last"),
        ("growth = 2", "growth = 3\nreserve_last = 13", "pool.growth"),
    ] {
        let next = Plan::from_toml(&text.replacen(old, new, 1)).expect(key);
        let mut machine = Machine::new(plan("autopool"));
        machine.adopt(next.clone()).expect("nobody is seated");
        machine.adopt(plan("autopool")).expect("nobody is seated");
        let amount = Some(machine.plan().entry());
        let body = EventBody::Registered { user: UserId(1), sponsor: UserId::COMPANY, amount };
        machine.apply(&Event { at: 0, body }).unwrap();
        let err = machine.adopt(next).unwrap_err();
        assert!(matches!(&err, AdoptError::Shape { key: found, .. } if *found == key), "{err}");
    }
}

#[test]
fn neither_the_currency_nor_an_ended_programme_takes_a_new_plan() {
    let mut machine = Machine::new(plan("autopool"));
    let euro = edited("symbol = \"BNB\"", "symbol = \"EUR\"").unwrap();
    assert!(matches!(machine.adopt(euro), Err(AdoptError::Currency { .. })));
    machine.apply(&Event { at: 0, body: EventBody::WindUp }).unwrap();
    assert_eq!(machine.adopt(plan("autopool")), Err(AdoptError::WoundUp));
}
