//! How a purchase is split over the sponsors above the buyer.

use banyan_types::Bps;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::{MAX_DEPTH, ShareKey, shares};
use crate::plan::{Currency, PlanError};

/// `[unilevel]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnilevelKeys {
    /// Shares of a purchase, nearest sponsor first (`UNILEVEL`).
    #[schemars(length(max = MAX_DEPTH), example = json!(["40%", "7%", "5%"]))]
    shares: Vec<ShareKey>,
    /// What happens to the share of a sponsor who is not active: `"compress"`: level n goes to the nth active
    /// sponsor, however far up; `"none"`: it is not paid; `"roll-up"`: it is added to the next active one's.
    #[serde(default)]
    #[schemars(example = Inactive::RollUp)]
    inactive: Inactive,
}

/// How a purchase is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnilevelPlan {
    /// Nearest sponsor first.
    pub(crate) shares: Vec<Bps>,
    pub(crate) inactive: Inactive,
}

/// What happens to the share of a sponsor who is not active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Inactive {
    /// Level n goes to the nth active sponsor.
    #[default]
    Compress,
    /// It is not paid.
    None,
    /// It is added to the next active sponsor's.
    RollUp,
}

impl Section for UnilevelPlan {
    type Keys = UnilevelKeys;

    const SINCE: u32 = 1;

    fn read(keys: UnilevelKeys, _currency: &Currency) -> Result<UnilevelPlan, PlanError> {
        let shares = shares("unilevel.shares", &keys.shares)?;
        Ok(UnilevelPlan { shares, inactive: keys.inactive })
    }

    fn canonical(&self) -> Value {
        json!({
            "shares": self.shares.iter().map(|share| share.get()).collect::<Vec<u16>>(),
            "inactive": self.inactive,
        })
    }
}
