//! What each one hears in rare cases, told as stories: who was passed over, what waits, what was missing, and why it is nothing.

use banyan_engine::explain::{Reason, Told};
use banyan_engine::interchange::{Simulation, Step};

use crate::story::Story;
use crate::table::plan;

const ENTRY: &str = "20000000000000000000";
const RETOPUP: &str = "40000000000000000000";
const CHAIN: [&str; 13] = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13"];

#[test]
fn level_income_tells_who_was_not_eligible_who_was_too_far_and_who_stands_elsewhere() {
    let story = Story::new("autopool")
        .chain(&CHAIN, ENTRY)
        .on(1, 1, "r-x", &format!(r#""type":"registered","user":"x","sponsor":"p1","amount":"{ENTRY}""#))
        .pays(1, 2, "t12", "retopup", "p12", RETOPUP)
        .pays(1, 3, "t13", "retopup", "p13", RETOPUP);
    assert_eq!(
        story.says("t13", "p10"),
        "sponsor 3 above, no earlier retopup: the share of 3.6 BNB goes to the company as LEVEL_BREAKAGE"
    );
    assert_eq!(story.says("t13", "p1"), "p1 is 12 sponsors above the payer; the plan pays 10 levels");
    assert_eq!(story.says("t13", "x"), "x is not above p13 at all");
    assert_eq!(story.says("t13", "p13"), "p13 paid it: it is shared among those above");
    assert_eq!(story.says("t13", "nobody"), "nobody was no participant at that time");
    let paid = story.ask("t13", "p12");
    assert_eq!(paid.rewards[0].because[0].says, "p12 has an earlier retopup: event t12");
    let rest = paid.rewards[0].rest.as_ref().unwrap();
    assert_eq!((rest.kind, rest.amount.to_string()), ("COMPANY_FEE", "4000000000000000000".to_owned()));
}

#[test]
fn compressed_level_income_tells_who_was_passed_over_and_that_nearer_ones_took_all() {
    let mut story = Story::new("variants/autopool-small").chain(&CHAIN, ENTRY);
    for n in 1..=11 {
        story = story.pays(1, 2, &format!("t{n}"), "retopup", &format!("p{n}"), RETOPUP);
    }
    let story = story.pays(1, 3, "t13", "retopup", "p13", RETOPUP);
    assert_eq!(
        story.says("t13", "p12"),
        "sponsor 1 above, no earlier retopup: the share of 10.8 BNB goes to the next eligible sponsor above, if there is one"
    );
    assert_eq!(
        story.says("t13", "p1"),
        "p1 is 12 sponsors above the payer; all 10 levels went to eligible ones nearer"
    );
    let paid = story.ask("t13", "p11");
    let nodes: Vec<_> =
        paid.rewards[0].path.nodes.iter().map(|node| (node.user.as_str(), node.passed)).collect();
    assert_eq!(nodes, [("p13", None), ("p12", Some("no_earlier_retopup")), ("p11", None)]);
}

#[test]
fn the_pool_tells_how_far_the_nearest_seat_is() {
    let story = Story::new("autopool").chain(&CHAIN, ENTRY).chain(&["a", "b", "c"], ENTRY);
    assert_eq!(
        story.says("r-c", "p1"),
        "seat 1 of p1's is 4 above the new seat 16, not within the 3 that are paid"
    );
    let answer = story.ask("r-c", "p3");
    assert_eq!(answer.not_paid[0].reason.says, "the sponsor of c is b, not p3");
    assert_eq!(answer.not_paid[1].reason.says, "no seat of p3's is above the new seat 16");
    let reserved = story.ask("r-c", "p8");
    assert_eq!((reserved.rewards[0].kind, reserved.rewards[0].state), ("POOL_L1", "payable"));
    let reserved = story.ask("r-c", "p4");
    assert_eq!((reserved.rewards[0].kind, reserved.rewards[0].state), ("POOL_L2", "reserved"));
    assert!(
        reserved.why_not().contains("Of it 1 reserved: kept until a board is complete, not payable yet.")
    );
}

#[test]
fn a_sponsor_whose_referral_buys_her_a_seat_hears_so() {
    let story = Story::new("autopool-second-referral")
        .chain(&["s"], ENTRY)
        .on(1, 1, "a", &format!(r#""type":"registered","user":"a","sponsor":"s","amount":"{ENTRY}""#))
        .on(1, 1, "b", &format!(r#""type":"registered","user":"b","sponsor":"s","amount":"{ENTRY}""#));
    assert_eq!(
        story.says("b", "s"),
        "as referral number 2 the whole entry buys a seat for s: there is no share"
    );
    assert_eq!(
        story.ask("a", "s").rewards[0].because[1].says,
        "it is the sponsor's referral number 1; number 2 buys a seat instead"
    );
}

#[test]
fn a_purchase_that_waits_vested_or_was_refunded_says_where_its_rewards_are() {
    let story = Story::new("rest-empire")
        .chain(&["a", "b"], "")
        .pays(1, 2, "e1", "purchase", "a", "5000")
        .pays(1, 3, "e2", "purchase", "b", "100000")
        .pays(1, 3, "e3", "purchase", "b", "200000")
        .on(1, 4, "e4", r#""type":"refund","purchase":"e3""#)
        .on(1, 17, "e5", r#""type":"tick""#);
    assert_eq!(
        story.says("e2", "a"),
        "purchase e2 can be refunded until 2026-01-17T00:00:00Z: nothing is paid on it before; it vested with event e5, under which its rewards are recorded"
    );
    assert_eq!(
        story.says("e3", "a"),
        "purchase e3 can be refunded until 2026-01-17T00:00:00Z: nothing is paid on it before; event e4 refunded it"
    );
    assert_eq!(story.says("e4", "a"), "purchase e3 was refunded: nothing is ever paid on it");
    let paid = story.ask("e5", "a");
    assert_eq!(paid.rewards[0].cause.event.as_deref(), Some("e2"), "not the tick, but the purchase");
    // b's first purchase makes a active too, and is the last before itself.
    assert_eq!(paid.rewards[0].because[0].says, "a was active by b's first purchase e2, of the same moment");
}

#[test]
fn the_inactive_hear_of_their_last_and_their_refunded_purchases() {
    let story = Story::new("variants/rest-empire-none")
        .chain(&["a", "b", "c"], "")
        .pays(1, 1, "e1", "purchase", "a", "100")
        .pays(1, 20, "e2", "purchase", "c", "100")
        .pays(2, 2, "e3", "purchase", "a", "100")
        .on(2, 2, "r-d", r#""type":"registered","user":"d","sponsor":"a""#)
        .pays(2, 2, "d1", "purchase", "d", "100")
        .pays(2, 2, "d2", "purchase", "d", "100")
        .pays(2, 3, "e4", "purchase", "c", "100000")
        .pays(2, 3, "e7", "purchase", "a", "100")
        .on(2, 4, "e5", r#""type":"refund","purchase":"e3""#)
        .on(2, 4, "e8", r#""type":"refund","purchase":"d1""#)
        .on(2, 4, "e9", r#""type":"refund","purchase":"d2""#)
        .on(2, 4, "e10", r#""type":"refund","purchase":"e7""#)
        .on(2, 17, "e6", r#""type":"tick""#);
    let answer = story.ask("e6", "a");
    let unilevel = answer.not_paid.iter().find(|not_paid| not_paid.rule == "unilevel").unwrap();
    assert_eq!(
        unilevel.reason.says,
        "sponsor 2 above, not active: no purchase of a's or first one of a direct referral's in the 30 days before; the last, e1 by a, was 33 days older; the share of 70 EUR goes to the company as a part of RETAINED (refunded: e3, d1)"
    );
    assert_eq!(
        story.ask("e6", "b").rewards[0].because[0].says,
        "b was active by c's first purchase e2, 14 days older"
    );
}

#[test]
fn ranks_and_months_tell_what_was_missing() {
    let names = ["a", "b", "c"];
    let story = Story::new("rest-empire")
        .chain(&names, "")
        .pays(1, 20, "e1", "purchase", "c", "100000")
        .on(2, 14, "e2", r#""type":"tick""#)
        .on(2, 15, "e3", r#""type":"tick""#);
    let answer = story.ask("e2", "b");
    let rank = answer.not_paid.iter().find(|not_paid| not_paid.rule == "ranks").unwrap();
    assert!(matches!(rank.reason.fact, Reason::RankNotReached { .. }), "{rank:?}");
    assert!(
        rank.reason
            .says
            .starts_with("the legs of b (strongest, second, rest) brought 1000 EUR, 0 EUR and 0 EUR;")
    );
    assert!(rank.reason.says.contains("; Jade asks"), "{}", rank.reason.says);
    assert_eq!(story.says("e3", "a"), "rank Amber has no share of the month's purchases");
    assert_eq!(story.says("e3", "c"), "nobody below c bought in that month");
    assert_eq!(story.ask("e3", "a").not_paid[0].cause.month.as_deref(), Some("2026-01"));
}

#[test]
fn those_set_inactive_and_those_too_far_hear_so() {
    let story = Story::new("metax")
        .chain(&["a", "b", "c", "d", "e", "f", "g"], "")
        .on(1, 2, "s1", r#""type":"status","user":"f","active":false"#)
        .pays(1, 3, "e1", "purchase", "g", "100000000");
    assert_eq!(
        story.says("e1", "f"),
        "sponsor 1 above, set inactive by event s1: the share of 0.1 METAX is not paid"
    );
    assert_eq!(story.says("e1", "a"), "a is 6 sponsors above the payer; the plan pays 5 levels");
    assert_eq!(story.says("s1", "a"), "a has no open position");
}

#[test]
fn interest_names_its_position_and_tells_why_there_is_none_yet() {
    let story = Story::new("metax")
        .chain(&["a", "b"], "")
        .pays(1, 2, "k1", "stake", "a", "100000000000")
        .on(1, 2, "t1", r#""type":"tick""#)
        .on(1, 3, "t2", r#""type":"tick""#)
        .on(1, 4, "t3", r#""type":"tick""#);
    assert_eq!(story.says("t1", "a"), "the day has not changed since interest was last paid");
    assert_eq!(story.says("t2", "a"), "the day of staking earns nothing");
    assert_eq!(story.says("t3", "b"), "b has no open position");
    let paid = &story.ask("t3", "a").rewards[0];
    assert_eq!((paid.kind, paid.position.as_deref(), paid.fund), ("STAKING", Some("k1"), "company"));
    assert_eq!(paid.cause.event.as_deref(), Some("k1"));
}

#[test]
fn a_share_of_less_than_a_unit_and_a_refused_payment_are_told() {
    let story = Story::new("metax").chain(&["a", "b"], "").pays(1, 2, "e1", "purchase", "b", "9");
    assert_eq!(story.says("e1", "a"), "the share is less than one smallest unit");
    let story = Story::new("autopool").chain(&["a", "b"], ENTRY).pays(1, 2, "e1", "retopup", "b", "5");
    let why = "expected exactly 40000000000000000000 smallest units as `amount`, got 5";
    assert_eq!(story.says("e1", "a"), format!("the payment went back to b: {why}"));
    let back = story.ask("e1", "b");
    assert_eq!(back.rewards[0].kind, "REFUSED");
    assert_eq!(
        back.rewards[0].because[0].says,
        format!("the plan refused the payment, which goes back: {why}")
    );
}

#[test]
fn each_question_points_to_the_other_when_it_is_the_wrong_one() {
    let story = Story::new("autopool").chain(&["a", "b"], ENTRY);
    assert!(
        story
            .ask("r-b", "b")
            .why()
            .ends_with("b got nothing of it. For the reason ask: why-not --event r-b --user b\n")
    );
    assert!(
        story
            .ask("r-b", "a")
            .why_not()
            .contains("a did get something of it. For the path ask: why --event r-b --user a\n")
    );
}

#[test]
fn only_a_share_that_is_kept_is_said_to_be_kept() {
    let story = Story::new("autopool").chain(&CHAIN[..3], ENTRY);
    for (event, state) in [("r-p2", "payable"), ("r-p3", "reserved")] {
        let rewards = story.ask(event, "p1").rewards;
        let share = rewards.iter().find(|reward| reward.kind == "POOL_L1").unwrap();
        assert_eq!(share.state, state, "{event}");
        let kept = format!("{:?}", share.because).contains("Reserved");
        assert_eq!(kept, state == "reserved", "{event}: {:?}", share.because);
    }
}

/// A participant of Diamond, by three legs that bought on that day of January.
fn diamond(story: Story, name: &str, sponsor: &str, day: u32) -> Story {
    ranked(story, name, sponsor, day, ["12500000", "7500000", "5000000"])
}

/// A participant whose three legs bought for so much on that day of January.
fn ranked(story: Story, name: &str, sponsor: &str, day: u32, amounts: [&str; 3]) -> Story {
    let registered = |story: Story, user: &str, sponsor: &str| {
        let rest = format!(r#""type":"registered","user":"{user}","sponsor":"{sponsor}""#);
        story.on(1, day, &format!("r-{user}"), &rest)
    };
    let mut story = registered(story, name, sponsor);
    let legs = amounts.map(|amount| (format!("{name}{amount}"), amount));
    for (leg, _) in &legs {
        story = registered(story, leg, name);
    }
    for (leg, amount) in &legs {
        story = story.pays(1, day, &format!("b-{leg}"), "purchase", leg, amount);
    }
    story
}

#[test]
fn a_rank_without_activity_hears_for_how_many_days_a_purchase_counts() {
    let story = diamond(Story::new("rest-empire"), "a", "company", 1)
        .on(1, 20, "vested", r#""type":"tick""#)
        .on(2, 15, "e", r#""type":"tick""#);
    let says = story.says("e", "a");
    assert!(says.contains("in the 30 days before"), "{says}");
}

#[test]
fn above_an_equal_rank_nothing_is_left() {
    let story = diamond(Story::new("rest-empire"), "z", "company", 5);
    let story = diamond(story, "a", "z", 5)
        .pays(1, 31, "own-a", "purchase", "a", "100")
        .pays(1, 31, "own-z", "purchase", "z", "100")
        .pays(2, 5, "b", "purchase", "a5000000", "100000")
        .on(3, 1, "vested", r#""type":"tick""#)
        .on(3, 15, "e", r#""type":"tick""#);
    assert!(story.ask("e", "a").rewards.iter().any(|reward| reward.kind == "INFINITY"));
    assert_eq!(story.says("e", "z"), "10% is not above the 10% that somebody nearer to a5000000 has");
}

#[test]
fn above_the_plans_highest_share_the_walk_has_ended() {
    let black = ["600000000", "360000000", "240000000"];
    let story = diamond(Story::new("rest-empire"), "z", "company", 5);
    let story = ranked(story, "a", "z", 5, black)
        .pays(1, 31, "own-a", "purchase", "a", "100")
        .pays(1, 31, "own-z", "purchase", "z", "100")
        .pays(2, 5, "b", "purchase", "a240000000", "100000")
        .on(3, 1, "vested", r#""type":"tick""#)
        .on(3, 15, "e", r#""type":"tick""#);
    let share = story.ask("e", "a").rewards.into_iter().find(|reward| reward.kind == "INFINITY");
    assert_eq!(share.map(|share| share.amount.to_string()).as_deref(), Some("25000"), "25 % of 1000.00 EUR");
    assert_eq!(story.reason("e", "z").0, Reason::HighestShareNearer);
}

#[test]
fn what_was_told_is_heard_once_and_only_the_due_referral_hears_of_a_seat_instead() {
    let mut simulation = Simulation::new(plan("autopool-second-referral"));
    let mut told = Vec::new();
    for (user, sponsor) in [("x", "company"), ("a", "company"), ("b", "a"), ("c", "a")] {
        let id = format!("r-{user}");
        simulation.listen_for(&id);
        let line = format!(
            r#"{{"id":"{id}","at":"2026-03-01T09:00:00Z","type":"registered","user":"{user}","sponsor":"{sponsor}","amount":"{ENTRY}"}}"#
        );
        assert!(matches!(simulation.take(line.as_bytes()), Step::Applied(_)), "{line}");
        let mut machine = simulation.machine().clone();
        let heard = machine.hear();
        assert_eq!(heard, simulation.machine().told());
        assert_eq!(machine.told(), Told::default(), "nobody listens any more");
        told.push(format!("{heard:?}"));
    }
    // x and a are the company's first and second, b and c those of a.
    let instead: Vec<bool> = told.iter().map(|told| told.contains("SeatInstead")).collect();
    assert_eq!(instead, [false, false, false, true], "{told:#?}");
    assert!(told.iter().all(|told| told.contains("Entry")), "{told:#?}");
}

#[test]
fn the_company_hears_what_it_earned_and_a_discount_is_told() {
    let story = Story::new("smm-panel")
        .chain(&["a", "b"], "")
        .pays(1, 2, "o1", "order", "b", "100000000000")
        .on(1, 3, "c1", r#""type":"order_completed","order":"o1""#)
        .pays(1, 4, "o2", "order", "b", "1000");
    assert_eq!(
        story.says("c1", "company"),
        "the company earned the order's 100000000000 VND, which is its revenue and no reward"
    );
    let order = story.ask("o2", "a");
    let (Some(discount), Some(net)) = (order.event.discount, order.event.net) else {
        panic!("a discount: {}", order.why_not());
    };
    let headline = format!(
        "b paid {} VND, the list price of 1000 VND less a discount of {} VND.",
        net.to_decimal(0),
        discount.to_decimal(0)
    );
    assert!(order.why_not().contains(&headline), "{}", order.why_not());
    assert_eq!(story.ask("o1", "a").event.discount, None);
}

#[test]
fn a_position_closed_on_a_day_already_paid_was_open_still() {
    let story = Story::new("metax")
        .chain(&["a", "b"], "")
        .pays(1, 2, "k1", "stake", "a", "100000000000")
        .on(1, 4, "t1", r#""type":"tick""#)
        .on(1, 4, "u1", r#""type":"unstake","stake":"k1""#);
    let says = |user| story.ask("u1", user).not_paid[0].reason.says.clone();
    assert_eq!(says("a"), "the day has not changed since interest was last paid");
    assert_eq!(says("b"), "b has no open position");
}
