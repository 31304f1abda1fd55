//! Grants, the wind-up, and what production does with payments that the plan refuses.

use banyan_engine::{Event, EventBody, EventId, Machine, Outcome, Record, Refusal, UserId};
use banyan_types::Amount;

use crate::table::{check, plan};

#[test]
fn a_grant_goes_to_its_participant_whole() {
    check(
        "
        register p1 under company
        grant p1 0.000000000000000007
        refused grant p2 5: has not registered
        refused grant company 5: company
        refused grant p1 0: above 0
        ",
        "
        reward GRANT to p1 from company amount 0.000000000000000007 payable
        p1     payable 0.000000000000000007 reserved 0
        in     20.000000000000000007
        ",
    );
}

#[test]
fn the_wind_up_releases_every_reserve_and_refuses_all_but_ticks() {
    check(
        "
        register p1..p20 under company
        place p5 level 1 tree 1 index 40
        place p1 level 2 tree 1 index 3
        wind up
        tick
        refused register p30 under p1: wound up
        refused retopup p1: wound up
        refused place p1 level 1 tree 1 index 21: wound up
        refused grant p1 5: wound up
        refused wind up: wound up
        tick
        ",
        "
        reserve p2 level 1 index 2 spent 0 released 40.5
        reserve p5 level 1 index 5 spent 0 released 16.2
        reserve p10 level 1 index 10 spent 0 released 4.5
        reserve p1 level 2 index 1 spent 0 released 18
        not     reserve p1 level 1 index 1 spent 0 released 0
        p10     payable 13.5 reserved 0
        ",
    );
}

#[test]
fn a_refused_payment_goes_back_to_its_payer() {
    check(
        "
        register p1 under company
        returned register p2 under p3: sponsor has not registered
        returned register p1 under company: has not registered yet
        returned retopup p1 pays 39: exactly
        returned retopup p9: has not registered
        returned place p1 level 1 tree 1 index 7: seat 3 is free
        returned grant p9 5: has not registered
        register p2 under p1
        wind up
        returned retopup p1: wound up
        skipped wind up: wound up
        ",
        "
        reward REFUSED to p2 from p2 amount 20 payable
        reward REFUSED to p1 from p1 amount 39 payable
        reward REFUSED to p9 from p9 amount 40 payable
        reward REFUSED to company from company amount 18 payable
        reward REFUSED to company from company amount 5 payable
        total  REFUSED 182
        in     222
        p9     payable 40 reserved 0
        ",
    );
}

#[test]
fn time_does_not_go_back() {
    let mut machine = Machine::new(plan("autopool"));
    let amount = machine.plan().entry();
    let body = EventBody::Registered { user: UserId(1), sponsor: UserId::COMPANY, amount };
    machine.apply(&Event { id: EventId(1), at: 100, body: EventBody::Tick }).unwrap();
    let before = machine.clone();
    let back = Refusal::TimeWentBack { last: 100, came: 99 };
    assert_eq!(machine.apply(&Event { id: EventId(1), at: 99, body }), Err(back));
    assert_eq!(machine.apply_lenient(&Event { id: EventId(1), at: 99, body }), Outcome::Skipped(back));
    assert!(machine == before);
    assert!(machine.apply(&Event { id: EventId(1), at: 100, body }).is_ok(), "equal is fine");
}

#[test]
fn a_sum_of_payments_that_no_amount_holds_is_refused() {
    let mut machine = Machine::new(plan("autopool"));
    let amount = machine.plan().entry();
    let registered = EventBody::Registered { user: UserId(1), sponsor: UserId::COMPANY, amount };
    machine.apply(&Event { id: EventId(1), at: 0, body: registered }).unwrap();
    let grant =
        Event { id: EventId(1), at: 0, body: EventBody::Grant { user: UserId(1), amount: Amount::MAX } };
    let before = machine.clone();
    assert_eq!(machine.apply(&grant), Err(Refusal::Overflow));
    assert_eq!(machine.apply_lenient(&grant), Outcome::Skipped(Refusal::Overflow));
    assert!(machine == before);
}

#[test]
fn a_payment_that_never_became_an_event_can_be_returned() {
    let mut machine = Machine::new(plan("autopool"));
    let five = Amount::from_units(5).unwrap();
    let records = machine.return_payment(7, UserId::COMPANY, five).unwrap();
    assert_eq!(records.iter().map(Record::entitlement).collect::<Vec<_>>(), [Some((UserId::COMPANY, five))]);
    assert_eq!(machine.return_payment(7, UserId::COMPANY, Amount::ZERO), Ok(&[][..]));
    assert!(machine.return_payment(6, UserId::COMPANY, five).is_err());
    assert!(machine.return_payment(7, UserId::COMPANY, Amount::from_units(-1).unwrap()).is_err());
    assert_eq!(machine.conservation().company, five);
}

#[test]
fn machines_that_hold_different_money_are_not_the_same() {
    let after = |bodies: &[EventBody]| {
        let mut machine = Machine::new(plan("autopool"));
        let amount = machine.plan().entry();
        let registered = [1, 2].map(|user| {
            let (user, sponsor) = (UserId(user), UserId::COMPANY);
            EventBody::Registered { user, sponsor, amount }
        });
        for (id, body) in (1..).zip(registered.iter().chain(bodies)) {
            machine.apply(&Event { id: EventId(id), at: 0, body: *body }).unwrap();
        }
        machine
    };
    let five = Amount::from_units(5).unwrap();
    let granted = |user| EventBody::Grant { user: UserId(user), amount: five };
    assert!(after(&[granted(1)]) == after(&[granted(1)]));
    assert!(after(&[granted(1)]) != after(&[granted(2)]), "the same sums in other accounts");
    assert!(after(&[granted(1)]) != after(&[]), "less money");
}

#[test]
fn what_a_payment_promises_beyond_itself_must_fit_too() {
    let fits = |name, body: fn(UserId, Amount) -> EventBody, units| {
        let mut machine = Machine::new(plan(name));
        let (user, sponsor, amount) = (UserId(1), UserId::COMPANY, None);
        let registered = EventBody::Registered { user, sponsor, amount };
        machine.apply(&Event { id: EventId(1), at: 0, body: registered }).unwrap();
        let body = body(user, Amount::from_units(units).unwrap());
        match machine.apply(&Event { id: EventId(2), at: 0, body }) {
            Ok(_) => true,
            Err(Refusal::Overflow) => false,
            Err(other) => panic!("{name}, {units}: {other}"),
        }
    };
    let stake = |user, amount| EventBody::Stake { user, amount };
    let purchase = |user, amount| EventBody::Purchase { user, amount };
    let tenths = |tenths| Amount::LIMIT / 10 * tenths;
    // 12 % a year until the end of 9999 are 963 times the principal.
    assert!(fits("metax", stake, Amount::LIMIT / 1_000));
    assert!(!fits("metax", stake, Amount::LIMIT / 950));
    // A month may pay as much again as was bought in it, where there is an infinity bonus.
    assert!(fits("rest-empire", purchase, tenths(4)));
    assert!(!fits("rest-empire", purchase, tenths(6)));
    assert!(fits("metax", purchase, tenths(6)));
}
