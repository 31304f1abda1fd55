//! The API as people use it: the whole product as processes, real wallets, plain HTTP.

mod bad_input;
mod explanations;
mod limits;
pub mod people;
mod starting;
mod story;
pub mod world;
