//! Discounts by what a participant has spent.

use banyan_types::{Amount, Bps};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::{AmountKey, ShareKey, refused};
use crate::plan::{Currency, PlanError};

/// `[tiers]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TiersKeys {
    /// The tiers, lowest first. Below the first there is no discount.
    tier: Vec<TierKeys>,
}

/// `[[tiers.tier]]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierKeys {
    /// From what net amount of completed orders on it holds.
    #[schemars(example = "5000")]
    from: AmountKey,
    /// The discount on the list price of an order.
    #[schemars(example = "3%")]
    discount: ShareKey,
}

/// Discounts by what a participant has spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TiersPlan {
    /// Lowest first.
    pub(crate) tiers: Vec<Tier>,
}

/// One tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tier {
    /// The net amount of completed orders from which on it holds.
    pub(crate) from: Amount,
    pub(crate) discount: Bps,
}

impl Section for TiersPlan {
    type Keys = TiersKeys;

    const SINCE: u32 = 1;

    fn read(keys: TiersKeys, currency: &Currency) -> Result<TiersPlan, PlanError> {
        let mut tiers: Vec<Tier> = Vec::new();
        for tier in &keys.tier {
            let from = tier.from.amount("tiers.tier.from", currency)?;
            if tiers.last().is_some_and(|last| from <= last.from) {
                return Err(refused(
                    "tiers.tier.from",
                    "expected each tier to begin above the one before it",
                ));
            }
            tiers.push(Tier { from, discount: tier.discount.share("tiers.tier.discount")? });
        }
        Ok(TiersPlan { tiers })
    }

    fn canonical(&self) -> Value {
        let tier = |tier: &Tier| json!({ "from": tier.from, "discount": tier.discount.get() });
        json!({ "tier": self.tiers.iter().map(tier).collect::<Vec<Value>>() })
    }
}

impl TiersPlan {
    /// The discount for somebody who has spent so much.
    pub(crate) fn discount(&self, spent: Amount) -> Bps {
        self.tiers.iter().rev().find(|tier| tier.from <= spent).map_or(Bps::ZERO, |tier| tier.discount)
    }
}
