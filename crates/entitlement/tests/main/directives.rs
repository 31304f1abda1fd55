//! Directives: what each does, and that one without effect leaves its value with the company.

use banyan_engine::{Record, Refusal, RewardKind, UserId};
use banyan_entitlement::{
    Cause, Directive, DirectiveFault, EntitlementError, Judgement, Outcome, RecordedReason, RefusedReason,
};
use banyan_types::history::EntryBody;
use banyan_types::{B256, PlanHash};

use crate::history::{History, bnb, dearer_plan, plan, wallet};

fn grant(user: u64) -> Directive {
    Directive::Grant { user: wallet(user), reason: "for carrying water all through August".into() }
}

/// The one effect is the company's `DIRECTIVE`.
fn kept(judged: &Judgement, amount: &str) -> RecordedReason {
    let Outcome::Recorded(reason) = &judged.outcome else { panic!("{:?}", judged.outcome) };
    let [effect] = judged.effects.as_slice() else { panic!("{:?}", judged.effects) };
    assert_eq!(effect.cause, Cause::Directive { amount: bnb(amount) });
    let credit = effect.credit.unwrap();
    assert_eq!((credit.user, credit.amount), (UserId::COMPANY, bnb(amount)));
    reason.clone()
}

#[test]
fn a_grant_pays_a_participant_what_it_brings() {
    let mut history = History::worked_example();
    let judged = history.direct(&grant(9), "3.5");
    assert_eq!(judged.outcome, Outcome::Applied);
    assert_eq!(judged.user, Some(UserId(9)));
    assert_eq!(history.earned(9), "3.5");
}

#[test]
fn a_placement_seats_a_participant_at_a_free_index() {
    let mut history = History::worked_example();
    let place = Directive::Place { user: wallet(9), level: 1, tree: 1, index: 16 };
    let judged = history.direct(&place, "18");
    assert_eq!(judged.outcome, Outcome::Applied);
    assert!(
        judged
            .records()
            .any(|record| matches!(record, Record::Seat(seat) if seat.manual && seat.seat.index == 16))
    );
    assert_eq!(history.earned(8), "9", "half the price is the parent's: the first child pays it out");
    assert_eq!(history.entitlements.quote(1).unwrap().index, 17);
}

#[test]
fn gifts_that_the_plan_refuses_are_the_companys() {
    let mut history = History::worked_example();
    let before = history.entitlements.cumulative(wallet(0));
    let seat = |level, tree, index| Directive::Place { user: wallet(9), level, tree, index };
    let cases = [
        (seat(1, 1, 3), "18", "taken"),
        (seat(1, 1, 40), "18", "parent"),
        (seat(1, 1, 16), "17", "exactly"),
        (seat(1, 2, 16), "18", "tree"),
        (seat(11, 1, 16), "18", "level"),
        (seat(u64::MAX, u64::MAX, u64::MAX), "18", "level"),
        (Directive::Place { user: wallet(99), level: 1, tree: 1, index: 16 }, "18", "registered wallet"),
        (grant(99), "1", "registered wallet"),
        (grant(0), "1", "company"),
    ];
    let mut sum = before;
    for (directive, amount, words) in cases {
        let judged = history.direct(&directive, amount);
        let Outcome::Refused(reason) = &judged.outcome else { panic!("{directive:?}: {judged:?}") };
        assert!(reason.to_string().contains(words), "{directive:?}: {reason}");
        let credit = judged.credits().next().unwrap();
        assert_eq!((credit.user, credit.amount), (UserId::COMPANY, bnb(amount)), "{directive:?}");
        assert!(
            judged
                .records()
                .all(|record| matches!(record, Record::Reward(r) if r.kind == RewardKind::Refused))
        );
        sum = sum.checked_add(bnb(amount)).unwrap();
    }
    assert_eq!(history.entitlements.cumulative(wallet(0)), sum);
    let stranger = history.direct(&grant(99), "1").outcome;
    assert_eq!(stranger, Outcome::Refused(RefusedReason::Stranger(wallet(99))));
}

#[test]
fn a_gift_of_nothing_leaves_no_effect() {
    let mut history = History::worked_example();
    for directive in [grant(9), grant(99)] {
        let judged = history.direct(&directive, "0");
        assert!(matches!(judged.outcome, Outcome::Refused(_)), "{judged:?}");
        assert_eq!(judged.effects, []);
    }
}

#[test]
fn a_directive_that_nobody_can_read_is_recorded_and_its_value_is_the_companys() {
    let mut history = History::worked_example();
    let (grant_kind, good) = grant(9).encode();
    let (place_kind, place) = Directive::Place { user: wallet(9), level: 1, tree: 1, index: 16 }.encode();
    let mut cases: Vec<(B256, Vec<u8>)> = vec![
        (B256::right_padding_from(b"DANCE"), vec![]),
        (B256::right_padding_from(b"grant"), good.to_vec()),
        (B256::right_padding_from(b"GENESIS"), vec![0; 64]),
        (B256::left_padding_from(b"GRANT"), good.to_vec()),
        (B256::ZERO, vec![]),
        (grant_kind, vec![]),
        (grant_kind, good[..good.len() - 1].to_vec()),
        (place_kind, [&place[..], &[0; 32]].concat()),
        (place_kind, place[..96].to_vec()),
    ];
    // Trailing word; user wider than an address; offset; length; text not UTF-8; padding not zero.
    cases.push((grant_kind, [&good[..], &[0; 32]].concat()));
    for (byte, value) in [(0, 1), (63, 96), (95, 250), (64, 255), (96, 0xff), (good.len() - 1, 1)] {
        let mut bent = good.to_vec();
        bent[byte] = value;
        cases.push((grant_kind, bent));
    }
    for (kind, data) in cases {
        let reason = kept(&history.raw_directive(kind, &data, "2"), "2");
        assert!(matches!(reason, RecordedReason::Unreadable(_)), "{kind} {data:?}: {reason}");
    }
    assert_eq!(history.earned(9), "0");
    assert!(history.entitlements.machine().unwrap().conservation().holds());
    let judged = history.raw_directive(B256::right_padding_from(b"DANCE"), &[], "0");
    assert_eq!(judged.effects, [], "without value there is nothing to keep");
    assert_eq!(
        judged.outcome,
        Outcome::Recorded(RecordedReason::Unreadable(DirectiveFault::UnknownKind("DANCE".into())))
    );
}

#[test]
fn a_plan_judges_what_comes_after_it() {
    let mut history = History::worked_example();
    let next = dearer_plan().hash();
    assert_eq!(history.direct(&Directive::Plan(next), "0").outcome, Outcome::Applied);
    assert_eq!((history.entitlements.plan_in_force(), history.entitlements.judging()), (next, next));
    let old = history.register(16, 1);
    assert!(matches!(old.outcome, Outcome::Refused(RefusedReason::OtherPlan { .. })));
    history.plan = next;
    assert_eq!(history.register_for(17, 1, "25").outcome, Outcome::Applied);
    let wrong = history.register_for(18, 1, "20");
    assert!(matches!(wrong.outcome, Outcome::Refused(RefusedReason::Plan(Refusal::WrongAmount { .. }))));
}

#[test]
fn a_plan_of_another_shape_does_not_judge_and_payments_under_it_go_back() {
    let mut history = History::worked_example();
    let (old, new) = (history.plan, plan("autopool-last-four").hash());
    let judged = history.direct(&Directive::Plan(new), "0");
    let Outcome::Recorded(RecordedReason::PlanDoesNotFit { hash, .. }) = judged.outcome else {
        panic!("{judged:?}")
    };
    assert_eq!(hash, new);
    assert_eq!((history.entitlements.plan_in_force(), history.entitlements.judging()), (new, old));
    history.plan = new;
    let judged = history.register(16, 1);
    assert_eq!(judged.outcome, Outcome::Refused(RefusedReason::OtherPlan { judging: old, came: new }));
    assert_eq!(history.earned(16), "20");
    // The way back.
    assert_eq!(history.direct(&Directive::Plan(old), "0").outcome, Outcome::Applied);
    history.plan = old;
    assert_eq!(history.register(17, 1).outcome, Outcome::Applied);
}

#[test]
fn a_plan_that_is_not_at_hand_stops_the_reading() {
    let mut history = History::worked_example();
    let unknown = PlanHash(B256::repeat_byte(5));
    let (kind, data) = Directive::Plan(unknown).encode();
    let err = history.push(EntryBody::Directive { kind, amount: bnb("0"), data }).unwrap_err();
    assert!(matches!(err, EntitlementError::UnknownPlan { seq: 16, hash, .. } if hash == unknown), "{err}");
    assert!(err.to_string().contains("add the file"), "{err}");
    assert_eq!(history.entitlements.seq(), Some(15));
}

#[test]
fn a_wind_up_releases_every_reserve_and_ends_the_programme() {
    let mut history = History::worked_example();
    let judged = history.direct(&Directive::WindUp, "0");
    assert_eq!(judged.outcome, Outcome::Applied);
    assert_eq!(history.earned(2), "36", "9 payable and 27 reserved");
    assert_eq!(history.earned(4), "18");
    assert_eq!(history.entitlements.plan_in_force(), PlanHash::NONE);

    let judged = history.register(16, 1);
    assert_eq!(judged.outcome, Outcome::Refused(RefusedReason::Plan(Refusal::WoundUp)));
    let judged = history.direct(&grant(2), "1");
    assert_eq!(judged.outcome, Outcome::Refused(RefusedReason::Plan(Refusal::WoundUp)));
    let again = history.direct(&Directive::WindUp, "0");
    assert_eq!(again.outcome, Outcome::Recorded(RecordedReason::Refused(Refusal::WoundUp)));
    let all: i128 = (0..=16).map(|user| history.entitlements.cumulative(wallet(user)).units()).sum();
    assert_eq!(all, bnb("321").units(), "all that came in is somebody's");
}

#[test]
fn plan_and_wind_up_bring_no_money() {
    let mut history = History::worked_example();
    for directive in [Directive::Plan(history.plan), Directive::WindUp] {
        let reason = kept(&history.direct(&directive, "1"), "1");
        assert_eq!(reason, RecordedReason::UnexpectedValue(bnb("1")));
    }
    assert_eq!(history.register(16, 1).outcome, Outcome::Applied, "nothing was wound up");
}
