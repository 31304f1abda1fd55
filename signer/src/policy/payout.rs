//! Payout batches. Items are cumulative and bound to the history, so nothing that was signed before matters here.

use std::cmp::Ordering;

use alloy::primitives::B256;
use banyan_chain::contract::Role;
use banyan_chain::eip712::{PayoutBatch, pack_items};
use banyan_chain::view::AccountState;
use banyan_entitlement::{AsOf, Entitlements};
use banyan_types::Amount;

use super::{Limits, Objections};
use crate::protocol::{PayoutBatchRequest, PayoutItem, Refusal};

/// Most items of a batch, as the contract has it.
pub const MAX_ITEMS: usize = 200;

/// What the contract says, at the newest block of the signer's own node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutContract {
    /// The block's time.
    pub time: u64,
    /// Whether the contract is paused.
    pub paused: bool,
    /// Whether our key holds the payout signer's role.
    pub may_sign: bool,
    /// The contract's own head at the request's `seq`; zero beyond its end.
    pub head: B256,
    /// The accounts of the request's items, in their order.
    pub accounts: Vec<AccountState>,
}

/// A batch that may be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchGrant {
    /// What to sign.
    pub payload: PayoutBatch,
    /// Most that it can pay as things stand: what counts for the hourly limit.
    pub due: Amount,
}

/// Decides about a batch.
///
/// # Errors
/// All that speaks against it, every offending item by name.
///
/// # Panics
/// When `contract.accounts` does not answer for every item.
pub fn payout_batch(
    request: &PayoutBatchRequest,
    contract: &PayoutContract,
    entitlements: &Entitlements,
    limits: &Limits,
) -> Result<BatchGrant, Vec<Refusal>> {
    assert_eq!(request.items.len(), contract.accounts.len(), "an account state for every item");
    let mut against = Objections::default();
    against.check_contract(contract.paused, contract.may_sign, Role::PayoutSigner.name());
    check_size(&mut against, request);
    check_order(&mut against, &request.items);
    match entitlements.as_of(request.seq) {
        Ok(then) => {
            check_history(&mut against, request, contract, &then);
            for (index, (item, account)) in request.items.iter().zip(&contract.accounts).enumerate() {
                check_item(&mut against, index, item, account, &then);
            }
        }
        Err(error) => {
            against.add("seq", "an entry of the final history", format!("{}: {error}", request.seq))
        }
    }
    let due = due(&request.items, &contract.accounts);
    check_total(&mut against, request.max_total, due, limits.max_batch_total);
    let deadline = contract.time.saturating_add(limits.payout_validity);
    grant(against, request, due, deadline)
}

/// The batch, if nothing speaks against it.
fn grant(
    mut against: Objections,
    request: &PayoutBatchRequest,
    due: Option<Amount>,
    deadline: u64,
) -> Result<BatchGrant, Vec<Refusal>> {
    let items: Vec<_> = request.items.iter().map(|item| (item.account, item.cumulative)).collect();
    let (items, due) = match (pack_items(&items), due) {
        (Ok(items), Some(due)) => (items, due),
        (packed, _) => {
            // Beyond every entitlement, which has been said of each such item; never signed in any case.
            if against.0.is_empty() {
                let error =
                    packed.err().map_or_else(|| "a sum beyond it".to_owned(), |error| error.to_string());
                against.add("items", "amounts in the contract's range", error);
            }
            return Err(against.0);
        }
    };
    let &PayoutBatchRequest { seq, head, root, max_total, items: _ } = request;
    against.none_or(BatchGrant { payload: PayoutBatch { seq, head, root, max_total, deadline, items }, due })
}

fn check_size(against: &mut Objections, request: &PayoutBatchRequest) {
    if request.items.len() > MAX_ITEMS {
        against.add("items", format!("at most {MAX_ITEMS} items"), request.items.len().to_string());
    }
    if request.items.is_empty() && request.root.is_zero() {
        against.add("items", "an item to pay or a root to publish", "neither");
    }
}

fn check_order(against: &mut Objections, items: &[PayoutItem]) {
    for (index, two) in items.windows(2).enumerate() {
        let (before, after) = (two[0].account, two[1].account);
        let found = match before.cmp(&after) {
            Ordering::Less => continue,
            Ordering::Equal => format!("{after} a second time"),
            Ordering::Greater => format!("{after}, which comes before it"),
        };
        let field = format!("items[{}].account", index + 1);
        against.add(field, format!("an address above {before}, for the items ascend"), found);
    }
}

fn check_history(
    against: &mut Objections,
    request: &PayoutBatchRequest,
    contract: &PayoutContract,
    then: &AsOf<'_>,
) {
    if request.head != then.head() {
        let expected = format!("{}, the head after entry {}", then.head(), then.seq());
        against.add("head", expected, request.head.to_string());
    } else if contract.head != then.head() {
        let expected = format!("that the contract's head after entry {} is {}", then.seq(), then.head());
        against.add("head", expected, contract.head.to_string());
    }
    if !request.root.is_zero() {
        let root = then.root();
        if request.root != root {
            let expected = format!("zero or {root}, the root over entry {}", then.seq());
            against.add("root", expected, request.root.to_string());
        }
    }
}

fn check_item(
    against: &mut Objections,
    index: usize,
    item: &PayoutItem,
    account: &AccountState,
    then: &AsOf<'_>,
) {
    let who = item.account;
    let field = |name: &str| format!("items[{index}].{name}");
    if then.id(who).is_none() || !account.registered {
        let expected = format!("an account registered by entry {}", then.seq());
        against.add(field("account"), expected, format!("{who}, which is not"));
        return;
    }
    if account.frozen {
        against.add(field("account"), "an account that is not frozen", format!("{who}, which is frozen"));
    }
    let entitled = then.cumulative(who);
    if item.cumulative > entitled {
        against.add(
            field("cumulative"),
            format!("at most {entitled}, the entitlement of {who} after entry {}", then.seq()),
            item.cumulative.to_string(),
        );
    }
    if !item.cumulative.is_positive() {
        against.add(field("cumulative"), "an amount above 0", item.cumulative.to_string());
    }
}

/// What the items can pay at most, given what has been paid; `None` beyond the range of amounts.
fn due(items: &[PayoutItem], accounts: &[AccountState]) -> Option<Amount> {
    items.iter().zip(accounts).try_fold(Amount::ZERO, |sum, (item, account)| {
        let more = item.cumulative.checked_sub(account.paid)?;
        sum.checked_add(more.max(Amount::ZERO))
    })
}

fn check_total(against: &mut Objections, asked: Amount, due: Option<Amount>, limit: Amount) {
    if asked > limit {
        against.add("maxTotal", format!("at most {limit}, the limit for one batch"), asked.to_string());
    }
    if due.is_some_and(|due| asked < due) || asked < Amount::ZERO {
        let due = due.unwrap_or(Amount::ZERO);
        against.add("maxTotal", format!("at least {due}, what the items can pay"), asked.to_string());
    }
}
