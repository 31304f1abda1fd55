//! Manual placement: where it may put a seat, and how the queue and the boards take it.

use banyan_engine::{Event, EventBody, EventId, Machine, Record, UserId};

use crate::table::{check, check_plan, plan};

#[test]
fn a_placement_that_does_not_fit_is_refused() {
    check(
        "
        register p1..p3 under company
        refused place p9 level 1 tree 1 index 4: has not registered
        refused place company level 1 tree 1 index 4: company
        refused place p1 level 0 tree 1 index 4: from 1 to 10
        refused place p1 level 11 tree 1 index 4: from 1 to 10
        refused place p1 level 4294967297 tree 1 index 4: from 1 to 10
        refused place p1 level 1 tree 0 index 4: newest tree, 1
        refused place p1 level 1 tree 2 index 1: newest tree, 1
        refused place p1 level 2 tree 2 index 1: newest tree, 1
        refused place p1 level 1 tree 1 index 0: from 1
        refused place p1 level 1 tree 1 index 3: seat 3 is taken
        refused place p1 level 1 tree 1 index 8: seat 4 is free
        refused place p1 level 1 tree 1 index 18446744073709551615: from 1 to 9223372036854775807
        refused place p1 level 1 tree 1 index 9223372036854775807: seat 4611686018427387903 is free
        refused place p1 level 2 tree 1 index 2: seat 1 is free
        refused place p1 level 1 tree 1 index 4 pays 20: exactly 18000000000000000000
        refused place p1 level 2 tree 1 index 1 pays 18: exactly 36000000000000000000
        ",
        "next level 1 tree 1 index 4",
    );
}

#[test]
fn a_placed_seat_pays_as_any_seat_but_no_direct() {
    check(
        "
        register p1..p3 under company
        place p1 level 1 tree 1 index 6
        ",
        "
        seat   p1 level 1 tree 1 index 6
        reward POOL_L1 to p3 from p1 amount 9 level 1 payable
        reward POOL_L2 to p1 from p1 amount 4.5 level 1 reserved
        reward POOL_BREAKAGE to company from p1 amount 2.7 level 1 payable
        reward POOL_COMPANY to company from p1 amount 1.8 level 1 payable
        count  DIRECT 3
        in     78
        next   level 1 tree 1 index 4
        ",
    );
}

#[test]
fn the_queue_passes_over_placed_seats() {
    check(
        "
        register p1..p3 under company
        place p1 level 1 tree 1 index 6
        place p1 level 1 tree 1 index 12
        place p2 level 1 tree 1 index 4
        register p4..p12 under company
        ",
        "
        seat p4 level 1 index 5
        seat p5 level 1 index 7
        seat p6 level 1 index 8
        seat p9 level 1 index 11
        seat p10 level 1 index 13
        next level 1 tree 1 index 16
        ",
    );
}

#[test]
fn a_level_that_is_empty_takes_its_root() {
    check(
        "
        register p1 p2 under company
        place p2 level 3 tree 1 index 1
        place p1 level 3 tree 1 index 3
        ",
        "
        reward POOL_BREAKAGE to company from p2 amount 36 level 3 payable
        reward POOL_L1 to p2 from p1 amount 36 level 3 reserved
        next   level 3 tree 1 index 2
        next   level 2 tree 1 index 1
        ",
    );
}

const ALL_BUT_THE_EIGHTH: &str = "
    register p1..p7 under company
    place p1 level 1 tree 1 index 15
    place p1 level 1 tree 1 index 14
    place p1 level 1 tree 1 index 13
    place p1 level 1 tree 1 index 12
    place p1 level 1 tree 1 index 11
    place p1 level 1 tree 1 index 10
    place p1 level 1 tree 1 index 9
";

#[test]
fn the_fifteenth_seat_alone_does_not_complete_a_board() {
    check(ALL_BUT_THE_EIGHTH, "count completed 0");
}

#[test]
fn a_board_completes_with_the_last_of_its_fourteen_in_whatever_order() {
    let events = format!("{ALL_BUT_THE_EIGHTH}\nregister p8 under company");
    check(
        &events,
        "
        seat      p8 level 1 index 8
        completed p1 level 1 index 1
        reserve   p1 level 1 index 1 spent 40 released 8.6
        seat      p1 level 2 index 1
        next      level 1 tree 1 index 16
        ",
    );
    let placed = format!("{ALL_BUT_THE_EIGHTH}\nplace p3 level 1 tree 1 index 8");
    check(&placed, "completed p1 level 1 index 1\n seat p1 level 2 index 1");
}

#[test]
fn a_placement_never_opens_a_tree() {
    check_plan(
        "variants/autopool-small",
        "
        register p1..p31 under company
        refused place p1 level 1 tree 2 index 1: newest tree, 1
        refused place p1 level 1 tree 1 index 32: from 1 to 31
        refused place p1 level 1 tree 1 index 31: seat 31 is taken
        register p32 under company
        refused place p1 level 1 tree 1 index 31: newest tree, 2
        place p1 level 1 tree 2 index 3
        ",
        "
        seat p32 level 1 tree 2 index 1
        seat p1 level 1 tree 2 index 3
        next level 1 tree 2 index 2
        ",
    );
}

#[test]
fn placements_far_ahead_cost_no_memory() {
    let mut events = "register p1 under company\n".to_owned();
    for bits in 2..=62u32 {
        events += &format!("place p1 level 1 tree 1 index {}\n", 1u64 << (bits - 1));
    }
    check(&events, "next level 1 tree 1 index 3\n count seat 62");
}

#[test]
fn the_next_seat_and_the_taken_one_name_the_seat_above() {
    let mut machine = Machine::new(plan("autopool"));
    let amount = machine.plan().entry();
    for (user, parent) in [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(2)), (6, Some(3))] {
        assert_eq!(machine.next_seat(1).unwrap().parent, parent, "the seat for {user}");
        let body = EventBody::Registered { user: UserId(user), sponsor: UserId::COMPANY, amount };
        let records = machine.apply(&Event { id: EventId(user), at: 0, body }).unwrap();
        let seated = records
            .iter()
            .find_map(|record| if let Record::Seat(seat) = record { Some(seat.parent) } else { None });
        assert_eq!(seated, Some(parent), "the seat of {user}");
    }
}
