//! The money that a programme pays in and out.

use schemars::JsonSchema;
use serde::Deserialize;

use super::PlanError;
use super::values::refused;

/// As many as the ledger stores (`NUMERIC(38,18)`) and as chains count in. Amounts stay below 10^38 smallest units, so
/// each further digit would take one from what a programme can carry: at 18 it has 10^20 of its currency, room for rank
/// bonuses, interest and the trees that the lint tries; at 30 it would have 10^8, and promises would run out of numbers.
const MAX_DECIMALS: u8 = 18;

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
        if keys.decimals > MAX_DECIMALS {
            let reason = format!(
                "expected 0 to {MAX_DECIMALS}, got {}: no finer unit is stored; count in a larger smallest unit",
                keys.decimals,
            );
            return Err(refused("currency.decimals", reason));
        }
        Ok(Currency { symbol: keys.symbol.clone(), decimals: keys.decimals })
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {} decimals", self.symbol, self.decimals)
    }
}
