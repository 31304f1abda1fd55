//! What every account has earned after each entry of the contract's history: the product's one answer to "who is owed
//! what", as a pure function of the plan files and the history.
//!
//! [`Entitlements`] is fed one [`Entry`](banyan_types::history::Entry) after the other and says of each what it did
//! ([`Judgement`]). It gives wallets their numbers, reads directives, lets the engine decide, keeps the heads, and can
//! be asked about any earlier point ([`Entitlements::as_of`]). [`merkle`] hashes what accounts have earned as the
//! contract verifies it. The programme, the signer and the audit all run this code, each over its own reading of the
//! chain.

mod accounts;
mod as_of;
mod contract_plan;
mod directive;
mod entitlements;
mod error;
mod explained;
mod foresight;
mod hindsight;
mod judgement;
mod kept_tree;
pub mod merkle;
mod plans;
mod running;

pub use as_of::AsOf;
pub use contract_plan::{ContractPlan, ContractPlanError};
pub use directive::{Directive, DirectiveFault, kind_text};
pub use entitlements::Entitlements;
pub use error::{EntitlementError, LatestSeq};
pub use explained::Explainer;
pub use foresight::Decision;
pub use hindsight::{Hindsight, Repriced};
pub use judgement::{Cause, Credit, Effect, Judgement, Outcome, RecordedReason, RefusedReason};
pub use plans::Plans;
