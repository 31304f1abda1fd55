//! A service that signs only what the chain and the plan justify, even with every other part in the attacker's hands.

pub mod client;
pub mod protocol;
