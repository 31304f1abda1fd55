//! Refresh tokens: random texts whose hashes are kept. Each is good for one use, which gives its successor.

use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::problem::{Answer, Problem};
use crate::store::sessions::NewToken;

/// Says in a log or a leak what it is.
const PREFIX: &str = "bnr_";

/// A fresh token.
pub fn new_token() -> Answer<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(Problem::internal)?;
    Ok(format!("{PREFIX}{}", hex::encode(bytes)))
}

/// How a token is kept.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The record of the first token of a new family.
pub fn family_start(wallet: banyan_types::Address, token: &str, now: OffsetDateTime, days: u32) -> NewToken {
    let expires_at = now + Duration::days(i64::from(days));
    NewToken { family: Uuid::now_v7(), wallet, hash: token_hash(token), expires_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_the_same_and_none_is_kept_as_it_is() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + 64);
        assert_ne!(token_hash(&one), token_hash(&other));
    }
}
