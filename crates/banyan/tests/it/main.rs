//! The binary as its users meet it.

mod run;
mod simulate;
