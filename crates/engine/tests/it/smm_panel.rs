//! Orders with tiers and a sponsor's commission, as `config/plans/smm-panel.toml` says it.

use crate::table::check_plan;

#[test]
fn the_discount_follows_from_what_was_completed_before() {
    check_plan(
        "smm-panel",
        "
        register s under company
        register u under s
        o1 = order u 5000000
        order u 101
        complete o1
        o3 = order u 101
        refused complete o1: this one was completed
        give back o3
        refused complete o3: this one was refunded
        refused give back nothing: no order has this one
    ",
        "
        order u list 5000000 discount 0 net 5000000
        order u list 101 discount 0 net 101
        order u list 101 discount 3 net 98
        reward DIRECT to s from u amount 250000 payable
        company 4750000
        in 5000199
        out 98
        pending 101
    ",
    );
}
