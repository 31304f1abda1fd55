//! `smm-panel` by hand.

use crate::oracle::fixture::{check, check_lenient};

#[test]
fn tiers_begin_at_exactly_their_thresholds() {
    check(
        "smm-panel",
        "01-01 r register s under company · 01-01 q register a under s
         01-01 o1 order a 4_999_999 · 01-01 c1 complete o1
         01-01 o2 order a 1 · 01-01 c2 complete o2
         01-01 o3 order a 15_463_917 · 01-01 c3 complete o3
         01-01 o4 order a 20 · 01-01 c4 complete o4
         01-01 o5 order a 31_578_927 · 01-01 o6 order a 99
         01-01 c5 complete o5 · 01-01 o7 order a 99",
        "only order
         o1 order a 4_999_999 0 4_999_999
         o2 order a 1 0 1
         o3 order a 15_463_917 463_917 15_000_000
         o4 order a 20 1 19
         o5 order a 31_578_927 1_578_946 29_999_981
         o6 order a 99 4 95
         o7 order a 99 9 90
         payable s 2_499_998",
    );
}

#[test]
fn an_order_is_spent_and_pays_the_sponsor_when_it_is_completed() {
    check(
        "smm-panel",
        "01-01 r chain p1..p2 under company
         01-01 o1 order p2 5_000_019 · 01-02 o2 order p2 100 · 01-03 c1 complete o1
         01-04 o3 order p2 133 · 01-04 b3 return o3 · 01-04 b2 return o2
         01-05 o4 order p2 39 · 01-05 c4 complete o4 · 01-05 o5 order p1 5_000_000 · 01-05 c5 complete o5
         01-06 o6 order p1 20",
        "o1 order p2 5_000_019 0 5_000_019 · o2 order p2 100 0 100
         c1 DIRECT p1 250_000 from p2
         o3 order p2 133 3 130
         o4 order p2 39 1 38 · c4 DIRECT p1 1 from p2
         o5 order p1 5_000_000 0 5_000_000 · o6 order p1 20 0 20
         payable p1 250_001 · company 9_750_056 · pending 20 · out 230 · in 10_000_307",
    );
}

#[test]
fn an_order_is_closed_once() {
    check_lenient(
        "smm-panel",
        "01-01 r register a under company
         01-01 o1 order a 100 · 01-01 o2 order a 100 · 01-01 c1 complete o1 · 01-01 b2 return o2
         01-01 x1 complete o1 · 01-01 x2 return o1 · 01-01 x3 complete o2 · 01-01 x4 return o2
         01-01 x5 complete c1 · 01-01 o3 order b 50 · 01-01 x6 return o3 · 01-01 p buy a 9",
        "o1 order a 100 0 100 · o2 order a 100 0 100 · o3 REFUSED b 50 from b · p REFUSED a 9 from a
         refused x1 closed order · refused x2 closed order · refused x3 closed order
         refused x4 closed order · refused x5 unknown order · refused x6 unknown order
         payable b 50 · payable a 9 · company 100 · pending 0 · in 259 · out 100",
    );
}
