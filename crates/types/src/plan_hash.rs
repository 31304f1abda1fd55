//! The identity of a plan.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::{B256, hex};

/// keccak256 of a plan's canonical form; all zeros means that no plan is in force (after a wind-up).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct PlanHash(pub B256);

impl PlanHash {
    /// No plan: payments are refused.
    pub const NONE: PlanHash = PlanHash(B256::ZERO);
}

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for PlanHash {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<PlanHash, Self::Err> {
        text.parse().map(PlanHash)
    }
}
