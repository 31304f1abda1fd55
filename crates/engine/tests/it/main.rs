//! The engine's tests. Most speak the small table language of [`table`]: events on one side, what must be true
//! after them on the other.

mod autopool;
mod autopool_model;
mod chains;
mod combined;
mod comparison;
mod debts;
mod disclosure;
mod endings;
mod explain;
mod explain_long;
mod explain_told;
mod fuzz;
mod golden;
mod histories;
mod hostile;
mod illustration;
mod level_income;
mod lines;
mod lint;
mod metax;
mod oracle;
mod placement;
mod plans;
mod properties;
mod rest_empire;
mod schema;
mod shipped;
mod smm_panel;
mod snapshot;
mod story;
mod table;
mod variants;
