//! How long a purchase can be refunded.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::calendar::DAY;
use crate::plan::section::Section;
use crate::plan::values::within;
use crate::plan::{Currency, PlanError};

/// Ten years.
const MAX_DAYS: u32 = 3_650;

/// `[vesting]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VestingKeys {
    /// A purchase can be refunded, once, until it is so many days of 86,400 s old; then it vests, and only then is
    /// anything paid on it. Without this section a purchase is paid out at once and never refunded.
    #[schemars(range(min = 1, max = MAX_DAYS), example = 14)]
    refund_days: u32,
}

/// How long a purchase can be refunded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VestingPlan {
    refund_days: u32,
}

impl Section for VestingPlan {
    type Keys = VestingKeys;

    const SINCE: u32 = 1;

    fn read(keys: VestingKeys, _currency: &Currency) -> Result<VestingPlan, PlanError> {
        within("vesting.refund_days", keys.refund_days.into(), 1, MAX_DAYS.into())?;
        Ok(VestingPlan { refund_days: keys.refund_days })
    }

    fn canonical(&self) -> Value {
        json!({ "refund_days": self.refund_days })
    }
}

impl VestingPlan {
    /// Days for which a purchase can be refunded.
    pub(crate) fn days(&self) -> u32 {
        self.refund_days
    }

    /// Seconds after which a purchase vests.
    pub(crate) fn seconds(&self) -> i64 {
        i64::from(self.refund_days) * DAY
    }
}
