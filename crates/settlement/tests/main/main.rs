//! Settlement on real parts: PostgreSQL, a local chain with the real contract, the real signer as a process, and the
//! books filled by the real programme from the chain's finalized events.

mod as_of;
mod circle;
mod crashes;
mod relay;
mod sealed;
mod signer;
mod still;
mod store;
mod telling;
mod transport;
mod world;
