//! The HTTP API: what participants, operators and their tools ask Banyan, and what they are answered.
//!
//! [`routes`] has the handlers; they parse through [`extract`], read and write through [`store`], dress answers with
//! [`views`] and refuse with [`problem`]. Every request passes [`layers`]. [`server`] puts it together. Nothing here
//! decides about money: payloads are signed by the signer, batches are built by settlement, and the books follow the
//! chain alone.

mod auth;
mod decisions;
mod explanations;
mod extract;
mod health;
mod intake;
mod layers;
mod metrics;
mod permit;
mod problem;
mod proofs;
mod role;
mod routes;
mod server;
mod settings;
mod state;
mod store;
mod views;

pub use auth::SessionKeyError;
pub use role::Role;
pub use routes::openapi_document;
pub use server::{Foundations, Server, StartError};
pub use settings::{Operators, Settings};
