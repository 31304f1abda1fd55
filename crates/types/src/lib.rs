//! What every crate speaks: amounts, shares, plan hashes, and the contract's history as values.
//! No I/O, no clock, no database (the PostgreSQL codec of [`Amount`] is behind the feature `store`).

mod amount;
mod bps;
pub mod history;
mod plan_hash;
#[cfg(feature = "store")]
pub mod store;
pub mod strict;
pub mod well_known;

pub use alloy_primitives::{Address, B256, keccak256};
pub use amount::{Amount, AmountError};
pub use bps::{Bps, BpsError};
pub use plan_hash::PlanHash;

/// The key under which the contract, the ledger and the engine keep the programme's own company.
pub const COMPANY: Address = Address::ZERO;

/// Decimals of the native currency: one BNB is 10^18 wei.
pub const BNB_DECIMALS: u8 = 18;
