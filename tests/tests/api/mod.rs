//! The API as people use it: the whole product as processes, real wallets, plain HTTP.

mod bad_input;
mod explanations;
mod limits;
mod people;
mod starting;
mod story;
mod world;
