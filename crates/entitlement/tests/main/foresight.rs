//! Decisions played before they are taken, and the past played again under another plan.

use banyan_engine::lint::Edit;
use banyan_entitlement::{ContractPlan, Decision, Directive, EntitlementError, Hindsight, Outcome, Repriced};
use banyan_types::{B256, PlanHash};

use crate::history::{History, bnb, dearer_plan, plan, plans, wallet};

fn grant(user: u64) -> Directive {
    Directive::Grant { user: wallet(user), reason: "for carrying water".into() }
}

fn place(user: u64, index: u64) -> Directive {
    Directive::Place { user: wallet(user), level: 1, tree: 1, index }
}

#[test]
fn what_is_foreseen_is_what_comes_and_nothing_has_changed_before() {
    for (directive, amount) in [
        (place(9, 16), "18"),
        (place(9, 3), "18"),
        (place(9, 16), "17"),
        (place(99, 16), "18"),
        (grant(9), "3.5"),
        (grant(99), "1"),
        (Directive::WindUp, "0"),
        (Directive::WindUp, "1"),
        (Directive::Plan(dearer_plan().hash()), "0"),
        (Directive::Plan(plan("autopool-last-four").hash()), "0"),
    ] {
        let mut history = History::worked_example();
        let head = history.entitlements.head();
        let decision = Decision { directive: directive.clone(), amount: bnb(amount) };
        let foreseen = history.entitlements.foresee(&decision, None).unwrap();
        assert_eq!((history.entitlements.seq(), history.entitlements.head()), (Some(15), head));
        let came = history.direct(&directive, amount);
        assert_eq!(
            (foreseen.seq, foreseen.outcome, foreseen.effects, foreseen.user),
            (came.seq, came.outcome, came.effects, came.user),
            "{directive:?} with {amount}"
        );
    }
}

#[test]
fn a_plan_that_is_not_at_hand_can_be_brought_along() {
    let history = History::worked_example();
    let file = plan("autopool").file().replace("direct = \"10%\"", "direct = \"12%\"");
    let next = ContractPlan::from_toml(&file).unwrap();
    let decision = Decision { directive: Directive::Plan(next.hash()), amount: bnb("0") };
    let err = history.entitlements.foresee(&decision, None).unwrap_err();
    assert!(matches!(err, EntitlementError::UnknownPlan { seq: 16, .. }), "{err}");
    let foreseen = history.entitlements.foresee(&decision, Some(&next)).unwrap();
    assert_eq!(foreseen.outcome, Outcome::Applied);
}

#[test]
fn the_past_under_the_same_plan_is_what_it_was() {
    let mut history = History::worked_example();
    history.retopup(1, "40");
    history.retopup(2, "40");
    history.direct(&place(9, 16), "18");
    history.direct(&grant(9), "3.5");
    history.direct(&grant(99), "1");
    let mut hindsight = Hindsight::new(plans(), plan("autopool"), plan("autopool"));
    history.entries.iter().for_each(|entry| hindsight.read(entry));
    assert_eq!(hindsight.repriced(), Repriced::default());
    let effect = hindsight.effect();
    assert_eq!((effect.gainers, effect.losers, effect.unchanged), (0, 0, 15));
    for account in &effect.accounts {
        let wallet = account.user.parse().unwrap();
        assert_eq!(account.compared.old.entitlement, history.entitlements.cumulative(wallet));
    }
    assert_eq!(effect.company.old.entitlement, history.entitlements.cumulative(wallet(0)));
}

#[test]
fn whoever_paid_the_price_pays_the_other_plans_price() {
    let mut history = History::worked_example();
    history.register_for(16, 1, "19");
    let mut hindsight = Hindsight::new(plans(), plan("autopool"), dearer_plan());
    history.entries.iter().for_each(|entry| hindsight.read(entry));
    assert_eq!(hindsight.repriced(), Repriced { payments: 15, refused: 0 });
    let effect = hindsight.effect();
    let first = effect.accounts.iter().find(|account| account.user == wallet(1).to_string()).unwrap();
    assert_eq!(first.compared.old.entitlement, bnb("45.6"));
    // 14 referrals at 2.5, the first child's 11.25, and 60.75 reserved of which 50 buy the next ticket.
    assert_eq!(first.compared.new.entitlement, bnb("57"));
    let refused = effect.accounts.iter().find(|account| account.user == wallet(16).to_string()).unwrap();
    assert_eq!(refused.compared.difference, Some(bnb("0")), "19 go back under both");
}

#[test]
fn a_file_can_be_edited_by_its_keys() {
    let plan = plan("autopool");
    let edit = |key: &str, to: Option<&str>| Edit { key: key.into(), to: to.map(Into::into) };
    let file = plan.edited(&[edit("registration.entry", Some("\"25\""))]).unwrap();
    assert_eq!(ContractPlan::from_toml(&file).unwrap(), dearer_plan());
    for wrong in [edit("name.first", Some("1")), edit("pool.levels", Some("=")), edit("pool.nothing", None)] {
        assert_eq!(plan.edited(std::slice::from_ref(&wrong)).unwrap_err(), wrong);
    }
}

#[test]
fn nothing_is_foreseen_before_the_genesis() {
    let empty = banyan_entitlement::Entitlements::new(plans());
    let decision = Decision { directive: Directive::Plan(PlanHash(B256::ZERO)), amount: bnb("0") };
    assert_eq!(empty.foresee(&decision, None).unwrap_err(), EntitlementError::NoGenesis);
}
