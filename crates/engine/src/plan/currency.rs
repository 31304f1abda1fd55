//! The money that a programme pays in and out.

use schemars::JsonSchema;
use serde::Deserialize;

use super::PlanError;
use super::values::within;

/// Beyond this many decimals an entry of one unit of the currency would be no amount.
const MAX_DECIMALS: u8 = 30;

/// `[currency]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CurrencyKeys {
    /// Symbol of the money, such as `BNB`.
    #[schemars(example = &"BNB")]
    symbol: String,
    /// Digits after the point: 18 make the smallest unit a wei.
    #[schemars(range(max = MAX_DECIMALS), example = 18)]
    decimals: u8,
}

/// A currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
    /// Its symbol, such as `BNB`.
    pub symbol: String,
    /// Digits after the point.
    pub decimals: u8,
}

impl Currency {
    pub(super) fn read(keys: &CurrencyKeys) -> Result<Currency, PlanError> {
        within("currency.decimals", keys.decimals.into(), 0, MAX_DECIMALS.into())?;
        Ok(Currency { symbol: keys.symbol.clone(), decimals: keys.decimals })
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {} decimals", self.symbol, self.decimals)
    }
}
