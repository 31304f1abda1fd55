//! Payout batches, from payable to settled.
//!
//! [`batch`], [`fees`] and [`select`] decide, without a clock, a network or a database; [`store`] is all SQL;
//! [`Payouts`] is what operators do with batches, through the API; and [`Settler`] is the process that sends them and
//! follows them until the books have read what they paid.

pub mod batch;
mod error;
mod executor;
pub mod fees;
mod metrics;
pub mod payouts;
mod record;
pub mod select;
mod settings;
pub mod settler;
pub mod store;

pub use error::{Hold, KeyError, SettlementError};
pub use executor::Executor;
pub use metrics::Metrics;
pub use payouts::{Filter, Payouts};
pub use record::{AttemptRecord, BatchDetail, BatchKey, BatchRecord, ItemRecord, Page};
pub use settings::{Mode, Settings};
pub use settler::{Milestone, Parts, Settler};
