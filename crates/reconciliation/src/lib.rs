//! Chain and books compared at one final block.
//!
//! The chain side comes from `eth_getBalance` and `eth_call` at the hash of the block at which the books stand; the
//! books are read in one snapshot; and what everybody has earned is worked out anew from the stored events and the plan
//! files, which the contract's head proves to be the contract's own. `compare` sets these side by side, without a
//! database or a network, and each [`Difference`] names the account, the block and the rows.
//!
//! [`Beside`] compares the books, row by row, with a history that an audit has read from the chain.
//!
//! The other half is the [`Replayer`]: all rows derived anew from the raw logs into an empty schema, and compared with the
//! live ones row by row.

mod beside;
mod chain_side;
mod compare;
mod consequences;
mod difference;
mod error;
mod figures;
mod metrics;
mod reconciler;
mod rederive;
mod replay;
mod schedule;
mod settings;
mod store;

pub use beside::{Beside, Judged, Traced};
pub use difference::{Difference, DifferenceKind, Evidence};
pub use error::ReconcileError;
pub use figures::{AccountFigures, BookFigures, ChainFigures, Figures, RewardFigures};
pub use metrics::Metrics;
pub use reconciler::{Reconciler, Reconciliation, Scope};
pub use replay::{Blocks, Replay, ReplayError, Replayer, RowDifference, Running, TableCount};
pub use schedule::Schedule;
pub use settings::Settings;
pub use store::replay::REPLAY_LOCK;
pub use store::{RowNow, rows_now};
