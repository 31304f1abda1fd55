//! The parts that a programme is made of. Each keeps its own state and writes its records through the books.

pub(crate) mod level_income;
pub(crate) mod pool;
pub(crate) mod tickets;
mod tree;
