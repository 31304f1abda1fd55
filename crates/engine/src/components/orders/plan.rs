//! What the sponsor of a customer earns on a completed order.

use banyan_types::Bps;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::ShareKey;
use crate::plan::{Currency, PlanError};

/// `[orders]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrdersKeys {
    /// The sponsor's share of a completed order's net amount (`DIRECT`), charged to the company.
    #[schemars(example = "5%")]
    commission: ShareKey,
}

/// What the sponsor earns on a completed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OrdersPlan {
    pub(crate) commission: Bps,
}

impl Section for OrdersPlan {
    type Keys = OrdersKeys;

    const SINCE: u32 = 1;

    fn read(keys: OrdersKeys, _currency: &Currency) -> Result<OrdersPlan, PlanError> {
        Ok(OrdersPlan { commission: keys.commission.share("orders.commission")? })
    }

    fn canonical(&self) -> Value {
        json!({ "commission": self.commission.get() })
    }
}
