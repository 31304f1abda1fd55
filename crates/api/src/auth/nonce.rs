//! Sign-in nonces: each is good for one sign-in of one wallet, for five minutes. They live in Redis only, because losing
//! one costs a click.

use banyan_types::Address;
use redis::AsyncCommands as _;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::problem::{Answer, Kind, Problem};

/// How long a nonce may be used.
const LIFE: Duration = Duration::minutes(5);

/// The store of nonces.
#[derive(Clone)]
pub struct Nonces {
    redis: ConnectionManager,
}

/// What was given out with a nonce.
#[derive(Debug, Serialize, Deserialize)]
pub struct Given {
    /// Who asked for it.
    pub wallet: Address,
    /// The message to be signed.
    pub message: String,
}

impl Nonces {
    /// Nonces kept in `redis`.
    pub fn new(redis: ConnectionManager) -> Nonces {
        Nonces { redis }
    }

    /// A fresh nonce, and when it ends.
    pub fn fresh(now: OffsetDateTime) -> Answer<(String, OffsetDateTime)> {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes).map_err(Problem::internal)?;
        Ok((hex::encode(bytes), now + LIFE))
    }

    /// Keeps what was given out.
    pub async fn keep(&self, nonce: &str, given: &Given) -> Answer<()> {
        let text = serde_json::to_string(given).map_err(Problem::internal)?;
        let seconds = LIFE.whole_seconds().unsigned_abs();
        let kept: redis::RedisResult<()> = self.redis.clone().set_ex(key(nonce), text, seconds).await;
        kept.map_err(unavailable)
    }

    /// Takes a nonce: nobody can use it again, whatever comes of this sign-in.
    pub async fn take(&self, nonce: &str, wallet: Address) -> Answer<Given> {
        let text: Option<String> = self.redis.clone().get_del(key(nonce)).await.map_err(unavailable)?;
        let given: Option<Given> = text.and_then(|text| serde_json::from_str(&text).ok());
        let stale = |got: &str| {
            let detail = format!(
                "expected a nonce of the last five minutes, given to this wallet and not used yet, got {got}: ask POST /v1/auth/nonce for a new one"
            );
            Problem::field(Kind::StaleNonce, "nonce", detail)
        };
        match given {
            None => Err(stale("one that is unknown, used or too old")),
            Some(given) if given.wallet != wallet => Err(stale("another wallet's")),
            Some(given) => Ok(given),
        }
    }
}

/// The nonce comes from a request, so its place in Redis is a fixed prefix and what can only be hex.
fn key(nonce: &str) -> String {
    let plain = nonce.len() == 32 && nonce.bytes().all(|b| b.is_ascii_hexdigit());
    format!("banyan:nonce:{}", if plain { nonce } else { "-" })
}

fn unavailable(error: redis::RedisError) -> Problem {
    Problem::unavailable(Kind::StorageUnavailable, "the store of sign-in nonces", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_cannot_reach_another_key() {
        assert_eq!(key("../limit"), "banyan:nonce:-");
        let (nonce, _) = Nonces::fresh(OffsetDateTime::UNIX_EPOCH).unwrap();
        assert_eq!(key(&nonce), format!("banyan:nonce:{nonce}"));
    }

    #[test]
    fn no_two_nonces_are_the_same() {
        let fresh = || Nonces::fresh(OffsetDateTime::UNIX_EPOCH).unwrap().0;
        assert_ne!(fresh(), fresh());
    }
}
