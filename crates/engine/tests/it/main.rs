//! The engine's tests. Most speak the small table language of [`table`]: events on one side, what must be true
//! after them on the other.

mod autopool;
mod disclosure;
mod endings;
mod hostile;
mod level_income;
mod lines;
mod metax;
mod oracle;
mod placement;
mod plans;
mod properties;
mod rest_empire;
mod smm_panel;
mod shipped;
mod table;
mod snapshot;
mod variants;
