//! Every figure that was compared, as it is stored with the result. Amounts are decimal strings of wei.

use banyan_chain::view::AccountState;
use banyan_types::{Address, Amount, B256};
use serde::{Deserialize, Serialize};

use crate::compare::Earned;
use crate::store::UserRow;

/// All figures of one reconciliation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// What the chain says.
    pub chain: ChainFigures,
    /// What the books say.
    pub books: BookFigures,
    /// What was compared account by account.
    pub accounts: AccountFigures,
    /// What was worked out anew.
    pub rewards: RewardFigures,
    /// All differences; the list that is stored ends at a thousand.
    pub differences: usize,
}

/// The contract, at the block's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainFigures {
    /// What it holds.
    pub balance: Amount,
    /// What came in.
    pub total_in: Amount,
    /// What was sent or made owed.
    pub total_paid: Amount,
    /// What of it is still owed.
    pub total_owed: Amount,
    /// What it holds beyond that; below zero it holds too little.
    pub excess: Amount,
    /// The last entry.
    pub seq: u64,
    /// The head after it.
    pub head: B256,
    /// The last outflow.
    pub out: u64,
}

/// The books, at the same block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookFigures {
    /// What the contract holds.
    pub funds: Amount,
    /// Payable to participants.
    pub payable: Amount,
    /// Payable to the company.
    pub company: Amount,
    /// Held back for next tickets.
    pub reserved: Amount,
    /// In unfinished batches.
    pub in_batch: Amount,
    /// Owed by the contract.
    pub owed: Amount,
    /// Waiting for a person.
    pub suspense: Amount,
    /// Forced ether that was booked before.
    pub excess: Amount,
    /// The last entry.
    pub seq: i64,
    /// The head after it.
    pub head: B256,
    /// The last outflow.
    pub out: i64,
    /// Accounts whose balance was compared with the sum of its postings.
    pub accounts: u64,
}

/// What was compared account by account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountFigures {
    /// Accounts that were compared, the company included.
    pub compared: usize,
    /// What they were ever sent or made owed, as the contract says.
    pub paid: Amount,
    /// What they are owed, as the contract says.
    pub owed: Amount,
    /// What they have earned in all.
    pub entitlement: Amount,
}

/// What was compared of one account; kept beside the run, as far as it changed since the run before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ComparedAccount {
    pub(crate) user: i64,
    pub(crate) wallet: Address,
    pub(crate) chain_paid: Amount,
    pub(crate) chain_owed: Amount,
    pub(crate) chain_frozen: bool,
    pub(crate) chain_registered: bool,
    pub(crate) earned: Option<Amount>,
    pub(crate) earned_reserved: Option<Amount>,
    pub(crate) payable: Amount,
    pub(crate) in_batch: Amount,
    pub(crate) reserved: Amount,
    pub(crate) owed: Amount,
    pub(crate) paid: Amount,
    pub(crate) frozen: bool,
}

impl ComparedAccount {
    /// The three words on an account: the contract's, the history's, the books'.
    pub(crate) fn new(user: &UserRow, state: &AccountState, earned: Option<Earned>) -> ComparedAccount {
        ComparedAccount {
            user: user.id,
            wallet: user.wallet,
            chain_paid: state.paid,
            chain_owed: state.owed,
            chain_frozen: state.frozen,
            chain_registered: state.registered,
            earned: earned.map(|earned| earned.cumulative),
            earned_reserved: earned.map(|earned| earned.reserved),
            payable: user.payable,
            in_batch: user.in_batch,
            reserved: user.reserved,
            owed: user.owed,
            paid: user.paid,
            frozen: user.frozen,
        }
    }
}

/// What was worked out anew from the stored events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RewardFigures {
    /// Entries of the history that were judged anew.
    pub entries: u64,
    /// Rewards that follow from them.
    pub rewards: u64,
    /// Rewards that were compared row by row.
    pub compared: u64,
    /// Seats that follow from them.
    pub seats: u64,
}
