//! Signing in with a wallet (EIP-4361), and what it gives: a short access token and a rotating refresh token.

mod contract_wallet;
mod message;
mod nonce;
mod refresh;
mod session_key;
mod signature;

pub use message::Message;
pub use nonce::{Given, Nonces};
pub use refresh::{family_start, new_token, token_hash};
pub use session_key::{SessionKeyError, SessionKeys};
pub use signature::verify;
