//! What staked money earns.

use banyan_types::{Amount, Bps};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::ShareKey;
use crate::plan::{Currency, PlanError};

/// A year of interest has 365 days, leap year or not.
const DAYS_A_YEAR: i128 = 365;

/// `[staking]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StakingKeys {
    /// Simple interest a year of 365 days on the principal (`STAKING`), day by day, charged to the company.
    #[schemars(example = "12%")]
    yearly: ShareKey,
}

/// What staked money earns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StakingPlan {
    pub(crate) yearly: Bps,
}

impl Section for StakingPlan {
    type Keys = StakingKeys;

    const SINCE: u32 = 1;

    fn read(keys: StakingKeys, _currency: &Currency) -> Result<StakingPlan, PlanError> {
        Ok(StakingPlan { yearly: keys.yearly.share("staking.yearly")? })
    }

    fn canonical(&self) -> Value {
        json!({ "yearly": self.yearly.get() })
    }
}

impl StakingPlan {
    /// All interest of `days` days: floor(principal · yearly · days / 365), in units; `None` beyond the range.
    pub(crate) fn interest(&self, principal: Amount, days: i64) -> Option<Amount> {
        let (times, whole) =
            (i128::from(self.yearly.get()) * i128::from(days), DAYS_A_YEAR * i128::from(Bps::WHOLE.get()));
        let (units, rest) = (principal.units() / whole, principal.units() % whole);
        let units = units.checked_mul(times)?.checked_add(rest.checked_mul(times)? / whole)?;
        Amount::from_units(units)
    }
}
