//! The core programme's entry and pool, as `config/plans/autopool.toml` says it.

use crate::table::check;

#[test]
fn the_worked_example_comes_out_to_the_wei() {
    check(
        "
        register p1 under company
        register p2..p15 under p1
        ",
        "
        p1        payable 45.6  reserved 0
        p2 p3     payable 9     reserved 27
        p4..p7    payable 9     reserved 9
        p8..p15   payable 0     reserved 0
        company   110.4
        in        300
        completed p1 level 1 tree 1 index 1
        reserve   p1 level 1 tree 1 index 1 spent 40 released 8.6
        seat      p1 level 2 tree 1 index 1
        reward    DIRECT to company from p1 amount 4 payable
        total     DIRECT 34
        count     completed 1
        next      level 1 tree 1 index 16
        next      level 2 tree 1 index 2
        ",
    );
}

#[test]
fn a_seat_pays_the_three_above_it_by_position() {
    check(
        "register p1..p8 under company",
        "
        reward POOL_BREAKAGE to company from p1 amount 9   level 1 payable
        reward POOL_BREAKAGE to company from p1 amount 4.5 level 1 payable
        reward POOL_BREAKAGE to company from p1 amount 2.7 level 1 payable
        reward POOL_COMPANY  to company from p1 amount 1.8 level 1 payable
        reward POOL_L1 to p1 from p2 amount 9   level 1 payable
        reward POOL_L1 to p1 from p3 amount 9   level 1 reserved
        reward POOL_L1 to p4 from p8 amount 9   level 1 payable
        reward POOL_L2 to p2 from p8 amount 4.5 level 1 reserved
        reward POOL_L3 to p1 from p8 amount 2.7 level 1 reserved
        reward DIRECT  to company from p8 amount 2 payable
        count  POOL_BREAKAGE 11
        ",
    );
}

#[test]
fn a_board_is_not_complete_before_its_fourteenth_descendant() {
    check(
        "register p1..p14 under company",
        "
        p1    payable 9 reserved 45.9
        count completed 0
        next  level 2 tree 1 index 1
        ",
    );
}

#[test]
fn the_second_level_first_completes_at_127_seats() {
    check(
        "register p1..p126 under company",
        "
        not  completed p1 level 2 index 1
        seat p14 level 2 index 14
        next level 2 tree 1 index 15
        ",
    );
    check(
        "register p1..p127 under company",
        "
        completed p15 level 1 index 15
        seat      p15 level 2 index 15
        completed p1 level 2 index 1
        reserve   p1 level 2 index 1 spent 80 released 17.2
        seat      p1 level 3 index 1
        reward    DIRECT to company from p1 amount 8 payable
        reward    POOL_L3 to p1 from p15 amount 5.4 level 2 reserved
        ",
    );
}

#[test]
fn the_third_level_first_completes_at_1023_seats() {
    check("register p1..p1022 under company", "not completed p1 level 3 index 1");
    check(
        "register p1..p1023 under company",
        "
        completed p127 level 1 index 127
        completed p15 level 2 index 15
        completed p1 level 3 index 1
        reserve   p1 level 3 index 1 spent 160 released 34.4
        seat      p1 level 4 index 1
        in        20460
        ",
    );
}

#[test]
fn a_registration_that_does_not_fit_is_refused() {
    check(
        "
        register p1 under company
        refused register p1 under company: has not registered yet
        refused register p2 under p2: another participant
        refused register p2 under p3: sponsor has not registered
        refused register company under p1: company
        refused register p2 under p1 pays 19: exactly 20000000000000000000
        refused register p2 under p1 pays 20.000000000000000001: got 20000000000000000001
        refused register p2 under p1 pays 0: above 0
        register p2 under p1
        ",
        "in 40",
    );
}
