//! What a plan's owner fears of referral levels: shares that nobody takes.

use super::ReferralPlan;
use crate::lint::{Inspection, Levels, Rules};

impl Rules for ReferralPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        let levels = Levels {
            key: "referral.shares",
            of: "purchases",
            shares: &self.shares,
            promises: &on.crowd.referral,
        };
        levels.lint(on);
    }
}
