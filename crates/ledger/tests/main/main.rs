//! The books on a real PostgreSQL: what they take, what they refuse, and what they answer.

mod attack_table;
mod attacks;
mod booking;
mod clerk;
mod connecting;
mod reading;
mod references;
mod scene;
mod upgrading;
