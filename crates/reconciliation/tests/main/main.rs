//! Reconciliation on real parts: anvil with the contract, PostgreSQL with the books, and a programme between them.

mod reconcile;
mod replay;
mod world;
