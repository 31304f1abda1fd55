//! The operators' decisions, from the request that prepares one to the books that show it: the real contract, the real
//! services, and exactly the transactions that the API hands out.

mod desk;
mod directives;
mod holds;
mod placement;
mod plans;
mod wind_up;
