//! The interchange format: events as JSON Lines in, records as JSON Lines or CSV out, both as `plans.md` lays down.
//!
//! [`Simulation`] takes one line after the other and owns the machine, the names of users and the ids already used.
//! It does no I/O: drivers bring lines and write what [`print`](mod@print) makes of the records.

mod at;
mod decode;
mod line;
mod names;
mod object;
pub mod print;
mod saved;
mod simulation;

pub use at::{format_at, parse_at};
pub use decode::{LineError, shown};
pub use line::Line;
pub use names::Names;
pub use simulation::{MAX_LINE, Reason, Simulation, Step};
