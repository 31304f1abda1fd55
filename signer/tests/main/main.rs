//! What the signer promises: decisions in tables, the service over real HTTP, and its signatures on the real contract.

mod history;
mod intake;
mod payouts;
mod policy;
mod refusing_to_start;
mod stage;
mod stopping;
mod wire;
