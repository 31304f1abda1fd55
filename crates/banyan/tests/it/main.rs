//! The binary as its users meet it.

mod bad_input;
mod disclose;
mod lint;
mod plan_diff;
mod plan_show;
mod run;
mod simulate;
mod snapshots;
mod verdicts;
mod why;
