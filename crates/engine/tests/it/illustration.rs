//! What one payment does under a plan: the numbers are the machine's, also for plans that nobody would ship.

use banyan_engine::illustration::{Illustration, Part};
use banyan_engine::{Plan, Refusal};
use banyan_types::Amount;

use crate::table::{plan, plan_text};

fn illustrate(plan: &Plan) -> Illustration {
    Illustration::of(plan, None).unwrap()
}

fn edited(name: &str, edits: &[(&str, &str)]) -> Plan {
    let mut text = plan_text(name);
    for (old, new) in edits {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    Plan::from_toml(&text).unwrap()
}

fn part<'a>(illustration: &'a Illustration, title: &str) -> &'a Part {
    let titles = || illustration.parts.iter().map(|part| &part.title).collect::<Vec<_>>();
    illustration.parts.iter().find(|part| part.title == title).unwrap_or_else(|| panic!("{:?}", titles()))
}

/// The row of a part's table that begins with this cell, as text.
fn row(part: &Part, table: usize, first: &str) -> String {
    let rows = &part.tables[table].rows;
    rows.iter().find(|row| row[0] == first).unwrap_or_else(|| panic!("{first}: {rows:?}")).join(" | ")
}

#[test]
fn a_full_board_earns_what_the_programme_promises() {
    for (name, first, last) in [
        ("autopool", "1 | 9 | 48.6 | 40 | 40 | 8.6", "10 | 29491.2 | 0 | top level | 0 | 0"),
        ("autopool-last-four", "1 | 46.8 | 10.8 | 40 | 0 | 10.8", "10 | 29491.2 | 0 | top level | 0 | 0"),
        ("autopool-second-referral", "1 | 20 | 44 | 40 | 40 | 4", "10 | 32768 | 0 | top level | 0 | 0"),
    ] {
        let illustration = illustrate(&plan(name));
        let pool = part(&illustration, "The pool's levels");
        assert_eq!((row(pool, 1, "1"), row(pool, 1, "10")), (first.to_owned(), last.to_owned()), "{name}");
    }
    let second = illustrate(&plan("variants/autopool-small"));
    assert_eq!(row(part(&second, "The pool's levels"), 1, "2"), "2 | 115.2 | 0 | top level | 0 | 0");
}

#[test]
fn a_registration_is_split_as_its_records_say() {
    let plain = illustrate(&plan("autopool"));
    let registration = part(&plain, "A registration of 20 BNB");
    let direct = "the seat holder's sponsor | 10% of the ticket | 2 | 10% | DIRECT";
    assert_eq!(row(registration, 0, "the seat holder's sponsor"), direct);
    let third = "owner of the seat 3 above | 15% of the seat's price | 2.7 | 13.5% | POOL_L3";
    assert_eq!(row(registration, 0, "owner of the seat 3 above"), third);
    assert_eq!(row(registration, 0, "together"), "together |  | 20 | 100% | ");

    let first = edited("autopool-second-referral", &[("on_referral = 2", "on_referral = 1")]);
    let illustration = illustrate(&first);
    let registration = part(&illustration, "A registration of 20 BNB");
    assert_eq!(row(registration, 0, "the sponsor"), "the sponsor | 90% of the entry | 18 | 90% | DIRECT");
    assert_eq!(registration.tables[1].caption, "referral number 1 of a sponsor");
    // Seats may have their own share for the sponsor: each table has that of what it splits.
    let both = plan_text("autopool-second-referral");
    let direct = both.lines().filter(|line| line.starts_with("direct = ")).collect::<Vec<_>>();
    assert_eq!(direct, ["direct = \"90%\"", "direct = \"0%\""]);
    let all = [("direct = \"90%\"", "direct = \"100%\""), ("direct = \"0%\"", "direct = \"10%\"")];
    let illustration = illustrate(&edited("autopool-second-referral", &all));
    let registration = part(&illustration, "A registration of 20 BNB");
    assert_eq!(row(registration, 0, "the sponsor"), "the sponsor | 100% of the entry | 20 | 100% | DIRECT");
    let direct = "the seat holder's sponsor | 10% of the ticket | 2 | 10% | DIRECT";
    assert_eq!(row(registration, 1, "the seat holder's sponsor"), direct);
    let late = edited("autopool-second-referral", &[("on_referral = 2", "on_referral = 4000000000")]);
    assert_eq!(part(&illustrate(&late), "A registration of 20 BNB").tables.len(), 1, "told, not played");
}

#[test]
fn a_registration_takes_the_last_seat_of_a_tree_too_small_for_a_board() {
    let small = |name: &str, capacity: &str| {
        let trees = format!("trees = 1\ncapacity = {capacity}");
        let text = plan_text(name);
        let line = text.lines().find(|line| line.starts_with("trees = ")).unwrap();
        illustrate(&Plan::from_toml(&text.replacen(line, &trees, 1)).unwrap())
    };
    for (capacity, above, missing) in [("1", None, 3), ("3", Some("9 | 45%"), 2)] {
        let illustration = small("autopool", capacity);
        let registration = part(&illustration, "A registration of 20 BNB");
        let rows = &registration.tables[0].rows;
        assert!(rows.iter().all(|row| row[4] != "SEAT_REFUND"), "{rows:?}");
        assert_eq!(rows.iter().filter(|row| row[4] == "POOL_BREAKAGE").count(), missing);
        let paid = rows.iter().find(|row| row[4] == "POOL_L1").map(|row| row[2..4].join(" | "));
        assert_eq!(paid.as_deref(), above);
        let seats = format!("as long as one of the {capacity} is free");
        assert!(registration.words[0].contains(&seats), "{:?}", registration.words);
        let illustration = small("autopool-second-referral", capacity);
        let rows = &part(&illustration, "A registration of 20 BNB").tables[1].rows;
        assert!(rows.iter().all(|row| row[4] != "SEAT_REFUND"), "{rows:?}");
    }
}

#[test]
fn a_sponsor_who_is_passed_over_loses_her_share_to_whom_the_plan_says() {
    for (name, second, third, beyond, company) in [
        ("rest-empire", "0", "70", "10", "320"),
        ("variants/rest-empire-none", "0", "50", "0", "390"),
        ("variants/rest-empire-roll-up", "0", "120", "0", "320"),
    ] {
        let illustration = illustrate(&plan(name));
        let purchase = part(&illustration, "A purchase of 1000 EUR");
        let other = |first: &str| row(purchase, 0, first).rsplit(" | ").next().unwrap().to_owned();
        let found = ["sponsor 2", "sponsor 3", "sponsor 16", "the company"].map(other);
        assert_eq!(found.each_ref().map(String::as_str), [second, third, beyond, company], "{name}");
        assert_eq!(row(purchase, 0, "sponsor 1"), "sponsor 1 | 40% | 400 | 40% | UNILEVEL, depth 1 | 400");
    }
    let compressed = illustrate(&plan("variants/autopool-small"));
    let retopup = part(&compressed, "A retopup of 40 BNB");
    assert_eq!(row(retopup, 0, "sponsor 3"), "sponsor 3 | 10% of the pot | 3.6 | 9% | LEVEL, depth 3 | 5.4");
    assert_eq!(row(retopup, 0, "sponsor 11"), "sponsor 11 |  | 0 | 0% |  | 3.6");
    let metax = illustrate(&plan("metax"));
    let purchase = part(&metax, "A purchase of 1000 METAX");
    assert_eq!(row(purchase, 0, "the company"), "the company | the rest | 790 | 79% | RETAINED | 840");
}

#[test]
fn ranks_interest_and_discounts_are_played() {
    let illustration = illustrate(&plan("rest-empire"));
    let ranks = part(&illustration, "Ranks");
    let green = "Green Diamond | 1000000 | 500000 | 300000 | 200000 | 10000 | 15% = 150";
    assert_eq!(row(ranks, 0, "Green Diamond"), green);
    assert_eq!(row(ranks, 0, "Jade"), "Jade | 5000 | 2500 | 1500 | 1000 |  | ");
    let illustration = illustrate(&plan("metax"));
    let stake = part(&illustration, "A stake of 1000 METAX");
    assert_eq!(row(stake, 0, "365"), "365 | 90.41095891 | 120 | 12%");
    let illustration = illustrate(&plan("smm-panel"));
    let order = part(&illustration, "An order at the list price of 1000000 VND");
    assert_eq!(row(order, 0, "20000000"), "20000000 | 5% | 50000 | 950000 | 47500 | 902500");
    let from_nothing = edited("smm-panel", &[("from = \"5000000\"", "from = \"0\"")]);
    let illustration = illustrate(&from_nothing);
    let order = part(&illustration, "An order at the list price of 1000000 VND");
    assert_eq!(order.tables[0].rows.len(), 3);
    assert_eq!(row(order, 0, "0"), "0 | 3% | 30000 | 970000 | 48500 | 921500");
    assert_eq!(row(order, 0, "20000000"), "20000000 | 5% | 50000 | 950000 | 47500 | 902500");
}

#[test]
fn unusual_plans_are_played_too() {
    let one_layer = [("[\"50%\", \"25%\", \"15%\"]", "[\"50%\"]"), ("reserve_last = 13", "reserve_last = 1")];
    let illustration = illustrate(&edited("autopool", &one_layer));
    let pool = part(&illustration, "The pool's levels");
    assert_eq!(row(pool, 1, "1"), "1 | 9 | 9 | 40 | 0 | 9");
    let without_room = edited("autopool", &[("# capacity = 31", "capacity = 3")]);
    let illustration = illustrate(&without_room);
    assert_eq!(row(part(&illustration, "The pool's levels"), 1, "1"), "1 | 18 | 0 | 40 | 0 | 0");
    let nothing_for_the_second =
        edited("autopool", &[("[\"50%\", \"25%\", \"15%\"]", "[\"50%\", \"0%\", \"15%\"]")]);
    let picture = illustrate(&nothing_for_the_second).picture.unwrap();
    assert!(picture.contains(">6 · 0%</text>") && picture.contains(">14 · 15%</text>"), "{picture}");
    let no_shares = edited("metax", &[("shares = [\"10%\", \"5%\", \"3%\", \"2%\", \"1%\"]", "shares = []")]);
    let illustration = illustrate(&no_shares);
    assert_eq!(part(&illustration, "A purchase of 1000 METAX").tables[0].rows.len(), 2);
    assert_eq!(illustration.picture, None);
}

#[test]
fn every_shipped_plan_has_a_picture_with_all_its_shares() {
    for (name, places) in [
        ("autopool", &[">9</text>", ">14 · 15%</text>", "48.6 together; the full board buys"][..]),
        ("autopool-last-four", &[">10 · 15%</text>", "10.8 together; that never pays the next ticket of 40"]),
        (
            "autopool-second-referral",
            &["44 together; the full board buys a ticket of level 2 for 40, 4 is released"],
        ),
        ("rest-empire", &[">sponsor 15</text>", ">40% · 400</text>", ">keeps 320</text>"]),
        ("metax", &[">sponsor 5</text>", ">1% · 10</text>", ">keeps 790</text>"]),
        ("smm-panel", &[">5% · 50000</text>", ">keeps 950000</text>"]),
    ] {
        let picture = illustrate(&plan(name)).picture.expect(name);
        for place in places {
            assert!(picture.contains(place), "{name}: {place}");
        }
    }
}

#[test]
fn what_the_machine_refuses_is_told() {
    let plan = plan("metax");
    assert_eq!(Illustration::of(&plan, Some(Amount::MAX)), Err(Refusal::Overflow));
    assert!(matches!(Illustration::of(&plan, Some(Amount::ZERO)), Err(Refusal::NoAmount { .. })));
}
