//! The double-entry books in PostgreSQL: what they are made of, how they are written, and what they can be asked.
//!
//! A [`Transaction`] has a [`Cause`] and [`Posting`]s; a posting moves one amount from one [`Account`] to another, so
//! nothing can be written out of balance. [`store::book`] writes many at once and is idempotent by cause. Balances are
//! kept by the database itself. [`store`] is the only place that speaks SQL; everything else here is a value.

mod account;
mod balance;
mod error;
mod journal;
mod moment;
mod statement;
pub mod store;
mod verification;

pub use account::{Account, AccountKind, Seat};
pub use balance::{Difference, Entitlement, Imbalance, KindProof, Proof, Totals, TrialBalance, UserBalances};
pub use error::LedgerError;
pub use journal::{Cause, CauseKind, Posting, Transaction};
pub use moment::{Asked, Moment, Source};
pub use statement::{Extract, Line, Movement, Statement};
pub use store::migrate;
pub use verification::{Finding, SealPoint, Verified};
