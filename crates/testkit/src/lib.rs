//! What tests and the demo stand on: PostgreSQL, Redis and anvil as children of the test, on free ports of the
//! loopback interface, with data in folders of their own, and gone when the test is gone.
//!
//! Nothing here is a stand-in: a test that asks for a database gets a real one. What is missing on the machine is
//! installed where that is allowed, and otherwise the error says which command to run.

pub mod anvil;
pub mod contract;
pub mod counts;
mod error;
pub mod install;
pub mod liar;
pub mod paths;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod stack;
pub mod story;

pub use error::{Error, Result};
