//! The other programmes of the family, and trees that fill.

use crate::table::check_plan;

#[test]
fn the_last_four_positions_never_pay_the_next_ticket() {
    check_plan(
        "autopool-last-four",
        "register p1..p15 under company",
        "
        completed p1 level 1 index 1
        reserve   p1 level 1 index 1 spent 0 released 10.8
        p1        payable 57.6 reserved 0
        p2 p3     payable 36 reserved 0
        next      level 2 tree 1 index 1
        ",
    );
    check_plan(
        "autopool-last-four",
        "register p1..p1023 under company",
        "count completed 127\n next level 2 tree 1 index 1",
    );
}

#[test]
fn the_worked_example_of_the_second_referral_comes_out_to_the_wei() {
    check_plan(
        "autopool-second-referral",
        "
        register s1..s15 under company
        register a1..a15, b1..b15 under s1..s15
        ",
        "
        s1       payable 42   reserved 0
        s2 s3    payable 38   reserved 20
        s4..s7   payable 38   reserved 0
        s8..s15  payable 18   reserved 0
        a1..a15  payable 0    reserved 0
        b1..b15  payable 0    reserved 0
        company  446
        in       900
        seat     s1 level 2 index 1
        reserve  s1 level 1 index 1 spent 40 released 4
        reward   POOL_L1 to s1 from b2 amount 10 level 1 payable
        ",
    );
}

#[test]
fn only_the_second_referral_buys_a_seat_and_never_for_the_company() {
    check_plan(
        "autopool-second-referral",
        "
        register p1..p3 under company
        register p4..p7 under p1
        ",
        "
        count  seat 1
        seat   p1 level 1 index 1
        reward DIRECT to company from p2 amount 18 payable
        reward COMPANY_FEE to company from p2 amount 2 payable
        p1     payable 54 reserved 0
        ",
    );
}

#[test]
fn a_full_tree_is_followed_by_the_next_until_all_are_full() {
    check_plan(
        "variants/autopool-small",
        "register p1..p93 under company",
        "
        seat  p32 level 1 tree 2 index 1
        seat  p63 level 1 tree 3 index 1
        seat  p93 level 1 tree 3 index 31
        count completed 9
        count SEAT_REFUND 0
        next  level 1 none
        next  level 2 tree 1 index 10
        ",
    );
    check_plan(
        "variants/autopool-small",
        "
        register p1..p93 under company
        register p94 under p1
        refused place p1 level 1 tree 3 index 4: seat 4 is taken
        ",
        "
        reward SEAT_REFUND to p94 from p94 amount 18 level 1 payable
        reward DIRECT to p1 from p94 amount 2 payable
        p94    payable 18 reserved 0
        count  seat 102
        ",
    );
}

#[test]
fn nothing_is_reserved_for_a_board_that_cannot_fill_or_at_the_top() {
    check_plan(
        "variants/autopool-small",
        "
        register p1..p31 under company
        place p5 level 2 tree 1 index 4
        place p5 level 2 tree 1 index 5
        ",
        "
        reward POOL_L1 to p3 from p7 amount 9 level 1 reserved
        reward POOL_L1 to p4 from p9 amount 9 level 1 payable
        reward POOL_L2 to p1 from p7 amount 4.5 level 1 reserved
        reward POOL_L1 to p2 from p5 amount 18 level 2 payable
        p4..p7   payable 36 reserved 0
        p8..p15  payable 18 reserved 0
        p16..p31 payable 0 reserved 0
        ",
    );
}
