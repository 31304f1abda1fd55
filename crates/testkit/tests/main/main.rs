//! The test bed itself, on real servers.

mod databases;
mod parentless;
mod programs;
