//! The audit: everything that the contract ever did, read from a node, proven complete, judged by the plan files, and
//! compared with what the contract says of itself and, if they are at hand, with the books.
//!
//! It needs no database and believes nobody: heads, payments and counters are those that [`banyan_chain`]'s block source
//! proves; what everybody has earned is [`banyan_entitlement`]'s own answer; the books are compared by
//! [`banyan_reconciliation`]. [`audit`] runs it: `reading` asks the node for ranges of blocks side by side, `proving` puts them in
//! order, `judging` follows on a thread of its own, and `ending` sets the contract's own word at the last block beside the result.

mod ending;
mod error;
mod finding;
mod judging;
mod proving;
mod reading;
mod run;
mod summary;

pub use error::AuditError;
pub use finding::{Finding, Row, Source};
pub use run::{Request, audit};
pub use summary::{Audit, Counts, Figures, Pace};
