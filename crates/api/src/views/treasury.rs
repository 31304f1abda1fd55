//! The contract's figures beside the books'.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Finality, Hash, Wallet, Wei};

/// Contract and books side by side, at the block of the books. All in wei.
#[derive(Serialize, ToSchema)]
pub struct Treasury {
    /// What the contract says at that block.
    pub contract: ContractFigures,
    /// What the books say.
    pub ledger: LedgerFigures,
    /// The contract's balance less the books' funds.
    pub difference: Wei,
    /// The difference is nothing, and the books balance in themselves.
    pub balanced: bool,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

/// What the contract says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContractFigures {
    /// The block that was asked about.
    pub block: u64,
    /// Its hash.
    pub block_hash: Hash,
    /// What it holds.
    pub balance: Wei,
    /// All that came in.
    pub total_in: Wei,
    /// All that was sent or became owed.
    pub total_paid: Wei,
    /// What of it is still owed.
    pub total_owed: Wei,
    /// What was forced in.
    pub excess: Wei,
    /// Hash of the plan in force; zero after a wind-up.
    pub plan: Hash,
    /// Where the company's money goes.
    pub company: Wallet,
    /// The last entry of its history.
    pub seq: u64,
    /// The head after it.
    pub head: Hash,
}

/// What the books say.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerFigures {
    /// What the contract holds.
    pub funds: Wei,
    /// Payable to participants.
    pub payable: Wei,
    /// Held back for tickets.
    pub reserved: Wei,
    /// In unfinished batches.
    pub in_batch: Wei,
    /// Owed by the contract.
    pub owed: Wei,
    /// Waiting for a person.
    pub suspense: Wei,
    /// Forced in.
    pub excess: Wei,
    /// Payable to the company.
    pub company: Wei,
}
