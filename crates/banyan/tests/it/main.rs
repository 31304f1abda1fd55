//! The binary as its users meet it.

mod disclose;
mod run;
mod simulate;
