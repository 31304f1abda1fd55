//! `rest-empire` by hand.

use crate::oracle::fixture::{check, check_lenient};

const COMPRESS: &str = "rest-empire";
const NONE: &str = "variants/rest-empire-none";
const ROLL_UP: &str = "variants/rest-empire-roll-up";

/// 1,000 EUR of `p7`, whose sponsors are p6 (the first) … p1 (the sixth); p5 and p4 are inactive.
const SIX_SPONSORS: &str = "
    01-01 r chain p1..p7 under company
    01-01 a1 buy p1 1 · 01-01 a2 buy p2 1 · 01-01 a3 buy p3 1 · 01-01 a4 buy p4 1 · 01-01 a5 buy p5 1
    01-01 a6 buy p6 1 · 01-01 a7 buy p7 1
    03-01 b1 buy p1 1 · 03-01 b2 buy p2 1 · 03-01 b3 buy p3 1 · 03-01 b6 buy p6 1
    03-02 e buy p7 100_000
    03-16 t tick
";

#[test]
fn compression_pays_the_nth_active_sponsor() {
    check(
        COMPRESS,
        SIX_SPONSORS,
        "only UNILEVEL
         t UNILEVEL p6 40_000 from p7 depth 1
         t UNILEVEL p3 7_000 from p7 depth 2
         t UNILEVEL p2 5_000 from p7 depth 3
         t UNILEVEL p1 3_000 from p7 depth 4
         company 45_011 · pending 0 · in 100_011",
    );
}

#[test]
fn without_compression_an_inactive_sponsors_share_is_not_paid() {
    check(
        NONE,
        SIX_SPONSORS,
        "only UNILEVEL
         t UNILEVEL p6 40_000 from p7 depth 1
         t UNILEVEL p3 3_000 from p7 depth 4
         t UNILEVEL p2 3_000 from p7 depth 5
         t UNILEVEL p1 1_000 from p7 depth 6
         company 53_011",
    );
}

#[test]
fn a_roll_up_is_one_reward_at_the_receivers_own_depth() {
    check(
        ROLL_UP,
        SIX_SPONSORS,
        "only UNILEVEL
         t UNILEVEL p6 40_000 from p7 depth 1
         t UNILEVEL p3 15_000 from p7 depth 4
         t UNILEVEL p2 3_000 from p7 depth 5
         t UNILEVEL p1 1_000 from p7 depth 6
         company 41_011",
    );
}

#[test]
fn a_roll_up_adds_floored_shares_and_ends_with_the_fifteenth() {
    // 7 % and 5 % of 199 are 13 and 9, 12 % would be 23; p13 is active by p14's first purchase; p1 is the sixteenth.
    check(
        ROLL_UP,
        "01-01 r chain p1..p17 under company
         01-01 a buy p14 1 · 01-01 b buy p1 1
         01-02 e buy p17 199
         01-16 t tick",
        "only UNILEVEL vested
         t vested a · t vested b · t vested e
         t UNILEVEL p16 79 from p17 depth 1
         t UNILEVEL p14 22 from p17 depth 3
         t UNILEVEL p13 5 from p17 depth 4
         company 95",
    );
}

#[test]
fn fifteen_levels_are_paid_and_no_sixteenth() {
    let all_active: String = (1..=17).map(|user| format!("01-01 a{user} buy p{user} 1\n")).collect();
    for plan in [COMPRESS, NONE, ROLL_UP] {
        check(
            plan,
            &format!(
                "01-01 r chain p1..p17 under company\n{all_active} 01-02 e buy p17 10_000 · 01-16 t tick"
            ),
            "only UNILEVEL
             t UNILEVEL p16 4_000 from p17 depth 1 · t UNILEVEL p15 700 from p17 depth 2
             t UNILEVEL p14 500 from p17 depth 3 · t UNILEVEL p13 300 from p17 depth 4
             t UNILEVEL p12 300 from p17 depth 5 · t UNILEVEL p11 100 from p17 depth 6
             t UNILEVEL p10 100 from p17 depth 7 · t UNILEVEL p9 100 from p17 depth 8
             t UNILEVEL p8 100 from p17 depth 9 · t UNILEVEL p7 100 from p17 depth 10
             t UNILEVEL p6 100 from p17 depth 11 · t UNILEVEL p5 100 from p17 depth 12
             t UNILEVEL p4 100 from p17 depth 13 · t UNILEVEL p3 100 from p17 depth 14
             t UNILEVEL p2 100 from p17 depth 15
             company 3_217",
        );
    }
}

#[test]
fn a_purchase_vests_when_it_is_exactly_14_days_old() {
    check(
        COMPRESS,
        "01-01 r register a under company
         01-01T10:00:00 e buy a 100
         01-15T09:59:59 t1 tick
         01-15T10:00:00 t2 tick",
        "t2 vested e · t2 RETAINED company 100 from a · company 100 · pending 0 · in 100 · out 0",
    );
}

#[test]
fn a_refund_in_the_last_second_is_taken_and_leaves_no_record() {
    check(
        COMPRESS,
        "01-01 r register a under company
         01-01T10:00:00 e buy a 100
         01-15T09:59:59 f refund e
         02-15 t tick",
        "company 0 · pending 0 · in 100 · out 100",
    );
}

#[test]
fn a_refund_one_second_late_is_refused_and_brings_nothing() {
    check(
        COMPRESS,
        "01-01 r register a under company
         01-01T10:00:00 e buy a 100
         01-15T10:00:00 f refund e",
        "refused f late refund · pending 100 · company 0 · in 100",
    );
    check_lenient(
        COMPRESS,
        "01-01 r register a under company
         01-01T10:00:00 e buy a 100
         01-15T10:00:00 f refund e
         01-15T09:59:59 f refund e
         01-15T09:59:59 g refund e
         01-15T10:00:00 h buy x 7",
        "refused f late refund · refused g second refund · h REFUSED x 7 from x
         payable x 7 · in 107 · out 100",
    );
}

#[test]
fn the_calendar_comes_before_a_payment_that_goes_back_and_the_id_is_used_up() {
    check_lenient(
        COMPRESS,
        "01-01 r register a under company
         01-01 e buy a 100
         01-15 h buy x 7
         01-15 h buy a 9
         01-15 g refund h
         01-15 i stake a 5 · 01-15 j order a 6
         01-16 k register a under company
         01-16 l buy company 3
         01-15 m tick",
        "h vested e · h RETAINED company 100 from a · h REFUSED x 7 from x
         i REFUSED a 5 from a · j REFUSED a 6 from a · l REFUSED company 3 from company
         refused h repeated id · refused g unknown purchase · refused k second registration
         refused m time goes back
         payable x 7 · payable a 11 · company 103 · in 121 · pending 0",
    );
}

#[test]
fn a_first_purchase_that_was_refunded_makes_no_later_one_the_first() {
    let events = |refund: &str| {
        format!(
            "01-01 r chain p1..p2 under company
             01-01 e1 buy p2 100
             {refund}
             01-03 e2 buy p2 100
             01-17 t tick"
        )
    };
    check(COMPRESS, &events("01-02 f refund e1"), "t vested e2 · t RETAINED company 100 from p2 · out 100");
    check(
        COMPRESS,
        &events(""),
        "t vested e1 · t UNILEVEL p1 40 from p2 depth 1 · t RETAINED company 60 from p2
         t vested e2 · t UNILEVEL p1 40 from p2 depth 1 · t RETAINED company 60 from p2",
    );
}

#[test]
fn activity_lasts_less_than_30_days() {
    let events = |at: &str| {
        format!(
            "01-01 r chain p1..p2 under company
             01-01 x buy p2 1
             01-02T12:00:00 a buy p1 1
             {at} e buy p2 100
             03-01 t tick"
        )
    };
    check(COMPRESS, &events("02-01T11:59:59"), "only UNILEVEL\nt UNILEVEL p1 40 from p2 depth 1");
    check(COMPRESS, &events("02-01T12:00:00"), "only UNILEVEL");
}

#[test]
fn activity_is_judged_at_the_purchases_own_place_among_events_of_one_second() {
    let events = |first: &str, second: &str| {
        format!(
            "01-01 r chain p1..p2 under company
             01-01 x buy p2 1
             03-01 {first} · 03-01 {second}
             03-15 t tick"
        )
    };
    let (own, below) = ("a buy p1 1", "e buy p2 100");
    check(COMPRESS, &events(own, below), "only UNILEVEL\nt UNILEVEL p1 40 from p2 depth 1");
    check(COMPRESS, &events(below, own), "only UNILEVEL");
}

#[test]
fn a_purchase_that_was_refunded_made_nobody_active() {
    check(
        COMPRESS,
        "01-01 r chain p1..p2 under company
         01-01 x buy p2 1
         03-01 a buy p1 1
         03-02 e buy p2 100
         03-14 f refund a
         03-16 t tick",
        "only UNILEVEL",
    );
}

#[test]
fn every_rank_on_the_way_is_reached_once_with_its_bonus() {
    check(
        COMPRESS,
        "01-01 r register x under company · 01-01 q register a b c under x
         01-02 e1 buy a 25_000_000 · 01-02 e2 buy b 15_000_000 · 01-02 e3 buy c 9_999_999
         01-16 t tick
         01-17 e4 buy c 1
         01-31 u tick
         02-01 e5 buy a 99_999
         02-16 v tick",
        "only rank RANK
         t rank x Jade · t rank x Pearl · t rank x Sapphire · t rank x Ruby · t rank x Emerald
         t rank x Diamond · t RANK x 500_000 from x rank Diamond
         u rank x Blue Diamond · u RANK x 500_000 from x rank Blue Diamond",
    );
}

#[test]
fn legs_count_up_to_their_part_and_own_purchases_do_not() {
    // Jade: 2,500 and 1,500 and 1,000, the third from several legs; x's own 5,000 makes no leg of x.
    check(
        COMPRESS,
        "01-01 r register y under company · 01-01 r2 register x under y · 01-01 q register a b c d under x
         01-01 q2 register a2 under a
         01-02 e0 buy x 500_000 · 01-02 e1 buy a2 250_000 · 01-02 e2 buy b 150_000 · 01-02 e3 buy c 50_000
         01-16 t tick
         01-17 e4 buy d 49_999
         01-31 u tick
         01-31 e5 buy d 1
         02-14 v tick",
        "only rank RANK\nv rank x Jade",
    );
}

#[test]
fn purchases_that_are_open_or_refunded_make_no_rank() {
    check(
        COMPRESS,
        "01-01 r register x under company · 01-01 q register a b c under x
         01-02 e1 buy a 250_000 · 01-02 e2 buy b 150_000
         01-10 e3 buy c 100_000 · 01-10 f refund e3
         01-23 t tick
         01-23 e4 buy c 100_000
         02-05T23:59:59 u tick
         02-06 v tick",
        "only rank\nv rank x Jade",
    );
}

#[test]
fn infinity_pays_the_difference_to_what_was_paid_below() {
    // Upward from b: D is Diamond (10 %), G Green (15 %), L Blue (11 %), K Black (25 %).
    check(
        COMPRESS,
        "01-01 r1 register K under company · 01-01 r2 register L under K · 01-01 r3 register G under L
         01-01 r4 register D under G · 01-01 r5 register b d2 d3 under D · 01-01 r6 register g2 g3 under G
         01-01 r7 register l2 l3 under L · 01-01 r8 register k2 k3 k4 under K
         01-01 a1 buy b 12_500_000 · 01-01 a2 buy d2 7_500_000 · 01-01 a3 buy d3 5_000_000
         01-01 a4 buy g2 50_000_000 · 01-01 a5 buy g3 30_000_000
         01-01 a6 buy l2 15_000_000 · 01-01 a7 buy l3 10_000_000
         01-01 a8 buy k2 600_000_000 · 01-01 a9 buy k3 360_000_000 · 01-01 a10 buy k4 240_000_000
         03-09 o1 buy D 1 · 03-09 o2 buy G 1 · 03-09 o3 buy L 1 · 03-09 o4 buy K 1
         03-10 e buy b 10_000_000
         04-14T23:59:59 t tick
         04-15 u tick
         06-30 v tick",
        "only INFINITY
         u INFINITY D 1_000_000 from company month 2026-03
         u INFINITY G 500_000 from company month 2026-03
         u INFINITY K 1_000_000 from company month 2026-03",
    );
}

/// x is Diamond once c's 50,000 of the first second of February have vested.
const DIAMOND_ON_THE_15TH: &str = "
    01-01 r register x under company · 01-01 q register a b c under x
    01-20 e1 buy a 12_500_000 · 01-20 e2 buy b 7_500_000
    02-01 e3 buy c 5_000_000
";

#[test]
fn a_month_that_falls_due_comes_before_a_vesting_of_the_same_moment() {
    check(
        COMPRESS,
        &format!("{DIAMOND_ON_THE_15TH} 02-15 t tick · 03-14T23:59:59 u tick · 03-15 v tick"),
        "only INFINITY RANK
         t RANK x 500_000 from x rank Diamond
         v INFINITY x 500_000 from company month 2026-02",
    );
}

#[test]
fn all_that_the_calendar_missed_comes_with_the_next_event_in_its_order() {
    check(
        COMPRESS,
        &format!("{DIAMOND_ON_THE_15TH} 12-31 t buy a 1"),
        "t vested e1 · t UNILEVEL x 5_000_000 from a depth 1 · t RETAINED company 7_500_000 from a
         t vested e2 · t UNILEVEL x 3_000_000 from b depth 1 · t RETAINED company 4_500_000 from b
         t vested e3 · t UNILEVEL x 2_000_000 from c depth 1 · t RETAINED company 3_000_000 from c
         t rank x Jade · t rank x Pearl · t rank x Sapphire · t rank x Ruby · t rank x Emerald
         t rank x Diamond · t RANK x 500_000 from x rank Diamond
         t INFINITY x 500_000 from company month 2026-02
         payable x 11_000_000 · company 14_000_000 · pending 1 · in 25_000_001",
    );
}

#[test]
fn several_months_that_fell_due_are_paid_one_by_one() {
    check(
        COMPRESS,
        &format!("{DIAMOND_ON_THE_15TH} 03-31 e4 buy x 1 · 03-31 e5 buy c 33 · 04-10 e6 buy x 1 · 04-10 e7 buy a 99
              08-01 t tick"),
        "only INFINITY
         e4 INFINITY x 500_000 from company month 2026-02
         t INFINITY x 3 from company month 2026-03
         t INFINITY x 9 from company month 2026-04",
    );
}

#[test]
fn infinity_asks_for_activity_at_the_end_of_the_month() {
    // x bought at the given moment; a's 1,000 of March 1 pay 100 or nothing. 30 days before April 1 is March 2.
    let events =
        |at: &str| format!("{DIAMOND_ON_THE_15TH} 03-01 e buy a 1_000 · {at} o buy x 1 · 06-01 t tick");
    let paid = |of_february: &str, of_march: &str| {
        format!("only INFINITY\n{of_february} INFINITY x 500_000 from company month 2026-02\n{of_march}")
    };
    let of_march = "t INFINITY x 100 from company month 2026-03";
    check(COMPRESS, &events("03-02T00:00:00"), &paid("t", ""));
    check(COMPRESS, &events("03-02T00:00:01"), &paid("t", of_march));
    check(COMPRESS, &events("03-31T23:59:59"), &paid("o", of_march));
    check(COMPRESS, &events("04-01T00:00:00"), &paid("o", ""));
}

#[test]
fn what_was_refunded_pays_no_infinity_and_its_month_is_that_of_the_purchase() {
    check(
        COMPRESS,
        &format!("{DIAMOND_ON_THE_15TH} 02-28 e4 buy a 777 · 03-10 f refund e4 · 04-15 t tick"),
        "only INFINITY\nt INFINITY x 500_000 from company month 2026-02",
    );
}

#[test]
fn infinity_is_one_reward_of_shares_that_were_floored_one_by_one() {
    check(
        COMPRESS,
        &format!("{DIAMOND_ON_THE_15TH} 02-20 e4 buy a 19 · 02-20 e5 buy b 19 · 03-15 t tick"),
        "only INFINITY\nt INFINITY x 500_002 from company month 2026-02",
    );
}
