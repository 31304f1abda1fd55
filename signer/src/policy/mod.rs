//! What may be signed: a pure decision from the request, what the contract says at its newest block, what the engine
//! made of the final history, and the configured limits.
//!
//! Nothing here asks, waits or remembers. A decision is the payload to sign or everything that speaks against it.

mod intake;
mod payout;

pub use intake::{IntakeContract, registration, retopup};
pub use payout::{BatchGrant, MAX_ITEMS, PayoutContract, payout_batch};

use banyan_types::Amount;

use crate::protocol::Refusal;

/// The longest validity that the contract takes, in seconds.
pub const CONTRACT_VALIDITY: u64 = 3600;
/// How far below the contract's longest validity ours must stay: blocks that the contract judges by may be this much
/// older than the one that we saw, after a reorganization.
pub const VALIDITY_MARGIN: u64 = 60;

/// The configured limits that a decision needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of block time for which a registration or retopup is valid.
    pub registration_validity: u64,
    /// Seconds of block time for which a batch is valid.
    pub payout_validity: u64,
    /// Most that one batch may pay, in wei.
    pub max_batch_total: Amount,
}

/// Collects what speaks against a request.
#[derive(Debug, Default)]
struct Objections(Vec<Refusal>);

impl Objections {
    fn add(&mut self, field: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) {
        self.0.push(Refusal { field: field.into(), expected: expected.into(), found: found.into() });
    }

    /// What every payload needs of the contract and of our key.
    fn check_contract(&mut self, paused: bool, may_sign: bool, role: &str) {
        if paused {
            self.add("contract", "a contract that is not paused", "a paused one");
        }
        if !may_sign {
            self.add(
                "signer",
                format!("a key that holds {role} on the contract"),
                "this signer's key, which does not",
            );
        }
    }

    fn none_or<T>(self, granted: T) -> Result<T, Vec<Refusal>> {
        if self.0.is_empty() { Ok(granted) } else { Err(self.0) }
    }
}
