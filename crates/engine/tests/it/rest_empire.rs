//! Sales with unilevel shares, ranks and the infinity bonus, as `config/plans/rest-empire.toml` says it.

use crate::table::check_plan;

/// Six sponsors above the buyer; the second and the third are not active.
const SIX_SPONSORS: &str = "
    at 2026-01-01T00:00:00Z
    register s6 under company
    register s5 under s6
    register s4 under s5
    register s3 under s4
    register s2 under s3
    register s1 under s2
    register buyer under s1
    purchase buyer 0.01
    purchase s1 0.01
    purchase s2 0.01
    purchase s3 0.01
    purchase s4 0.01
    purchase s5 0.01
    purchase s6 0.01
    at 2026-03-01T00:00:00Z
    purchase s1 0.01
    purchase s4 0.01
    purchase s5 0.01
    purchase s6 0.01
    at 2026-03-02T00:00:00Z
    sale = purchase buyer 1000
    at 2026-03-16T00:00:00Z
    tick
";

#[test]
fn a_thousand_is_shared_by_those_who_are_active() {
    check_plan(
        "rest-empire",
        SIX_SPONSORS,
        "
        vested sale
        reward UNILEVEL to s1 from buyer amount 400 depth 1 payable
        reward UNILEVEL to s4 from buyer amount 70 depth 2 payable
        reward UNILEVEL to s5 from buyer amount 50 depth 3 payable
        reward UNILEVEL to s6 from buyer amount 30 depth 4 payable
        reward RETAINED to company from buyer amount 450 payable
    ",
    );
}

#[test]
fn without_compression_the_share_of_the_inactive_is_not_paid() {
    check_plan(
        "variants/rest-empire-none",
        SIX_SPONSORS,
        "
        reward UNILEVEL to s1 from buyer amount 400 depth 1 payable
        reward UNILEVEL to s4 from buyer amount 30 depth 4 payable
        reward UNILEVEL to s5 from buyer amount 30 depth 5 payable
        reward UNILEVEL to s6 from buyer amount 10 depth 6 payable
        reward RETAINED to company from buyer amount 530 payable
    ",
    );
}

#[test]
fn rolled_up_the_share_of_the_inactive_is_added_to_the_next() {
    check_plan(
        "variants/rest-empire-roll-up",
        SIX_SPONSORS,
        "
        reward UNILEVEL to s1 from buyer amount 400 depth 1 payable
        reward UNILEVEL to s4 from buyer amount 150 depth 4 payable
        reward UNILEVEL to s5 from buyer amount 30 depth 5 payable
        reward UNILEVEL to s6 from buyer amount 10 depth 6 payable
        reward RETAINED to company from buyer amount 410 payable
    ",
    );
}

#[test]
fn a_purchase_vests_when_it_is_fourteen_days_old_and_not_a_second_before() {
    check_plan(
        "rest-empire",
        "
        at 2026-01-01T00:00:00Z
        register u1 under company
        register u2 under u1
        at 2026-01-02T00:00:00Z
        p1 = purchase u2 100
        at 2026-01-15T23:59:59Z
        tick
    ",
        "
        not vested p1
        pending 100
        company 0
    ",
    );
    check_plan(
        "rest-empire",
        "
        at 2026-01-01T00:00:00Z
        register u1 under company
        register u2 under u1
        at 2026-01-02T00:00:00Z
        p1 = purchase u2 100
        at 2026-01-16T00:00:00Z
        refused refund p1: less than 14 days
        tick
        refused refund p1: less than 14 days
    ",
        "
        vested p1
        pending 0
        u1 payable 40 reserved 0
        company 60
    ",
    );
}

#[test]
fn a_refunded_purchase_leaves_no_trace() {
    check_plan(
        "rest-empire",
        "
        at 2026-01-01T00:00:00Z
        register u1 under company
        register u2 under u1
        register u3 under u2
        at 2026-01-02T00:00:00Z
        p1 = purchase u2 100
        p2 = purchase u3 50
        at 2026-01-15T23:59:59Z
        refund p1
        refused refund p1: not refunded yet
        refused refund nothing: no purchase has this one
        at 2026-03-01T00:00:00Z
        tick
    ",
        "
        not vested p1
        reward UNILEVEL to u2 from u3 amount 20 depth 1 payable
        count UNILEVEL 1
        count vested 1
        out 100
        company 30
        u1 payable 0 reserved 0
    ",
    );
}

#[test]
fn three_legs_reach_every_rank_on_the_way_and_each_pays_its_bonus_once() {
    check_plan(
        "rest-empire",
        "
        at 2026-01-01T00:00:00Z
        register u0 under company
        register a b c under u0
        purchase a 125000
        purchase b 75000
        purchase c 49999.99
        at 2026-01-15T12:00:00Z
        tick
    ",
        "
        rank u0 Emerald
        not rank u0 Diamond
    ",
    );
    check_plan(
        "rest-empire",
        "
        at 2026-01-01T00:00:00Z
        register u0 under company
        register a b c under u0
        purchase a 300000
        purchase b 150000
        purchase c 99999.99
        purchase c 0.01
        at 2026-01-15T12:00:00Z
        tick
    ",
        "
        rank u0 Diamond
        rank u0 Blue Diamond
        count rank 7
        total RANK 10000
        reward RANK to u0 from u0 amount 5000 rank Diamond payable
        reward RANK to u0 from u0 amount 5000 rank Blue-Diamond payable
    ",
    );
}
