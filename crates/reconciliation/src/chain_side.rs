//! What the contract says about itself at one block's hash: `eth_getBalance` and `eth_call`, nothing else.

use banyan_chain::view::AccountState;
use banyan_chain::{ContractView, NodeError};
use banyan_types::{Address, Amount, B256};

use crate::figures::ChainFigures;

/// The chain side of the comparison.
#[derive(Clone, Debug)]
pub(crate) struct ChainSide {
    pub(crate) figures: ChainFigures,
    /// In the order of the accounts that were asked for.
    pub(crate) accounts: Vec<AccountState>,
}

/// Asks for the totals and for `accounts`, all at the block of that hash.
pub(crate) async fn read(
    view: &ContractView,
    block: B256,
    accounts: &[Address],
) -> Result<ChainSide, NodeError> {
    let flows = view.flows(block).await?;
    let balance = view.balance(block).await?;
    let standing = view.standing(block).await?;
    let head = view.head_at(block, standing.seq).await?;
    let accounts = view.account_states(block, accounts).await?;
    let figures = ChainFigures {
        balance,
        total_in: flows.total_in,
        total_paid: flows.total_paid,
        total_owed: flows.total_owed,
        excess: excess(balance, flows.total_in, flows.total_paid, flows.total_owed),
        seq: standing.seq,
        head,
        out: standing.out,
    };
    Ok(ChainSide { figures, accounts })
}

/// What the contract holds beyond what it counts. Its counters are 96 bits and its balance is an amount, so their sums
/// stay within the range.
fn excess(balance: Amount, total_in: Amount, total_paid: Amount, total_owed: Amount) -> Amount {
    let units = balance.units() - total_in.units() + total_paid.units() - total_owed.units();
    Amount::from_units(units).expect("three 96-bit counters and a balance below 10^38")
}
