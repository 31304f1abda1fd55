//! The plan and its arithmetic: a pure, deterministic machine, `Plan` + state + `Event` → records.
//!
//! No clock, no randomness, no float, no I/O, and no iteration over a hash map: the same events under the same plans
//! give the same records on any machine. Participants are dense numbers ([`UserId`]) in order of first appearance;
//! callers keep the names. Start at [`Machine`]; [`Plan`] is what it obeys, [`interchange`] the text that it can be fed
//! from and print to.

mod books;
mod components;
mod event;
pub mod interchange;
mod machine;
mod participants;
mod plan;
pub mod random;
mod record;
mod refusal;

pub use books::{Balances, Conservation};
pub use components::pool::Quote;
pub use event::{Event, EventBody, UserId};
pub use machine::{Machine, Outcome};
pub use plan::{Ineligible, Plan, PlanError, PoolPlan, RetopupPlan, SponsorSeat, Ticket};
pub use record::{Completed, Fund, Record, Reserve, Reward, RewardKind, RewardState, Seat, SeatRef};
pub use refusal::{AdoptError, Refusal};
