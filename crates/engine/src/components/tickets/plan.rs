//! What a registration costs, and whom it seats.

use banyan_types::{Amount, Bps};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::{AmountKey, ShareKey, within};
use crate::plan::{Currency, PlanError};

/// `[registration]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrationKeys {
    /// What a registration costs: the ticket of level 1.
    #[schemars(example = "20")]
    entry: AmountKey,
    /// With this table a registration seats nobody, but one referral of each sponsor spends its whole entry on a seat
    /// for the sponsor. The company is never seated.
    sponsor_seat: Option<SponsorSeatKeys>,
}

/// `[registration.sponsor_seat]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SponsorSeatKeys {
    /// Which referral of a sponsor buys the seat.
    #[schemars(range(min = 1), example = 2)]
    on_referral: u32,
    /// The sponsor's share of every other entry (`DIRECT`); the company takes the rest as its fee.
    #[schemars(example = "90%")]
    direct: ShareKey,
}

/// What a registration costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegistrationPlan {
    /// The ticket of level 1.
    pub(crate) entry: Amount,
    /// Whom it seats, if not the registrant.
    pub(crate) sponsor_seat: Option<SponsorSeat>,
}

/// A registration buys no seat for the registrant, but one of them buys a seat for the sponsor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SponsorSeat {
    /// Which referral of a sponsor buys the seat.
    pub on_referral: u32,
    /// The sponsor's share of every other registration's entry; the rest is the company's fee.
    pub direct: Bps,
}

impl Section for RegistrationPlan {
    type Keys = RegistrationKeys;

    const SINCE: u32 = 1;

    fn read(keys: RegistrationKeys, currency: &Currency) -> Result<RegistrationPlan, PlanError> {
        let entry = keys.entry.payment("registration.entry", currency)?;
        let sponsor_seat = keys.sponsor_seat.as_ref().map(sponsor_seat).transpose()?;
        Ok(RegistrationPlan { entry, sponsor_seat })
    }

    fn canonical(&self) -> Value {
        let sponsor_seat = self
            .sponsor_seat
            .map(|rule| json!({ "on_referral": rule.on_referral, "direct": rule.direct.get() }));
        json!({ "entry": self.entry, "sponsor_seat": sponsor_seat })
    }
}

fn sponsor_seat(keys: &SponsorSeatKeys) -> Result<SponsorSeat, PlanError> {
    within("registration.sponsor_seat.on_referral", keys.on_referral.into(), 1, u32::MAX.into())?;
    let direct = keys.direct.share("registration.sponsor_seat.direct")?;
    Ok(SponsorSeat { on_referral: keys.on_referral, direct })
}
