//! The driver that feeds the chain's block source into the programme: every event of the contract, once, in order, none
//! missing, none invented, whatever the node does.
//!
//! It decides nothing about events: [`banyan_chain::Follower`] proves each range of final blocks, and
//! [`banyan_programme::Programme`] applies it in one database transaction, cursor included. What is left is when to ask
//! again and when to stand still, which `next` decides without a clock or a network.

mod error;
mod listener;
mod metrics;
mod next;
mod settings;

pub use error::ListenError;
pub use listener::{Deployment, Listener};
pub use metrics::{Metrics, Status};
pub use settings::Settings;
