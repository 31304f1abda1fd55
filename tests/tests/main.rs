//! End-to-end tests: whole processes on real servers. A file or folder here is a module of this one binary.

mod api;
mod backup;
mod kill;
mod operators;
