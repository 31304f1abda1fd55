//! The plan and its arithmetic: a pure, deterministic machine, `Plan` + state + `Event` → records.
//!
//! No clock, no randomness, no float, no I/O, and no iteration over a hash map: the same events under the same plans
//! give the same records on any machine. Participants are dense numbers ([`UserId`]) in order of first appearance;
//! callers keep the names. Start at [`Machine`]; [`Plan`] is what it obeys, [`interchange`] the text that it can be fed
//! from and print to.

mod books;
mod calendar;
pub mod comparison;
mod components;
pub mod disclosure;
mod event;
pub mod explain;
pub mod illustration;
pub mod interchange;
pub mod lint;
mod machine;
mod participants;
mod plan;
pub mod random;
mod record;
mod refusal;
pub mod snapshot;

pub use books::{Balances, Conservation};
pub use calendar::Month;
pub use components::level_income::{Ineligible, RetopupPlan};
pub use components::pool::{PoolPlan, Quote, Ticket};
pub use components::tickets::SponsorSeat;
pub use event::{Event, EventBody, EventId, UserId};
pub use machine::{Machine, Outcome};
pub use plan::{Currency, Plan, PlanError};
pub use record::{
    Completed, Detail, Fund, Order, RankId, Record, Reserve, Reward, RewardKind, RewardState, Seat, SeatRef,
};
pub use refusal::{AdoptError, Refusal};
