//! Explanations over the contract's history.

use std::collections::BTreeMap;

use banyan_engine::explain::Reason;
use banyan_entitlement::{Cause, Directive, Explainer};
use banyan_types::{Address, Amount};

use crate::history::{History, plans, wallet};

/// What each account is told it became entitled to by an entry, and what the judgement credits.
fn assert_explained(history: &History) {
    let mut explainer = Explainer::new(plans());
    for entry in &history.entries {
        let credited = credits(&mut explainer.clone(), entry);
        for number in 0..=20 {
            let account = wallet(number);
            let answer = explainer.clone().explain(entry, account).unwrap();
            let payable = answer.rewards.iter().filter(|reward| reward.state == "payable");
            let released = answer.reserves.iter().map(|reserve| reserve.released);
            let told = Amount::sum(payable.map(|reward| reward.amount).chain(released)).unwrap();
            let due = credited.get(&account).copied().unwrap_or_default();
            assert_eq!(told, due, "entry {} for account {number}: {}", entry.seq, answer.why());
            assert!(answer.is_rewarded() || !answer.not_paid.is_empty(), "entry {}", entry.seq);
        }
        explainer.apply(entry).unwrap();
    }
}

fn credits(explainer: &mut Explainer, entry: &banyan_types::history::Entry) -> BTreeMap<Address, Amount> {
    let judged = explainer.apply(entry).unwrap();
    let mut sums: BTreeMap<Address, Amount> = BTreeMap::new();
    for credit in judged.credits() {
        let account = explainer.entitlements().address(credit.user).unwrap();
        let sum = sums.entry(account).or_default();
        *sum = sum.checked_add(credit.amount).unwrap();
    }
    sums
}

#[test]
fn every_credit_of_the_history_is_explained() {
    let mut history = History::worked_example();
    history.retopup(2, "40");
    history.retopup(3, "40");
    history.retopup(3, "39");
    history.direct(&Directive::Grant { user: wallet(4), reason: "thanks".to_owned() }, "3");
    history.direct(&Directive::Grant { user: wallet(19), reason: "a stranger".to_owned() }, "3");
    history.raw_directive(banyan_types::B256::repeat_byte(7), &[1, 2], "5");
    history.register_for(16, 1, "19");
    history.direct(&Directive::WindUp, "0");
    assert_explained(&history);
}

#[test]
fn an_explanation_names_wallets_and_entries_and_what_an_unreadable_directive_is() {
    let mut history = History::worked_example();
    history.retopup(1, "40");
    history.retopup(2, "40");
    history.raw_directive(banyan_types::B256::repeat_byte(7), &[1, 2], "5");
    let mut explainer = Explainer::new(plans());
    let last = history.entries.len() - 1;
    for entry in &history.entries[..last - 1] {
        explainer.apply(entry).unwrap();
    }
    let answer = explainer.explain(&history.entries[last - 1], wallet(1)).unwrap();
    assert_eq!((answer.event.what, answer.event.event.as_deref()), ("retopup", Some("17")));
    let name = wallet(1).to_string();
    assert_eq!(answer.user, name);
    assert_eq!(answer.rewards[0].because[0].says, format!("{name} has an earlier retopup: event 16"));
    let directive = explainer.explain(&history.entries[last], wallet(0)).unwrap();
    assert_eq!((directive.event.what, directive.rewards[0].kind), ("directive", "DIRECTIVE"));
    assert!(directive.rewards[0].because[0].says.starts_with("the directive has no effect"));
}

#[test]
fn a_payment_that_the_plan_never_saw_tells_why_it_went_back() {
    let mut history = History::worked_example();
    history.direct(&Directive::Grant { user: wallet(19), reason: "a stranger".to_owned() }, "3");
    let mut explainer = Explainer::new(plans());
    let (last, before) = history.entries.split_last().unwrap();
    before.iter().for_each(|entry| drop(explainer.apply(entry).unwrap()));
    let judged = explainer.clone().apply(last).unwrap();
    assert!(judged.effects.iter().all(|effect| matches!(effect.cause, Cause::Record(_))));
    let why = judged.reason().unwrap();
    let company = explainer.clone().explain(last, wallet(0)).unwrap();
    assert!(company.rewards[0].because[0].says.ends_with(&why), "{}", company.why());
    let other = explainer.explain(last, wallet(1)).unwrap();
    let Reason::PaymentRefused { why: told, .. } = &other.not_paid[0].reason.fact else {
        panic!("{}", other.why_not())
    };
    assert_eq!(*told, why);
}
