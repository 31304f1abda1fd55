//! The contract's own word at the last block, beside what its events came to.

use std::collections::BTreeSet;

use banyan_chain::node::Block;
use banyan_chain::view::AccountState;
use banyan_chain::{ContractView, NodeError};
use banyan_types::{Address, Amount};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::finding::{Finding, Source};
use crate::judging::Judge;

/// Accounts asked for in one call.
const ACCOUNTS: usize = 500;
/// Calls under way.
const AT_ONCE: usize = 4;
/// Heads that are asked for, evenly over the history; each of them depends on all before it.
const HEADS: u64 = 32;

/// What the contract holds in the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Money {
    pub(crate) total_in: Amount,
    pub(crate) total_paid: Amount,
    pub(crate) total_owed: Amount,
    pub(crate) balance: Amount,
    pub(crate) excess: Amount,
}

/// Compares all of it at `end`; what differs goes to the judge's findings.
pub(crate) async fn compare(view: &ContractView, end: Block, judge: &mut Judge) -> Result<Money, NodeError> {
    heads(view, end, judge).await?;
    plan(view, end, judge).await?;
    accounts(view, end, judge).await?;
    money(view, end, judge).await
}

async fn heads(view: &ContractView, end: Block, judge: &mut Judge) -> Result<(), NodeError> {
    let last = judge.entitlements.seq().unwrap_or_default();
    let asked: BTreeSet<u64> =
        (0..=HEADS).map(|part| last / HEADS * part).chain([last]).filter(|seq| *seq <= last).collect();
    for seq in asked {
        let (expected, found) = (judge.entitlements.head_at(seq), view.head_at(end.hash, seq).await?);
        if expected != Some(found) {
            let expected = format!("{} after seq {seq}", expected.unwrap_or_default());
            judge.findings.add(Finding::new("head", expected, found).at(Source::block(end.number)));
        }
    }
    Ok(())
}

async fn plan(view: &ContractView, end: Block, judge: &mut Judge) -> Result<(), NodeError> {
    let (expected, found) = (judge.entitlements.plan_in_force(), view.plan(end.hash).await?);
    if expected != found {
        judge.findings.add(Finding::new("plan", expected, found).at(Source::block(end.number)));
    }
    Ok(())
}

/// Every account that ever registered or was named, and the company.
async fn accounts(view: &ContractView, end: Block, judge: &mut Judge) -> Result<(), NodeError> {
    let mut addresses: Vec<Address> = judge.accounts.keys().copied().collect();
    addresses.sort();
    let ask = |chunk: Vec<Address>| async move {
        let states = view.account_states(end.hash, &chunk).await?;
        Ok::<_, NodeError>(chunk.into_iter().zip(states).collect::<Vec<_>>())
    };
    let chunks: Vec<Vec<Address>> = addresses.chunks(ACCOUNTS).map(<[Address]>::to_vec).collect();
    let mut answers = stream::iter(chunks.into_iter().map(ask)).buffered(AT_ONCE);
    while let Some(states) = answers.try_next().await? {
        for (account, state) in states {
            account_of(judge, account, &state);
        }
    }
    Ok(())
}

fn account_of(judge: &mut Judge, account: Address, state: &AccountState) {
    let Some(kept) = judge.accounts.get(&account).copied() else { return };
    let known = judge.entitlements.id(account).is_some();
    let pairs = [
        ("account_paid", kept.paid.to_string(), state.paid.to_string()),
        ("account_owed", kept.owed.to_string(), state.owed.to_string()),
        ("account_nonce", kept.nonce.to_string(), state.nonce.to_string()),
        ("account_frozen", kept.frozen.to_string(), state.frozen.to_string()),
        ("account_registered", known.to_string(), state.registered.to_string()),
    ];
    for (kind, expected, found) in pairs.into_iter().filter(|(_, expected, found)| expected != found) {
        judge.findings.add(Finding::new(kind, expected, found).of(account).at(kept.last));
    }
}

async fn money(view: &ContractView, end: Block, judge: &mut Judge) -> Result<Money, NodeError> {
    let flows = view.flows(end.hash).await?;
    let balance = view.balance(end.hash).await?;
    let of = |pick: fn(&crate::judging::Kept) -> Amount| {
        Amount::sum(judge.accounts.values().map(pick)).unwrap_or(Amount::MAX)
    };
    let (paid, owed) = (of(|kept| kept.paid), of(|kept| kept.owed));
    let at = Source::block(end.number);
    for (kind, expected, found) in [
        ("total_in", judge.total_in, flows.total_in),
        ("total_paid", paid, flows.total_paid),
        ("total_owed", owed, flows.total_owed),
    ] {
        if expected != found {
            judge.findings.add(Finding::new(kind, expected, found).at(at));
        }
    }
    // Three 96-bit counters and a balance below 10^38.
    let counted = flows.total_in.units() - flows.total_paid.units() + flows.total_owed.units();
    let excess = Amount::from_units(balance.units() - counted).unwrap_or(Amount::MAX);
    if excess < Amount::ZERO {
        let expected = format!("at least {counted}: what came in, less what was paid, and what is owed");
        judge.findings.add(Finding::new("balance", expected, balance).at(at));
    }
    let banyan_chain::view::Flows { total_in, total_paid, total_owed } = flows;
    Ok(Money { total_in, total_paid, total_owed, balance, excess })
}
