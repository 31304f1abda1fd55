//! The shares of the sponsors above a buyer, level by level.

use banyan_types::Bps;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::{MAX_DEPTH, ShareKey, shares};
use crate::plan::{Currency, PlanError};

/// `[referral]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferralKeys {
    /// Shares of a purchase, nearest sponsor first: `DIRECT` to the first, `LEVEL` to the others. The share of a
    /// sponsor who was set inactive by a `status` event is not paid.
    #[schemars(length(max = MAX_DEPTH), example = json!(["10%", "5%", "3%"]))]
    shares: Vec<ShareKey>,
}

/// The shares of the sponsors above a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReferralPlan {
    /// Nearest sponsor first.
    pub(crate) shares: Vec<Bps>,
}

impl Section for ReferralPlan {
    type Keys = ReferralKeys;

    const SINCE: u32 = 1;

    fn read(keys: ReferralKeys, _currency: &Currency) -> Result<ReferralPlan, PlanError> {
        Ok(ReferralPlan { shares: shares("referral.shares", &keys.shares)? })
    }

    fn canonical(&self) -> Value {
        json!({ "shares": self.shares.iter().map(|share| share.get()).collect::<Vec<u16>>() })
    }
}
