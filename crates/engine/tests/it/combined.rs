//! A new programme of known parts is a file: components meet in plans that nobody shipped.

use crate::table::check_text;

/// Seats and level income, and a shop beside them whose purchases can be refunded for two days.
const EVERYTHING: &str = r#"
    semantics = 1
    name = "everything"

    [currency]
    symbol = "X"
    decimals = 2

    [registration]
    entry = "20"

    [pool]
    levels = 2
    growth = 2
    direct = "10%"
    shares = ["50%", "25%", "15%"]
    reserve_last = 13
    trees = 15

    [vesting]
    refund_days = 2

    [referral]
    shares = ["10%", 500]

    [ranks]
    legs = ["60%", "40%", "0%"]
    rank = [{ name = "New", turnover = "0" }, { name = "Leader", turnover = "100", bonus = "7" }]

    [staking]
    yearly = "36.5%"

    [orders]
    commission = "5%"
"#;

#[test]
fn seats_sales_stakes_and_orders_meet_in_one_programme() {
    check_text(
        EVERYTHING,
        "
        at 2026-01-01T00:00:00Z
        register p1 under company
        register p2 p3 under p1
        s = stake p2 100
        o = order p3 40
        complete o
        status p1 inactive
        p = purchase p2 60
        status p1 active
        q = purchase p3 40
        r = purchase p3 1
        refund r
        at 2026-01-03T12:00:00Z
        tick
        ",
        "
        seat    p3 level 1 index 3
        reward  DIRECT to p1 from p3 amount 2 payable
        vested  p
        vested  q
        not     vested r
        reward  DIRECT to p1 from p2 amount 6 depth 1 payable
        reward  DIRECT to p1 from p3 amount 4 depth 1 payable
        rank    p1 Leader
        reward  RANK to p1 from p1 amount 7 rank Leader payable
        reward  STAKING to p2 from p2 amount 0.1 position s payable
        staked  100
        out     1
        pending 0
        in      301
        ",
    );
}

#[test]
fn without_a_refund_window_a_purchase_is_shared_at_once_and_a_month_at_its_end() {
    check_text(
        r#"
        semantics = 1
        name = "at-once"
        [currency]
        symbol = "X"
        decimals = 2
        [activity]
        days = 31
        [unilevel]
        shares = ["10%"]
        [ranks]
        legs = ["100%", "0%", "0%"]
        rank = [{ name = "New", turnover = "0" }, { name = "Leader", turnover = "50" }]
        [infinity]
        shares = [{ rank = "Leader", share = "20%" }]
        "#,
        "
        at 2026-01-10T00:00:00Z
        register p1 under company
        register p2 under p1
        purchase p2 50
        at 2026-02-01T00:00:00Z
        purchase p1 30
        ",
        "
        reward UNILEVEL to p1 from p2 amount 5 depth 1 payable
        rank   p1 Leader
        reward INFINITY to p1 from company amount 10 month 2026-01 payable
        count  vested 0
        company 65
        ",
    );
}
