//! Payments that the contract takes and the plan refuses go back to their payer; what the contract can never have
//! taken is an error.

use banyan_engine::{Record, Refusal, RewardKind, UserId};
use banyan_entitlement::{EntitlementError, Judgement, Outcome, RefusedReason};
use banyan_types::history::EntryBody;
use banyan_types::{Amount, B256, PlanHash};

use crate::history::{History, bnb, wallet};

/// The one effect is `REFUSED` to the payer.
fn returned(judged: &Judgement, payer: u32, amount: &str) -> RefusedReason {
    let Outcome::Refused(reason) = &judged.outcome else { panic!("{:?}", judged.outcome) };
    let records: Vec<_> = judged.records().collect();
    let [Record::Reward(reward)] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((reward.kind, reward.to, reward.amount), (RewardKind::Refused, UserId(payer), bnb(amount)));
    let credits: Vec<_> = judged.credits().collect();
    assert_eq!((credits.len(), credits[0].user, credits[0].amount), (1, UserId(payer), bnb(amount)));
    reason.clone()
}

#[test]
fn a_wrong_amount_goes_back_and_its_payer_is_a_leaf_but_no_participant() {
    let mut history = History::new("autopool");
    let reason = returned(&history.register_for(1, 0, "19"), 1, "19");
    assert!(matches!(reason, RefusedReason::Plan(Refusal::WrongAmount { .. })), "{reason}");
    assert_eq!(history.earned(1), "19");
    assert_eq!(history.entitlements.id(wallet(1)), Some(UserId(1)));
    assert!(!history.entitlements.is_participant(wallet(1)));
    assert_eq!(history.entitlements.as_of(1).unwrap().accounts().count(), 2);
}

#[test]
fn one_whom_the_plan_refused_can_neither_sponsor_nor_retopup() {
    let mut history = History::new("autopool");
    history.register_for(1, 0, "19");
    let reason = returned(&history.register(2, 1), 2, "20");
    assert_eq!(reason, RefusedReason::Plan(Refusal::UnknownSponsor));
    let reason = returned(&history.retopup(1, "40"), 1, "40");
    assert_eq!(reason, RefusedReason::Plan(Refusal::UnknownUser));
    assert_eq!(history.earned(1), "59");
    // The next one is numbered as the contract numbers her.
    history.register(3, 0);
    assert_eq!(history.entitlements.id(wallet(3)), Some(UserId(3)));
    assert!(history.entitlements.is_participant(wallet(3)));
}

#[test]
fn a_payment_under_another_plan_goes_back() {
    let mut history = History::worked_example();
    let judging = history.plan;
    let came = PlanHash(B256::repeat_byte(9));
    history.plan = came;
    let reason = returned(&history.retopup(1, "40"), 1, "40");
    assert_eq!(reason, RefusedReason::OtherPlan { judging, came });
    let reason = returned(&history.register(16, 1), 16, "20");
    assert_eq!(reason, RefusedReason::OtherPlan { judging, came });
    assert_eq!(history.entitlements.id(wallet(16)), Some(UserId(16)));
    assert!(!history.entitlements.machine().unwrap().has_retopup(UserId(1)));
}

#[test]
fn what_the_contract_can_never_have_taken_is_an_error_that_changes_nothing() {
    let mut history = History::worked_example();
    let (plan, amount) = (history.plan, bnb("20"));
    let head = history.entitlements.head();
    let registration = |user, sponsor| EntryBody::Registration {
        user: wallet(user),
        sponsor: wallet(sponsor),
        plan,
        amount,
    };
    let twice = history.push(registration(3, 1)).unwrap_err();
    assert_eq!(twice, EntitlementError::RegisteredTwice { seq: 16, user: wallet(3) });
    let stranger = history.push(registration(16, 99)).unwrap_err();
    assert_eq!(stranger, EntitlementError::NotRegistered { seq: 16, account: wallet(99) });
    let own = history.push(registration(16, 16)).unwrap_err();
    assert_eq!(own, EntitlementError::NotRegistered { seq: 16, account: wallet(16) });
    let company = history.push(registration(0, 0)).unwrap_err();
    assert_eq!(company, EntitlementError::RegisteredTwice { seq: 16, user: wallet(0) });
    let retopup = EntryBody::Retopup { user: wallet(16), plan, amount };
    assert!(matches!(history.push(retopup), Err(EntitlementError::NotRegistered { seq: 16, .. })));
    assert_eq!(history.entitlements.head(), head);
    assert_eq!(history.entitlements.account_count(), 16);
}

#[test]
fn a_sum_beyond_the_range_is_an_error_with_the_entry() {
    let mut history = History::worked_example();
    let huge = EntryBody::Retopup { user: wallet(1), plan: history.plan, amount: Amount::MAX };
    let err = history.push(huge).unwrap_err();
    assert_eq!(err, EntitlementError::Overflow { seq: 16, what: "amounts" });
    let negative = Amount::from_units(-1).unwrap();
    let err = history
        .push(EntryBody::Retopup { user: wallet(1), plan: history.plan, amount: negative })
        .unwrap_err();
    assert_eq!(err, EntitlementError::Overflow { seq: 16, what: "amounts" });
    assert_eq!(history.retopup(1, "40").outcome, Outcome::Applied);
}
