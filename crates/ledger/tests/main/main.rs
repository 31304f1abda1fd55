//! The books on a real PostgreSQL: what they take, what they refuse, and what they answer.

mod as_of;
mod attack_table;
mod attacks;
mod booking;
mod clerk;
mod connecting;
mod proof;
mod reading;
mod references;
mod release;
mod scene;
mod upgrade;
mod upgrading;
