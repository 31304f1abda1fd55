//! What the crate promises, told through entries of a history as the contract writes them.

mod directives;
mod explained;
mod foresight;
mod history;
mod merkle;
mod properties;
mod refused_payments;
mod worked_example;
