//! The binary as its users meet it.

mod disclose;
mod lint;
mod run;
mod simulate;
mod why;
