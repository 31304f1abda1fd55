//! The contract's figures beside the books', and reconciliations.

use banyan_reconciliation::Figures;
use serde::{Deserialize as _, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{CURRENCY, Finality, Hash, Moment, Wallet, Wei};
use crate::problem::{Answer, Problem};
use crate::store::payouts::{Difference, Reconciliation};

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

/// A comparison of chain and books at one finalized block.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationView {
    /// `recon_…`.
    pub id: String,
    /// The block.
    pub block: i64,
    /// Its hash.
    pub block_hash: Hash,
    /// The last entry of the history there.
    pub seq: i64,
    /// Who asked for it.
    pub requested_by: String,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub finished_at: Moment,
    /// Nothing differs.
    pub balanced: bool,
    /// No batch is built until a later one is clean.
    pub stops_batches: bool,
    /// What the contract holds less the books' funds, in wei.
    pub difference: Wei,
    /// What was forced into the contract, in wei.
    pub excess: Wei,
    /// Every figure that was compared.
    #[schema(value_type = Object)]
    pub figures: Value,
    /// What differs.
    pub differences: Vec<DifferenceView>,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

impl ReconciliationView {
    /// A comparison with what it found.
    ///
    /// # Errors
    /// When the stored figures cannot be read.
    pub fn new(
        found: Reconciliation,
        differences: Vec<Difference>,
        finality: Finality,
    ) -> Answer<ReconciliationView> {
        let figures = Figures::deserialize(&found.figures).map_err(Problem::internal)?;
        let (balance, funds) = (figures.chain.balance, figures.books.funds);
        let difference = balance.checked_sub(funds);
        Ok(ReconciliationView {
            difference: Wei(difference.ok_or_else(|| Problem::internal("a difference beyond any amount"))?),
            excess: Wei(figures.chain.excess),
            id: format!("recon_{}", found.id),
            block: found.block,
            block_hash: Hash(found.block_hash),
            seq: found.seq,
            requested_by: found.requested_by,
            started_at: Moment(found.started_at),
            finished_at: Moment(found.finished_at),
            balanced: found.balanced,
            stops_batches: found.stops_batches,
            figures: found.figures,
            differences: differences.into_iter().map(DifferenceView::from).collect(),
            currency: CURRENCY,
            finality,
        })
    }
}

/// One thing that differs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// What kind of difference.
    #[schema(example = "reward_missing")]
    pub kind: String,
    /// Whether it stops batches.
    pub stops_batches: bool,
    /// The account concerned.
    pub wallet: Option<Wallet>,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// The rows concerned.
    #[schema(value_type = Object)]
    pub evidence: Value,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> DifferenceView {
        DifferenceView {
            kind: difference.kind,
            stops_batches: difference.stops_batches,
            wallet: difference.wallet.map(Wallet),
            expected: difference.expected,
            found: difference.found,
            evidence: difference.evidence,
        }
    }
}
