//! Retopups: the ten levels above the payer, and what becomes of the shares that nobody takes.

use crate::table::{check, check_plan};

#[test]
fn ten_eligible_sponsors_share_the_pot() {
    check(
        "
        register p1 under company
        register p2..p12 under p1..p11
        retopup p1..p12
        ",
        "
        reward LEVEL to p11 from p12 amount 10.8 depth 1 payable
        reward LEVEL to p10 from p12 amount 5.4 depth 2 payable
        reward LEVEL to p9 from p12 amount 3.6 depth 3 payable
        reward LEVEL to p8 from p12 amount 1.8 depth 4 payable
        reward LEVEL to p7 from p12 amount 1.8 depth 5 payable
        reward LEVEL to p6 from p12 amount 1.8 depth 6 payable
        reward LEVEL to p5 from p12 amount 1.8 depth 7 payable
        reward LEVEL to p4 from p12 amount 1.8 depth 8 payable
        reward LEVEL to p3 from p12 amount 3.6 depth 9 payable
        reward LEVEL to p2 from p12 amount 3.6 depth 10 payable
        reward COMPANY_FEE to company from p12 amount 4 payable
        not reward LEVEL_BREAKAGE to company from p12 amount 3.6 depth 10 payable
        total COMPANY_FEE 48
        ",
    );
}

const CHAIN: &str = "
    register p1 under company
    register p2 p3 under p1 p2
    retopup p3 p1 p3
";

#[test]
fn a_share_of_an_ineligible_or_missing_sponsor_is_the_companys() {
    check(
        CHAIN,
        "
        p1     payable 16.4 reserved 9
        p2     payable 2 reserved 0
        reward LEVEL_BREAKAGE to company from p3 amount 10.8 depth 1 payable
        reward LEVEL to p1 from p3 amount 5.4 depth 2 payable
        reward LEVEL_BREAKAGE to company from p3 amount 3.6 depth 10 payable
        count  LEVEL_BREAKAGE 29
        total  LEVEL_BREAKAGE 102.6
        total  COMPANY_FEE 12
        ",
    );
}

#[test]
fn compression_gives_level_n_to_the_nth_eligible_sponsor() {
    check_plan(
        "variants/autopool-small",
        CHAIN,
        "
        p1     payable 21.8 reserved 9
        reward LEVEL to p1 from p3 amount 10.8 depth 1 payable
        reward LEVEL_BREAKAGE to company from p3 amount 5.4 depth 2 payable
        count  LEVEL 1
        total  LEVEL_BREAKAGE 97.2
        ",
    );
}

#[test]
fn compression_reaches_beyond_the_tenth_sponsor() {
    check_plan(
        "variants/autopool-small",
        "
        register p1 under company
        register p2..p20 under p1..p19
        retopup p1 p20
        ",
        "reward LEVEL to p1 from p20 amount 10.8 depth 1 payable",
    );
}

#[test]
fn ones_own_retopup_makes_eligible_for_later_ones_only() {
    check(
        "
        register p1 under company
        register p2 under p1
        retopup p2 p1 p2 p2
        ",
        "
        count LEVEL 2
        total LEVEL 21.6
        ",
    );
}

#[test]
fn a_retopup_that_does_not_fit_is_refused() {
    check(
        "
        register p1 under company
        refused retopup p2: has not registered
        refused retopup company: company
        refused retopup p1 pays 20: exactly 40000000000000000000
        ",
        "in 20",
    );
}
