//! The operators' decisions, prepared: checked and tried on a copy of the machine, and dressed as the transactions that
//! the contract's role holders sign. Nothing is changed here but the log of actions; a decision counts when the contract
//! has it in its history.
//!
//! [`present`] has the machine as the books stand, [`senders`] who may send what, [`refused`] the reasons why a decision
//! is not prepared, [`prepare`](prepare()) puts them together. [`config`] judges plan files, [`past`] plays the history again.

pub mod config;
pub mod past;
mod prepare;
pub mod present;
mod refused;
mod senders;

pub use prepare::{Asked, place_warnings, prepare};
pub use present::{Present, Standing};
pub use senders::Timelock;
