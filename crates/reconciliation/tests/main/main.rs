//! Reconciliation on real parts: anvil with the contract, PostgreSQL with the books, and a programme between them.

mod damage;
mod reconcile;
mod replay;
mod world;
