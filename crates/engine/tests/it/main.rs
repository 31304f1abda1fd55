//! The engine's tests. Most speak the small table language of [`table`]: events on one side, what must be true
//! after them on the other.

mod autopool;
mod table;
