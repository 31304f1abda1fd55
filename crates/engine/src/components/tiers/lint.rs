//! Tiers have no faults of their own: a discount lowers what comes in before anything is shared, and commissions are
//! shares of the rest.

use super::TiersPlan;
use crate::lint::{Inspection, Rules};

impl Rules for TiersPlan {
    fn lint(&self, _on: &mut Inspection<'_>) {}
}
