//! The test bed itself, on real servers.

mod contracts;
mod databases;
mod parentless;
mod programs;
