//! A service that signs only what the chain and the plan justify, even with every other part of Banyan in the
//! attacker's hands.
//!
//! It follows the contract over its own RPC connection ([`history`]), runs the same engine over it as everyone, asks
//! the contract at its newest block, and lets a pure function decide ([`policy`]). Every request and answer is in a
//! hash-chained file ([`audit`]) before a signature leaves. [`protocol`] is what is said over the wire, [`client`] the
//! way to say it from Rust; [`Service`](service::Service) and [`server`] are the service, `banyan-signer` its binary.

pub mod audit;
pub mod client;
pub mod clients;
pub mod history;
pub mod keys;
pub mod limits;
mod no_signature;
pub mod policy;
pub mod protocol;
pub mod server;
pub mod service;
pub mod settings;

pub use no_signature::NoSignature;
