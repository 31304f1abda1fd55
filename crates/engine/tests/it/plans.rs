//! Plan files: what is refused, what a hash depends on, and how one plan follows another.

use banyan_engine::{AdoptError, Event, EventBody, EventId, Machine, Plan, PlanError, UserId};

use crate::table::{plan, plan_text};

/// The core plan with one text in the place of another.
fn edited(old: &str, new: &str) -> Result<Plan, PlanError> {
    let text = plan_text("autopool");
    assert!(text.contains(old), "{old}");
    Plan::from_toml(&text.replacen(old, new, 1))
}

#[test]
fn the_shipped_plans_keep_their_hashes() {
    let hashes = [
        ("autopool", "0xdc564ff7ec788e2c46c46143da9c4423aa8623d3716e022476c5c561162dd51c"),
        ("autopool-last-four", "0x20296033d5ca83ad4be6fcee567cef42b728f66f6ce69ba829fb0284ef78e4de"),
        ("autopool-second-referral", "0x21d4e7cbdfc40409a99cc3709f59553d43cfe4140e304cba35720f8fd991c314"),
        ("metax", "0xd2807cbcec846096bdac7a2875e632bcf6f38dc81c24e4d3d215c3454bca5ade"),
        ("rest-empire", "0xe12b09ec0c1bbda1c620703f49af62adec591b66a591635e2f21c7a8abcd196a"),
        ("smm-panel", "0x6d29f5b86664bc0415099533588ad577bec01fcb47e16230b0ff7d0fc7e475de"),
        ("variants/autopool-small", "0xafa6ed8da85b68156c91f44052af6f3942c48438efa2da7b78f19b1be55664eb"),
        ("variants/rest-empire-none", "0x2eb26abc01974601d8c1b08c9c14bdbc632450ccf3173857a693ac70f0217072"),
        (
            "variants/rest-empire-roll-up",
            "0x5583817fa67b87a1759dd611f597c10ea25d9751df68b30270066db9053a9443",
        ),
    ];
    let found = hashes.map(|(name, _)| (name, plan(name).hash().to_string()));
    assert_eq!(found.each_ref().map(|(name, hash)| (*name, hash.as_str())), hashes);
    assert!(hashes.iter().all(|(name, _)| name.ends_with(plan(name).name())));
}

#[test]
fn the_canonical_form_fills_in_defaults_and_has_smallest_units() {
    assert_eq!(
        plan("autopool").canonical_json(),
        concat!(
            r#"{"activity":null,"currency":{"decimals":18,"symbol":"BNB"},"infinity":null,"name":"autopool","#,
            r#""orders":null,"pool":{"capacity":null,"direct":1000,"growth":2,"levels":10,"reserve_last":13,"shares":[5000,2500,1500],"trees":15},"#,
            r#""ranks":null,"referral":null,"registration":{"entry":"20000000000000000000","sponsor_seat":null},"#,
            r#""retopup":{"amount":"40000000000000000000","ineligible":"company","pot":9000,"#,
            r#""shares":[3000,1500,1000,500,500,500,500,500,1000,1000]},"semantics":1,"staking":null,"#,
            r#""tiers":null,"unilevel":null,"vesting":null}"#,
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
        ("semantics = 1", "semantics = 2", "`semantics`: expected 1 to 1, got 2"),
        ("semantics = 1", "semantics = 1\nprogramme = \"lottery\"", "unknown key `programme`"),
        ("name = \"autopool\"", "name = \"\"", "`name`"),
        (
            "decimals = 18",
            "decimals = 19",
            "`currency.decimals`: expected 0 to 18, got 19: no finer unit is stored",
        ),
        ("entry = \"20\"", "entry = \"20.0000000000000000001\"", "`registration.entry`"),
        ("entry = \"20\"", "entry = \"-20\"", "`registration.entry`: expected an amount above 0"),
        ("entry = \"20\"", "entry = 20", "expected an amount as a decimal text in quotes"),
        ("direct = \"10%\"", "direct = 0.1", "expected a percentage in quotes"),
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
            "on_referral`: expected 1 to",
        ),
    ] {
        let err = edited(old, new).expect_err(new).to_string();
        assert!(err.contains(said), "{new}: {err}");
    }
}

#[test]
fn ranks_that_make_no_ladder_are_refused_by_their_key() {
    let text = plan_text("rest-empire");
    for (old, new, said) in [
        ("turnover = \"0\"", "turnover = \"1\"", "`ranks.rank.turnover`: expected 0 for Amber"),
        (
            "turnover = \"0\"",
            "turnover = \"0\"\nbonus = \"1\"",
            "`ranks.rank.bonus`: expected none for Amber",
        ),
        ("turnover = \"10000\"", "turnover = \"5000\"", "expected more for Pearl than for Jade before it"),
        ("name = \"Pearl\"", "name = \"Amber\"", "expected every name once, got \"Amber\" twice"),
        (
            "rank = \"Diamond\"",
            "rank = \"Granite\"",
            "expected the name of a rank in [ranks], got \"Granite\"",
        ),
        ("rank = \"Blue Diamond\"", "rank = \"Diamond\"", "expected every rank once, got \"Diamond\" twice"),
        ("\"30%\", \"20%\"]", "\"30%\", \"19.99%\"]", "`ranks.legs`: expected shares of exactly 100%"),
    ] {
        assert!(text.contains(old), "{old}");
        let err = Plan::from_toml(&text.replacen(old, new, 1)).expect_err(new).to_string();
        assert!(err.contains(said), "{new}: {err}");
    }
}

#[test]
fn a_plan_that_takes_no_payments_is_refused() {
    let text = "semantics = 1\nname = \"empty\"\n[currency]\nsymbol = \"EUR\"\ndecimals = 2\n";
    let err = Plan::from_toml(text).unwrap_err().to_string();
    assert!(err.contains("expected a section that takes payments"), "{err}");
    Plan::from_toml(&format!("{text}[orders]\ncommission = \"5%\"\n")).unwrap();
}

#[test]
fn an_amount_finer_than_the_currency_is_not_called_too_small() {
    let err = edited("entry = \"20\"", "entry = \"20.0000000000000000001\"").unwrap_err().to_string();
    assert!(!err.contains("above 0"), "{err}");
}

#[test]
fn as_many_levels_as_a_walk_may_have_and_no_more() {
    let text = plan_text("metax");
    let levels = |number| {
        let (before, rest) = text.split_once("shares = [").expect("a list of shares");
        let (_, after) = rest.split_once(']').expect("its end");
        Plan::from_toml(&format!("{before}shares = [{}]{after}", "0, ".repeat(number)))
    };
    levels(100).unwrap();
    let err = levels(101).unwrap_err().to_string();
    assert!(err.contains("expected at most 100 levels, got 101"), "{err}");
}

#[test]
fn a_new_plan_judges_what_comes_after_it() {
    let mut machine = Machine::new(plan("autopool"));
    let entry = machine.plan().entry().unwrap();
    let register = |user, amount| Event {
        id: EventId(user),
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
    let thirty = machine.plan().entry().unwrap();
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
        let amount = machine.plan().entry();
        let body = EventBody::Registered { user: UserId(1), sponsor: UserId::COMPANY, amount };
        machine.apply(&Event { id: EventId(1), at: 0, body }).unwrap();
        let err = machine.adopt(next).unwrap_err();
        assert!(matches!(&err, AdoptError::Shape { key: found, .. } if *found == key), "{err}");
    }
}

#[test]
fn neither_the_currency_nor_an_ended_programme_takes_a_new_plan() {
    let mut machine = Machine::new(plan("autopool"));
    let euro = edited("symbol = \"BNB\"", "symbol = \"EUR\"").unwrap();
    assert!(matches!(machine.adopt(euro), Err(AdoptError::Currency { .. })));
    machine.apply(&Event { id: EventId(1), at: 0, body: EventBody::WindUp }).unwrap();
    assert_eq!(machine.adopt(plan("autopool")), Err(AdoptError::WoundUp));
}
