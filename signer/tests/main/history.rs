//! The worked example as the policy sees it: p1 under the company, p2 … p15 under p1, all final.

use alloy::primitives::{Address, B256};
use banyan_entitlement::{ContractPlan, Entitlements, Plans};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Amount, PlanHash};

pub fn plan() -> ContractPlan {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/plans/autopool.toml");
    ContractPlan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The wallet with this number, ascending; 0 is the company.
pub fn wallet(number: u8) -> Address {
    if number == 0 { Address::ZERO } else { Address::left_padding_from(&[0xa1, number]) }
}

pub fn bnb(text: &str) -> Amount {
    Amount::from_decimal(text, 18).unwrap()
}

/// Registers `(user, sponsor, amount)` one after the other.
pub fn after(registrations: &[(u8, u8, &str)]) -> Entitlements {
    let mut plans = Plans::new();
    let hash = plans.add(plan());
    let mut entitlements = Entitlements::new(plans);
    let contract = Address::repeat_byte(0xc0);
    let genesis = EntryBody::Genesis { chain_id: 31337, contract, plan: hash, predecessor: B256::ZERO };
    push(&mut entitlements, genesis);
    for (user, sponsor, amount) in registrations {
        push(&mut entitlements, registration(hash, *user, *sponsor, amount));
    }
    entitlements
}

pub fn worked_example() -> Entitlements {
    let all: Vec<_> = (1..=15).map(|user| (user, u8::from(user > 1), "20")).collect();
    after(&all)
}

fn registration(plan: PlanHash, user: u8, sponsor: u8, amount: &str) -> EntryBody {
    EntryBody::Registration { user: wallet(user), sponsor: wallet(sponsor), plan, amount: bnb(amount) }
}

pub fn push(entitlements: &mut Entitlements, body: EntryBody) {
    let seq = entitlements.seq().map_or(0, |last| last + 1);
    entitlements.apply(&Entry { seq, time: 1_800_000_000 + seq, body }).unwrap();
}
