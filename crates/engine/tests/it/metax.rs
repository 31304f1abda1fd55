//! Referral levels and staking, as `config/plans/metax.toml` says it.

use crate::table::check_plan;

#[test]
fn an_inactive_sponsor_uses_up_her_level() {
    check_plan(
        "metax",
        "
        register s5 under company
        register s4 under s5
        register s3 under s4
        register s2 under s3
        register s1 under s2
        register u under s1
        status s2 inactive
        purchase u 100
    ",
        "
        reward DIRECT to s1 from u amount 10 depth 1 payable
        reward LEVEL to s3 from u amount 3 depth 3 payable
        reward LEVEL to s4 from u amount 2 depth 4 payable
        reward LEVEL to s5 from u amount 1 depth 5 payable
        reward RETAINED to company from u amount 84 payable
        count LEVEL 3
    ",
    );
}

#[test]
fn the_day_of_staking_earns_nothing_and_every_later_one_a_day_of_interest() {
    check_plan(
        "metax",
        "
        at 2026-01-01T10:00:00Z
        register u under company
        s = stake u 36500
        at 2026-01-02T00:00:00Z
        tick
    ",
        "
        count STAKING 0
        staked 36500
    ",
    );
    check_plan(
        "metax",
        "
        at 2026-01-01T10:00:00Z
        register u under company
        s = stake u 36500
        at 2026-01-03T00:00:00Z
        tick
        at 2026-01-05T23:59:59Z
        tick
        tick
        unstake s
        refused unstake s: is open
    ",
        "
        reward STAKING to u from u amount 12 position s payable
        reward STAKING to u from u amount 24 position s payable
        reward PRINCIPAL to u from u amount 36500 position s payable
        count STAKING 3
        staked 0
        company -48
        u payable 36548 reserved 0
    ",
    );
}
