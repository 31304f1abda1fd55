//! How often one caller may ask: a window of a minute, counted in Redis for all servers together.
//!
//! If Redis does not answer, requests pass and an alarm is raised: a limit that fails closed would stop the programme
//! for want of a counter.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use banyan_types::Address;
use redis::Script;

use super::identity::Identity;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;

/// Length of a window in seconds.
const WINDOW: u64 = 60;

/// Counts one request and tells how many there were in the window and when it ends.
static COUNT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local n = redis.call('INCR', KEYS[1]) \
         if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end \
         return {n, redis.call('TTL', KEYS[1])}",
    )
});

/// Where a caller stands in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    limit: u64,
    used: u64,
    /// Seconds until the window ends.
    reset: u64,
}

impl Standing {
    fn exceeded(self) -> bool {
        self.used > self.limit
    }

    fn headers(self) -> [(HeaderName, HeaderValue); 4] {
        let policy = format!("{};w={WINDOW}", self.limit);
        [
            (HeaderName::from_static("ratelimit-limit"), HeaderValue::from(self.limit)),
            (
                HeaderName::from_static("ratelimit-remaining"),
                HeaderValue::from(self.limit.saturating_sub(self.used)),
            ),
            (HeaderName::from_static("ratelimit-reset"), HeaderValue::from(self.reset)),
            (
                HeaderName::from_static("ratelimit-policy"),
                HeaderValue::from_str(&policy).expect("digits and `;w=` are visible ASCII"),
            ),
        ]
    }
}

/// Lets a request pass if its caller has some left.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(standing) = count(&app, &bucket(&request), app.settings.requests_per_minute).await else {
        return next.run(request).await;
    };
    let mut response =
        if standing.exceeded() { refusal(standing).into_response() } else { next.run(request).await };
    response.headers_mut().extend(standing.headers());
    response
}

/// Lets a wallet have something prepared by the signer, if it has some left. The signer counts all wallets together, so
/// that one wallet must not use up what all may.
pub async fn intake(app: &App, wallet: Address) -> Answer<()> {
    let key = format!("banyan:limit:intake:{wallet}");
    match count(app, &key, app.settings.intakes_per_minute).await {
        Some(standing) if standing.exceeded() => Err(refusal(standing)),
        Some(_) | None => Ok(()),
    }
}

fn refusal(standing: Standing) -> Problem {
    let detail = format!(
        "expected at most {} requests a minute, got {}: wait {} seconds",
        standing.limit, standing.used, standing.reset
    );
    Problem::new(Kind::RateLimited, detail).retry_after(standing.reset)
}

/// The counter of a request: that of the wallet, or that of the address it came from.
fn bucket(request: &Request) -> String {
    if let Some(Identity::Known(caller)) = request.extensions().get::<Identity>() {
        return format!("banyan:limit:{}", caller.wallet);
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    format!("banyan:limit:{}", peer.map_or_else(|| "unknown".to_owned(), network))
}

/// One household of IPv6 is a /64.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Counts one more; `None` if Redis does not answer.
async fn count(app: &App, key: &str, limit: u32) -> Option<Standing> {
    let counted: redis::RedisResult<(u64, i64)> =
        COUNT.key(key).arg(WINDOW).invoke_async(&mut app.redis.clone()).await;
    match counted {
        Ok((used, ttl)) => {
            let reset = u64::try_from(ttl).unwrap_or(WINDOW);
            Some(Standing { limit: u64::from(limit), used, reset })
        }
        Err(error) => {
            app.metrics.redis_failed();
            tracing::error!(alarm = "rate_limit_off", %error, "Redis does not answer; requests pass unlimited");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_allowed_request_passes_and_the_next_does_not() {
        let at = |used| Standing { limit: 3, used, reset: 10 };
        assert!(!at(3).exceeded());
        assert!(at(4).exceeded());
        assert_eq!(at(2).headers()[1].1, "1");
        assert_eq!(at(9).headers()[1].1, "0");
        assert_eq!(at(9).headers()[3].1, "3;w=60");
    }

    #[test]
    fn addresses_of_one_household_share_a_counter() {
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1");
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), "2001:db8:1:2::/64");
    }
}
