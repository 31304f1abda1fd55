//! Pictures of what a payment does: a board of the pool, or the sponsors above a buyer.

mod board;
mod path;
mod svg;

pub(super) use board::board;
pub(super) use path::path;
