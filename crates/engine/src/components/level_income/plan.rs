//! What a retopup costs, and how it is split.

use banyan_types::{Amount, Bps};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::{AmountKey, MAX_DEPTH, ShareKey, shares};
use crate::plan::{Currency, PlanError};

/// `[retopup]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetopupKeys {
    /// What a retopup costs, as often as a participant likes.
    #[schemars(example = "40")]
    amount: AmountKey,
    /// The share of it that is split over the sponsors above; the company takes the rest as its fee.
    #[schemars(example = "90%")]
    pot: ShareKey,
    /// Shares of that pot, nearest sponsor first (`LEVEL`).
    #[schemars(length(max = MAX_DEPTH), example = json!(["30%", "15%", "10%"]))]
    shares: Vec<ShareKey>,
    /// Where the share of a sponsor without an earlier retopup goes: `"company"`, or `"compress"`: level n goes to
    /// the nth eligible sponsor, however far up.
    #[serde(default)]
    #[schemars(example = Ineligible::Compress)]
    ineligible: Ineligible,
}

/// How a retopup is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetopupPlan {
    /// What a retopup costs.
    pub amount: Amount,
    /// The share of it that is split over the sponsors above.
    pub pot_share: Bps,
    /// Shares of the pot, nearest sponsor first.
    pub shares: Vec<Bps>,
    /// What happens to the share of a sponsor without an earlier retopup.
    pub ineligible: Ineligible,
    /// The shares as amounts.
    pub(crate) level_amounts: Vec<Amount>,
}

/// What happens to the share of an ineligible sponsor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ineligible {
    /// It goes to the company.
    #[default]
    Company,
    /// Level n goes to the nth eligible sponsor, however far up.
    Compress,
}

impl Section for RetopupPlan {
    type Keys = RetopupKeys;

    const SINCE: u32 = 1;

    fn read(keys: RetopupKeys, currency: &Currency) -> Result<RetopupPlan, PlanError> {
        let amount = keys.amount.payment("retopup.amount", currency)?;
        let pot_share = keys.pot.share("retopup.pot")?;
        let shares = shares("retopup.shares", &keys.shares)?;
        let pot = amount.share(pot_share);
        Ok(RetopupPlan {
            amount,
            pot_share,
            level_amounts: shares.iter().map(|share| pot.share(*share)).collect(),
            shares,
            ineligible: keys.ineligible,
        })
    }

    fn canonical(&self) -> Value {
        json!({
            "amount": self.amount,
            "pot": self.pot_share.get(),
            "shares": self.shares.iter().map(|share| share.get()).collect::<Vec<u16>>(),
            "ineligible": self.ineligible,
        })
    }
}
