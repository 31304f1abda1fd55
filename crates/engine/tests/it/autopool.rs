//! The core programme, as `config/plans/autopool.toml` says it.

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
        total     DIRECT 34
        next      level 2 tree 1 index 2
        ",
    );
}
