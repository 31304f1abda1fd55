//! Permissions to register and to pay again.

use alloy::primitives::Address;
use banyan_chain::contract::Role;
use banyan_chain::eip712::{Registration, Retopup};
use banyan_chain::view::AccountState;
use banyan_entitlement::Entitlements;
use banyan_types::{Amount, COMPANY, PlanHash};

use super::{Limits, Objections};
use crate::protocol::{Refusal, RegistrationRequest, RetopupRequest};

/// What the contract says, at the newest block of the signer's own node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeContract {
    /// The block's time.
    pub time: u64,
    /// The plan in force; none after a wind-up.
    pub plan: PlanHash,
    /// Whether the contract is paused.
    pub paused: bool,
    /// Whether our key holds the intake signer's role.
    pub may_sign: bool,
    /// The account of the user.
    pub user: AccountState,
    /// The account of the sponsor; for a retopup the user's again.
    pub sponsor: AccountState,
}

/// Decides about a registration.
///
/// # Errors
/// All that speaks against it.
pub fn registration(
    request: &RegistrationRequest,
    contract: &IntakeContract,
    entitlements: &Entitlements,
    limits: &Limits,
) -> Result<Registration, Vec<Refusal>> {
    let mut against = Objections::default();
    against.check_contract(contract.paused, contract.may_sign, Role::IntakeSigner.name());
    check_newcomer(&mut against, request, contract, entitlements);
    check_sponsor(&mut against, request, contract, entitlements);
    check_plan(&mut against, request.plan, contract, entitlements);
    let entry = entitlements.plan().map(|plan| plan.entry());
    check_amount(&mut against, "the plan's entry", request.amount, entry);
    against.none_or(Registration {
        user: request.user,
        sponsor: request.sponsor,
        amount: request.amount,
        plan: request.plan,
        nonce: contract.user.nonce,
        deadline: contract.time.saturating_add(limits.registration_validity),
    })
}

/// Decides about a retopup.
///
/// # Errors
/// All that speaks against it.
pub fn retopup(
    request: &RetopupRequest,
    contract: &IntakeContract,
    entitlements: &Entitlements,
    limits: &Limits,
) -> Result<Retopup, Vec<Refusal>> {
    let mut against = Objections::default();
    against.check_contract(contract.paused, contract.may_sign, Role::IntakeSigner.name());
    if request.user == COMPANY {
        against.add("user", "a registered participant", "the company, which pays nothing");
    } else {
        check_taking_part(&mut against, "user", request.user, &contract.user, entitlements);
        check_not_frozen(&mut against, request.user, &contract.user);
    }
    check_plan(&mut against, request.plan, contract, entitlements);
    let amount = entitlements.plan().map(|plan| plan.retopup_amount());
    check_amount(&mut against, "the plan's retopup", request.amount, amount);
    against.none_or(Retopup {
        user: request.user,
        amount: request.amount,
        plan: request.plan,
        nonce: contract.user.nonce,
        deadline: contract.time.saturating_add(limits.registration_validity),
    })
}

fn check_newcomer(
    against: &mut Objections,
    request: &RegistrationRequest,
    contract: &IntakeContract,
    entitlements: &Entitlements,
) {
    let user = request.user;
    if user == COMPANY {
        against.add("user", "a wallet", "the zero address, which stands for the company");
    } else if contract.user.registered || entitlements.id(user).is_some() {
        against.add("user", "a wallet that has not registered", format!("{user}, which has"));
    }
    check_not_frozen(against, user, &contract.user);
}

fn check_not_frozen(against: &mut Objections, user: Address, account: &AccountState) {
    if account.frozen {
        against.add("user", "an account that is not frozen", format!("{user}, which is frozen"));
    }
}

fn check_sponsor(
    against: &mut Objections,
    request: &RegistrationRequest,
    contract: &IntakeContract,
    entitlements: &Entitlements,
) {
    let sponsor = request.sponsor;
    if sponsor == COMPANY {
        return;
    }
    if sponsor == request.user {
        against.add("sponsor", "another participant or the company", "the user's own wallet");
        return;
    }
    check_taking_part(against, "sponsor", sponsor, &contract.sponsor, entitlements);
}

/// Registered on the contract, finally so, and a participant for the plan.
fn check_taking_part(
    against: &mut Objections,
    field: &str,
    account: Address,
    state: &AccountState,
    entitlements: &Entitlements,
) {
    if !state.registered {
        against.add(field, "a registered participant", format!("{account}, who has not registered"));
    } else if entitlements.id(account).is_none() {
        against.add(
            field,
            "a participant whose registration is final",
            format!("{account}, whose registration is not final yet: ask again in a moment"),
        );
    } else if !entitlements.is_participant(account) {
        against.add(
            field,
            "a participant of the plan",
            format!("{account}, whose registration the plan refused"),
        );
    }
}

fn check_plan(
    against: &mut Objections,
    asked: PlanHash,
    contract: &IntakeContract,
    entitlements: &Entitlements,
) {
    if contract.plan == PlanHash::NONE {
        against.add("plan", "a plan in force", "none: the programme is wound up and takes no payment");
        return;
    }
    if asked != contract.plan {
        against.add("plan", format!("{}, the plan in force", contract.plan), asked.to_string());
    }
    let judging = entitlements.judging();
    if contract.plan != judging {
        against.add(
            "plan",
            format!("that the contract's plan is {judging}, which judges payments"),
            format!("{} in force on the contract: payments under it would go back", contract.plan),
        );
    }
}

fn check_amount(against: &mut Objections, what: &str, asked: Amount, expected: Option<Amount>) {
    match expected {
        Some(expected) if expected == asked => {}
        Some(expected) => against.add("amount", format!("{expected}, {what}"), asked.to_string()),
        None => against.add("amount", what, format!("{asked}, before the contract's genesis is final")),
    }
}
