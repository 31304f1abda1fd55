//! The books on a real PostgreSQL: what they take, what they refuse, and what they answer.

mod as_of;
mod attack;
mod attack_table;
mod attacks;
mod batch_attacks;
mod booking;
mod clerk;
mod connecting;
mod definitions;
mod event_attacks;
mod filling;
mod locks;
mod proof;
mod reading;
mod references;
mod release;
mod scene;
mod seal_attack_table;
mod sealing;
mod upgrade;
mod upgrading;
mod verifying;
