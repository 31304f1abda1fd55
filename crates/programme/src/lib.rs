//! The running programme: takes a proven range of blocks, lets the entitlement decide, and writes once.
//!
//! [`Programme::apply`] is one database transaction. The cursor moves first, by compare-and-swap on the last block and
//! the process's epoch; then `decide`, a pure function of the range, the memory and the few balances that money went out
//! of, says all rows; then `store` writes them, one statement a table. Whatever fails, nothing is written and the memory
//! is thrown away: [`Programme::open`] rebuilds it from the stored history, which it reads and judges anew.

mod alarm;
mod decide;
mod error;
mod memory;
mod programme;
mod rows;
mod store;

pub use alarm::Alarm;
pub use error::ProgrammeError;
pub use programme::{Applied, Deployment, Programme};
pub use store::{Contract, history_between};
