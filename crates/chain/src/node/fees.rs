//! What gas costs, as a node says.

use alloy::primitives::U256;

use super::NodeError;

/// Prices of a unit of gas, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// The base fee of the newest block; 0 on BSC.
    pub base_fee: u128,
    /// What the node advises to offer in all.
    pub gas_price: u128,
}

impl Fees {
    pub(super) fn new(base_fee: U256, gas_price: U256) -> Result<Fees, NodeError> {
        let fits = |price: U256| {
            u128::try_from(price).map_err(|_| NodeError::Malformed {
                method: "eth_gasPrice",
                reason: format!("expected a price of gas below 2^128 wei, got {price}"),
            })
        };
        Ok(Fees { base_fee: fits(base_fee)?, gas_price: fits(gas_price)? })
    }
}
