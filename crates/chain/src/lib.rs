//! The chain as the rest of Banyan sees it: RPC nodes, the contract's payloads, calls and events, and the block source
//! that proves a range of events complete before anybody acts on it.
//!
//! Two halves. The pure one ([`eip712`], [`contract`], [`source`], [`transaction`]) is functions of values. The other ([`node`],
//! [`view`], [`timelock`], [`follower`]) asks an RPC node and believes nothing that the pure half has not checked. This crate alone names alloy's
//! providers; what it hands out is our own types.

pub mod contract;
pub mod eip712;
pub mod follower;
pub mod node;
pub mod source;
pub mod timelock;
pub mod transaction;
pub mod view;

pub use follower::{FollowError, Follower};
pub use node::{Node, NodeError};
pub use source::{BlockSource, start_cursor};
pub use view::ContractView;
