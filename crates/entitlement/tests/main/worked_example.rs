//! The worked example of the plan, and what was true on the way to it.

use banyan_engine::UserId;
use banyan_entitlement::{Cause, EntitlementError, Entitlements, Outcome};
use banyan_types::history::EntryBody;
use banyan_types::{B256, PlanHash};

use crate::history::{History, bnb, plans, wallet};

#[test]
fn everybody_has_earned_what_the_plan_says() {
    let history = History::worked_example();
    let expected: [(&[u64], &str); 5] = [
        (&[0], "110.4"),
        (&[1], "45.6"),
        (&[2, 3], "9"),
        (&[4, 5, 6, 7], "9"),
        (&[8, 9, 10, 11, 12, 13, 14, 15], "0"),
    ];
    for (users, earned) in expected {
        for user in users {
            assert_eq!(history.earned(*user), earned, "account {user}");
        }
    }
}

#[test]
fn wallets_are_numbered_in_order_of_registration() {
    let history = History::worked_example();
    let entitlements = &history.entitlements;
    assert_eq!(entitlements.account_count(), 16);
    for number in 0..=15u32 {
        assert_eq!(entitlements.id(wallet(number.into())), Some(UserId(number)));
        assert_eq!(entitlements.address(UserId(number)), Some(wallet(number.into())));
    }
    assert_eq!(entitlements.id(wallet(16)), None);
    assert!(entitlements.is_participant(wallet(15)));
    assert!(!entitlements.is_participant(wallet(0)), "the company is no participant");
}

#[test]
fn each_credit_says_what_the_account_has_earned_in_all() {
    let mut history = History::worked_example();
    let judged = history.register(16, 1);
    let credits: Vec<_> = judged.credits().collect();
    let to_p1: Vec<_> = credits.iter().filter(|credit| credit.user == UserId(1)).collect();
    assert_eq!(to_p1.len(), 1, "one tenth of p16's ticket");
    assert_eq!((to_p1[0].amount, to_p1[0].cumulative), (bnb("2"), bnb("47.6")));
    let rewards = judged.effects.iter().filter(|effect| effect.credit.is_some()).count();
    assert_eq!(rewards, credits.len());
    assert!(judged.effects.iter().all(|effect| matches!(effect.cause, Cause::Record(_))));
    assert_eq!(judged.user, Some(UserId(16)));
}

#[test]
fn heads_are_the_keccak_chain_over_the_entries() {
    let history = History::worked_example();
    let mut head = B256::ZERO;
    for entry in &history.entries {
        head = entry.head_after(head);
        assert_eq!(history.entitlements.head_at(entry.seq), Some(head));
    }
    assert_eq!(history.entitlements.head(), head);
    assert_eq!(history.entitlements.seq(), Some(15));
    assert_eq!(history.entitlements.head_at(16), None);
}

#[test]
fn the_quote_is_the_seat_that_the_next_registration_takes() {
    let history = History::worked_example();
    let quote = history.entitlements.quote(1).unwrap();
    assert_eq!((quote.level, quote.tree, quote.index, quote.parent), (1, 1, 16, Some(8)));
}

#[test]
fn an_entry_out_of_order_is_refused_and_changes_nothing() {
    let mut history = History::worked_example();
    let head = history.entitlements.head();
    let mut skipping =
        history.next(EntryBody::Retopup { user: wallet(1), plan: history.plan, amount: bnb("40") });
    for (seq, time) in [(17, skipping.time), (15, skipping.time), (0, skipping.time), (16, 5)] {
        (skipping.seq, skipping.time) = (seq, time);
        let err = history.entitlements.apply(&skipping).unwrap_err();
        match err {
            EntitlementError::Gap { expected: 16, came } => assert_eq!(came, seq),
            EntitlementError::TimeWentBack { seq: 16, came: 5, .. } => assert_eq!(time, 5),
            other => panic!("{other}"),
        }
        assert_eq!((history.entitlements.seq(), history.entitlements.head()), (Some(15), head));
    }
    assert_eq!(history.retopup(1, "40").outcome, Outcome::Applied);
}

#[test]
fn a_history_begins_with_one_genesis_under_a_known_plan() {
    let history = History::new("autopool");
    let genesis = history.entries[0].clone();
    let EntryBody::Genesis { chain_id, contract, plan, .. } = genesis.body else { panic!("entry 0") };
    let with = |plan, predecessor| banyan_types::history::Entry {
        body: EntryBody::Genesis { chain_id, contract, plan, predecessor },
        ..genesis.clone()
    };

    let mut empty = Entitlements::new(plans());
    assert_eq!((empty.seq(), empty.head(), empty.account_count()), (None, B256::ZERO, 0));
    let mut first = history.next(EntryBody::Retopup { user: wallet(1), plan, amount: bnb("40") });
    first.seq = 0;
    assert_eq!(empty.apply(&first).unwrap_err(), EntitlementError::NoGenesis);

    let unknown = PlanHash(B256::repeat_byte(7));
    let err = empty.apply(&with(unknown, B256::ZERO)).unwrap_err();
    assert!(
        err.to_string().contains(&unknown.to_string()) && err.to_string().contains(&plan.to_string()),
        "{err}"
    );

    let err = empty.apply(&with(plan, B256::repeat_byte(1))).unwrap_err();
    assert!(matches!(err, EntitlementError::Predecessor { .. }), "{err}");

    empty.apply(&genesis).unwrap();
    let mut second = genesis.clone();
    second.seq = 1;
    assert_eq!(empty.apply(&second).unwrap_err(), EntitlementError::SecondGenesis { seq: 1 });
}

#[test]
fn an_earlier_point_is_what_a_fresh_run_up_to_it_says() {
    let history = History::worked_example();
    let early = history.entitlements.as_of(14).unwrap();
    assert_eq!(early.cumulative(wallet(1)), bnb("35"), "before the board completed: 26 + 9");
    assert_eq!(early.cumulative(wallet(15)), bnb("0"));
    assert_eq!(early.id(wallet(14)), Some(UserId(14)));
    assert_eq!(early.id(wallet(15)), None, "p15 came with entry 15");
    assert_eq!(early.accounts().count(), 15);
    assert!(matches!(history.entitlements.as_of(16), Err(EntitlementError::NotYet { asked: 16, .. })));
}
