//! The programme on a real PostgreSQL, fed with the events of a contract that is played here.

mod conservation;
mod contract;
mod once;
mod outbox;
mod payloads;
mod payouts;
mod scene;
mod worked_example;
