//! What every request passes through, from the outside in: its id, its time and count, the caller's identity, the rate
//! limit, and the memory of requests that came before with the same idempotency key.

pub mod deadline;
pub mod idempotency;
pub mod identity;
pub mod observe;
pub mod rate_limit;
pub mod request_id;
mod seal;
