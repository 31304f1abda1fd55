//! The crate against a real node (anvil) and the real contract, and against a node that lies.

mod follow;
mod node;
