//! Decisions in tables: each row changes one thing that the request, the contract or the history says.

use alloy::primitives::{Address, B256};
use banyan_chain::eip712::unpack_items;
use banyan_chain::view::AccountState;
use banyan_entitlement::{Directive, Entitlements};
use banyan_signer::limits::Window;
use banyan_signer::policy::{self, IntakeContract, Limits, PayoutContract};
use banyan_signer::protocol::{PayoutBatchRequest, PayoutItem, Refusal, RegistrationRequest, RetopupRequest};
use banyan_types::history::EntryBody;
use banyan_types::{Amount, PlanHash};

use crate::history::{after, bnb, plan, push, wallet, worked_example};

const NOW: u64 = 1_800_001_000;

fn limits() -> Limits {
    Limits { registration_validity: 900, payout_validity: 600, max_batch_total: bnb("1000") }
}

fn state(registered: bool) -> AccountState {
    AccountState { paid: Amount::ZERO, owed: Amount::ZERO, nonce: 7, registered, frozen: false }
}

fn fields(refusals: &[Refusal]) -> Vec<&str> {
    refusals.iter().map(|refusal| refusal.field.as_str()).collect()
}

/// What an intake decision looks at.
struct Intake {
    request: RegistrationRequest,
    contract: IntakeContract,
    entitlements: Entitlements,
}

impl Intake {
    /// p16 under p3.
    fn good() -> Intake {
        let plan = plan().hash();
        let request = RegistrationRequest { user: wallet(16), sponsor: wallet(3), amount: bnb("20"), plan };
        let contract = IntakeContract {
            time: NOW,
            plan,
            paused: false,
            may_sign: true,
            user: state(false),
            sponsor: state(true),
        };
        Intake { request, contract, entitlements: worked_example() }
    }

    fn decide(&self) -> Result<banyan_chain::eip712::Registration, Vec<Refusal>> {
        policy::registration(&self.request, &self.contract, &self.entitlements, &limits())
    }
}

#[test]
fn a_registration_carries_the_contracts_nonce_and_a_deadline_of_block_time() {
    let intake = Intake::good();
    let payload = intake.decide().unwrap();
    assert_eq!((payload.user, payload.sponsor, payload.amount), (wallet(16), wallet(3), bnb("20")));
    assert_eq!((payload.nonce, payload.deadline, payload.plan), (7, NOW + 900, plan().hash()));
    let mut under_company = Intake::good();
    under_company.request.sponsor = Address::ZERO;
    assert!(under_company.decide().is_ok());
    let mut frozen_sponsor = Intake::good();
    frozen_sponsor.contract.sponsor.frozen = true;
    assert!(frozen_sponsor.decide().is_ok(), "the contract takes registrations under a frozen sponsor");
}

#[test]
fn a_registration_is_refused_for_each_thing_that_is_wrong() {
    type Bend = fn(&mut Intake);
    let rows: [(&str, Bend, &[&str]); 15] = [
        ("paused", |i| i.contract.paused = true, &["contract"]),
        ("our key lost its role", |i| i.contract.may_sign = false, &["signer"]),
        ("registered already", |i| i.contract.user.registered = true, &["user"]),
        ("registered in the history", |i| i.request.user = wallet(4), &["user"]),
        ("the company", |i| i.request.user = Address::ZERO, &["user"]),
        ("frozen", |i| i.contract.user.frozen = true, &["user"]),
        ("sponsor is a stranger", |i| i.contract.sponsor.registered = false, &["sponsor"]),
        ("sponsor is not final", |i| i.request.sponsor = wallet(99), &["sponsor"]),
        ("own sponsor", |i| i.request.sponsor = i.request.user, &["sponsor"]),
        ("less", |i| i.request.amount = bnb("19.999999999999999999"), &["amount"]),
        ("more", |i| i.request.amount = bnb("40"), &["amount"]),
        ("another plan", |i| i.request.plan = PlanHash(B256::repeat_byte(1)), &["plan"]),
        ("wound up", |i| i.contract.plan = PlanHash::NONE, &["plan"]),
        (
            "a plan that does not judge",
            |i| {
                i.contract.plan = PlanHash(B256::repeat_byte(1));
                i.request.plan = i.contract.plan;
            },
            &["plan"],
        ),
        (
            "everything",
            |i| {
                i.request.amount = bnb("1");
                i.request.plan = PlanHash(B256::repeat_byte(1));
                i.contract.sponsor.registered = false;
                i.contract.user.registered = true;
            },
            &["user", "sponsor", "plan", "amount"],
        ),
    ];
    for (what, bend, expected) in rows {
        let mut intake = Intake::good();
        bend(&mut intake);
        let refusals = intake.decide().expect_err(what);
        assert_eq!(fields(&refusals), expected, "{what}: {refusals:?}");
    }
}

#[test]
fn nobody_sponsors_herself() {
    let mut intake = Intake::good();
    intake.request.sponsor = intake.request.user;
    let refusals = intake.decide().unwrap_err();
    assert_eq!(refusals[0].found, "the user's own wallet", "{refusals:?}");
}

#[test]
fn one_whom_the_plan_refused_cannot_sponsor_or_pay_again() {
    let mut intake = Intake::good();
    intake.entitlements = after(&[(1, 0, "20"), (3, 1, "19")]);
    let refusals = intake.decide().unwrap_err();
    assert_eq!(fields(&refusals), ["sponsor"]);
    assert!(refusals[0].found.contains("the plan refused"), "{refusals:?}");

    let request = RetopupRequest { user: wallet(3), amount: bnb("40"), plan: plan().hash() };
    let contract = IntakeContract { user: state(true), ..intake.contract };
    let refusals = policy::retopup(&request, &contract, &intake.entitlements, &limits()).unwrap_err();
    assert_eq!(fields(&refusals), ["user"]);
}

#[test]
fn after_a_wind_up_that_is_final_nothing_is_signed() {
    let mut intake = Intake::good();
    let (kind, data) = Directive::WindUp.encode();
    push(&mut intake.entitlements, EntryBody::Directive { kind, amount: Amount::ZERO, data });
    intake.contract.plan = PlanHash::NONE;
    assert_eq!(fields(&intake.decide().unwrap_err()), ["plan"]);
}

#[test]
fn a_retopup_needs_a_participant_and_the_plans_amount() {
    let entitlements = worked_example();
    let plan = plan().hash();
    let good = RetopupRequest { user: wallet(4), amount: bnb("40"), plan };
    let contract = IntakeContract { user: state(true), ..Intake::good().contract };
    let decide = |request: &RetopupRequest, contract: &IntakeContract| {
        policy::retopup(request, contract, &entitlements, &limits())
    };
    let payload = decide(&good, &contract).unwrap();
    assert_eq!((payload.user, payload.nonce, payload.deadline), (wallet(4), 7, NOW + 900));

    let stranger = IntakeContract { user: state(false), ..contract };
    let mut frozen = contract;
    frozen.user.frozen = true;
    for (what, request, contract, expected) in [
        ("amount", RetopupRequest { amount: bnb("20"), ..good.clone() }, contract, "amount"),
        ("not registered", good.clone(), stranger, "user"),
        ("not final", RetopupRequest { user: wallet(44), ..good.clone() }, contract, "user"),
        ("company", RetopupRequest { user: Address::ZERO, ..good.clone() }, contract, "user"),
        ("frozen", good.clone(), frozen, "user"),
        ("plan", RetopupRequest { plan: PlanHash(B256::repeat_byte(3)), ..good.clone() }, contract, "plan"),
    ] {
        assert_eq!(fields(&decide(&request, &contract).expect_err(what)), [expected], "{what}");
    }
}

/// What a batch decision looks at.
struct Payout {
    request: PayoutBatchRequest,
    contract: PayoutContract,
    entitlements: Entitlements,
}

impl Payout {
    /// Company 110.4, p1 45.6, p2 9: all that they have earned.
    fn good() -> Payout {
        let entitlements = worked_example();
        let then = entitlements.as_of(15).unwrap();
        let items: Vec<_> = (0..=2)
            .map(|n| PayoutItem { account: wallet(n), cumulative: then.cumulative(wallet(n)) })
            .collect();
        let request = PayoutBatchRequest {
            seq: 15,
            head: then.head(),
            root: then.root(),
            max_total: bnb("165"),
            items,
        };
        let accounts = vec![state(true); 3];
        let contract =
            PayoutContract { time: NOW, paused: false, may_sign: true, head: then.head(), accounts };
        Payout { request, contract, entitlements }
    }

    fn decide(&self) -> Result<policy::BatchGrant, Vec<Refusal>> {
        policy::payout_batch(&self.request, &self.contract, &self.entitlements, &limits())
    }
}

#[test]
fn a_batch_up_to_the_entitlements_is_granted() {
    let payout = Payout::good();
    let grant = payout.decide().unwrap();
    assert_eq!(grant.due, bnb("165"));
    assert_eq!(grant.payload.deadline, NOW + 600);
    let items = unpack_items(&grant.payload.items).unwrap();
    assert_eq!(items, [(wallet(0), bnb("110.4")), (wallet(1), bnb("45.6")), (wallet(2), bnb("9"))]);

    let mut less = Payout::good();
    less.request.items[1].cumulative = bnb("1");
    less.request.root = B256::ZERO;
    less.contract.accounts[0].paid = bnb("100");
    assert_eq!(less.decide().unwrap().due, bnb("20.4"), "10.4 + 1 + 9");

    let mut root_only = Payout::good();
    root_only.request.items.clear();
    root_only.contract.accounts.clear();
    root_only.request.max_total = Amount::ZERO;
    assert_eq!(root_only.decide().unwrap().due, Amount::ZERO);
}

#[test]
fn an_earlier_point_of_the_history_grants_what_was_earned_by_then() {
    let mut payout = Payout::good();
    let then = payout.entitlements.as_of(14).unwrap();
    (payout.request.seq, payout.request.head, payout.request.root) = (14, then.head(), then.root());
    payout.contract.head = then.head();
    let refusals = payout.decide().unwrap_err();
    assert_eq!(fields(&refusals), ["items[0].cumulative", "items[1].cumulative"]);
    assert!(refusals[1].expected.contains("35000000000000000000"), "{refusals:?}");
    assert!(refusals[1].expected.contains(&wallet(1).to_string()), "{refusals:?}");
    assert_eq!(refusals[1].found, "45600000000000000000");
}

#[test]
fn a_batch_is_refused_for_each_thing_that_is_wrong() {
    type Bend = fn(&mut Payout);
    let rows: [(&str, Bend, &[&str]); 19] = [
        ("paused", |p| p.contract.paused = true, &["contract"]),
        ("our key lost its role", |p| p.contract.may_sign = false, &["signer"]),
        ("one wei too much", |p| more(p, 2), &["items[2].cumulative"]),
        (
            "two of them",
            |p| {
                more(p, 0);
                more(p, 2);
            },
            &["items[0].cumulative", "items[2].cumulative"],
        ),
        (
            "negative",
            |p| p.request.items[1].cumulative = Amount::from_units(-1).unwrap(),
            &["items[1].cumulative"],
        ),
        ("nothing", |p| p.request.items[1].cumulative = Amount::ZERO, &["items[1].cumulative"]),
        ("a stranger", |p| p.request.items[2].account = wallet(77), &["items[2].account"]),
        (
            "not registered on the contract",
            |p| p.contract.accounts[2].registered = false,
            &["items[2].account"],
        ),
        ("frozen", |p| p.contract.accounts[1].frozen = true, &["items[1].account"]),
        ("twice", |p| p.request.items[2] = p.request.items[1], &["items[2].account"]),
        ("descending", |p| p.request.items.swap(1, 2), &["items[2].account"]),
        ("a head of the contract's own making", |p| p.contract.head = B256::repeat_byte(2), &["head"]),
        ("a wrong head", |p| p.request.head = B256::repeat_byte(2), &["head"]),
        ("a wrong root", |p| p.request.root = B256::repeat_byte(2), &["root"]),
        ("a seq to come", |p| p.request.seq = 16, &["seq"]),
        ("maxTotal below what is due", |p| p.request.max_total = bnb("164.9"), &["maxTotal"]),
        ("maxTotal above the limit", |p| p.request.max_total = bnb("1000.1"), &["maxTotal"]),
        ("negative maxTotal", |p| p.request.max_total = Amount::from_units(-1).unwrap(), &["maxTotal"]),
        (
            "nothing to do",
            |p| {
                p.request.items.clear();
                p.contract.accounts.clear();
                p.request.root = B256::ZERO;
            },
            &["items"],
        ),
    ];
    for (what, bend, expected) in rows {
        let mut payout = Payout::good();
        payout.request.max_total = bnb("250");
        bend(&mut payout);
        let refusals = payout.decide().expect_err(what);
        assert_eq!(fields(&refusals), expected, "{what}: {refusals:?}");
    }
}

fn more(payout: &mut Payout, item: usize) {
    let item = &mut payout.request.items[item];
    item.cumulative = item.cumulative.checked_add(Amount::from_units(1).unwrap()).unwrap();
}

#[test]
fn the_entitled_before_the_greedy_do_not_hide_them_in_any_order() {
    let others = [bnb("9"), bnb("0.000000000000000001"), bnb("5")];
    for greedy in 0..3 {
        let mut payout = Payout::good();
        for (item, fair) in payout.request.items.iter_mut().zip(others) {
            item.cumulative = fair;
        }
        payout.request.items[greedy].cumulative = bnb("999");
        payout.request.max_total = bnb("1000");
        let refusals = payout.decide().unwrap_err();
        assert_eq!(refusals[0].field, format!("items[{greedy}].cumulative"));
    }
}

#[test]
fn two_hundred_items_are_the_most() {
    let mut payout = Payout::good();
    payout.request.items = (0..=200u8)
        .map(|n| PayoutItem { account: Address::left_padding_from(&[n, 1]), cumulative: bnb("1") })
        .collect();
    payout.contract.accounts = vec![state(true); 201];
    let refusals = payout.decide().unwrap_err();
    assert_eq!((refusals[0].field.as_str(), refusals[0].found.as_str()), ("items", "201"));
}

#[test]
fn amounts_beyond_what_an_item_can_say_are_refused_not_cut() {
    let mut payout = Payout::good();
    payout.request.items[0].cumulative = Amount::MAX;
    payout.request.items[1].cumulative = Amount::MAX;
    let refusals = payout.decide().unwrap_err();
    assert_eq!(fields(&refusals), ["items[0].cumulative", "items[1].cumulative"]);
}

#[test]
fn a_window_lets_through_its_limit_in_its_span_of_block_time() {
    let mut window = Window::new(60, bnb("10"));
    for (now, weight, fits) in [
        (1000, "4", true),
        (1010, "6", true),
        (1011, "0.000000000000000001", false),
        (1059, "4", false),
        (1060, "4.1", false),
        (1060, "4", true),
        (1069, "1", false),
        (1070, "6", true),
        // The head went back: what was signed later counts all the same.
        (1000, "1", false),
    ] {
        assert_eq!(window.has_room(now, bnb(weight)), fits, "{weight} at {now}");
        if fits {
            window.note(now, bnb(weight));
        }
    }
}
