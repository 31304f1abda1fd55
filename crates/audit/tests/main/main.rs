//! The audit on real parts: anvil with the contract, PostgreSQL with books that have read it, and nodes that lie.

mod books;
mod chain;
mod refusals;
mod world;
