//! `metax` by hand.

use crate::oracle::fixture::{check, check_lenient};

#[test]
fn five_levels_are_paid_and_an_inactive_one_uses_up_hers() {
    check(
        "metax",
        "01-01 r chain p1..p7 under company
         01-01 e1 buy p7 1_000
         01-02 x off p5 · 01-02 e2 buy p7 1_000
         01-03 y on p5 · 01-03 z off p6 · 01-03 z2 off p6 · 01-03 e3 buy p7 199
         01-04 e4 buy p2 99",
        "e1 DIRECT p6 100 from p7 depth 1 · e1 LEVEL p5 50 from p7 depth 2 · e1 LEVEL p4 30 from p7 depth 3
         e1 LEVEL p3 20 from p7 depth 4 · e1 LEVEL p2 10 from p7 depth 5
         e1 RETAINED company 790 from p7
         e2 DIRECT p6 100 from p7 depth 1 · e2 LEVEL p4 30 from p7 depth 3
         e2 LEVEL p3 20 from p7 depth 4 · e2 LEVEL p2 10 from p7 depth 5
         e2 RETAINED company 840 from p7
         e3 LEVEL p5 9 from p7 depth 2 · e3 LEVEL p4 5 from p7 depth 3
         e3 LEVEL p3 3 from p7 depth 4 · e3 LEVEL p2 1 from p7 depth 5 · e3 RETAINED company 181 from p7
         e4 DIRECT p1 9 from p2 depth 1 · e4 RETAINED company 90 from p2
         company 1_901 · in 2_298",
    );
}

#[test]
fn interest_starts_with_the_second_midnight() {
    for at in ["01-01T00:00:00", "01-01T10:00:00", "01-01T23:59:59"] {
        check(
            "metax",
            &format!(
                "01-01 r register a under company
                 {at} s stake a 36_500
                 01-02 t1 tick · 01-02T23:59:59 t2 tick
                 01-03 t3 tick · 01-03 t4 tick · 01-03T12:00:00 t5 tick
                 01-10T05:00:00 t6 tick"
            ),
            "t3 STAKING a 12 from a position s · t6 STAKING a 84 from a position s
             payable a 96 · company -96 · staked 36_500 · in 36_500 · out 0",
        );
    }
}

#[test]
fn what_flooring_leaves_over_is_paid_later() {
    // 100 earn 1200 n / 36500: above 1 after 31 days, above 2 after 61, above 12 after 366.
    check(
        "metax",
        "01-01T10:00:00 r register a under company · 01-01T10:00:00 s stake a 100
         02-01 t1 tick · 02-02 t2 tick · 03-03 t3 tick · 03-04 t4 tick · 12-31 t5 tick",
        "t2 STAKING a 1 from a position s · t4 STAKING a 1 from a position s
         t5 STAKING a 9 from a position s · payable a 11 · company -11",
    );
}

#[test]
fn unstaking_gives_the_principal_and_the_interest_of_the_midnight_that_has_come() {
    check(
        "metax",
        "01-01T10:00:00 r register a under company · 01-01T10:00:00 x off a
         01-01T10:00:00 s1 stake a 36_500 · 01-01T10:00:00 s2 stake a 73_000
         01-03 u1 unstake s1
         01-03T23:59:59 u2 unstake s2
         01-09 t tick",
        "u1 STAKING a 12 from a position s1 · u1 STAKING a 24 from a position s2
         u1 PRINCIPAL a 36_500 from a position s1
         u2 PRINCIPAL a 73_000 from a position s2
         payable a 109_536 · company -36 · staked 0 · in 109_500",
    );
}

#[test]
fn a_position_can_be_closed_once_and_refusals_bring_no_interest() {
    check_lenient(
        "metax",
        "01-01T10:00:00 r register a under company · 01-01T10:00:00 s stake a 36_500
         01-03 u1 unstake x
         01-04 u2 unstake s
         01-05 u3 unstake s · 01-05 u4 unstake u2 · 01-05 x off b · 01-05 f refund s
         01-05 s2 stake a 36_500 · 01-07 e buy b 5",
        "u2 STAKING a 24 from a position s · u2 PRINCIPAL a 36_500 from a position s
         e STAKING a 12 from a position s2 · e REFUSED b 5 from b
         refused u1 unknown position · refused u3 closed position · refused u4 unknown position
         refused x unknown user · refused f not of this plan
         payable b 5 · staked 36_500 · in 73_005",
    );
}
