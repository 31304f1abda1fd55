//! Who counts as active.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::calendar::DAY;
use crate::plan::section::Section;
use crate::plan::values::within;
use crate::plan::{Currency, PlanError};

/// A hundred years, beyond which nobody is inactive.
const MAX_DAYS: u32 = 36_500;

/// `[activity]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityKeys {
    /// For how many days of 86,400 s an own purchase, or the first purchase ever of a direct referral, makes a
    /// participant active.
    #[schemars(range(min = 1, max = MAX_DAYS), example = 30)]
    days: u32,
}

/// Who counts as active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActivityPlan {
    days: u32,
}

impl Section for ActivityPlan {
    type Keys = ActivityKeys;

    const SINCE: u32 = 1;

    fn read(keys: ActivityKeys, _currency: &Currency) -> Result<ActivityPlan, PlanError> {
        within("activity.days", keys.days.into(), 1, MAX_DAYS.into())?;
        Ok(ActivityPlan { days: keys.days })
    }

    fn canonical(&self) -> Value {
        json!({ "days": self.days })
    }
}

impl ActivityPlan {
    /// Days for which a purchase makes active.
    pub(crate) fn days(&self) -> u32 {
        self.days
    }

    /// Seconds for which a purchase makes active.
    pub(crate) fn seconds(&self) -> i64 {
        i64::from(self.days) * DAY
    }
}
