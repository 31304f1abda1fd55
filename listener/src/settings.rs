//! What the configuration file says about the listener: section `[listener]`.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use serde::Deserialize;

/// Section `[listener]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where `/metrics` and `/healthz` of the listener listen.
    pub metrics_listen: SocketAddr,
    /// How often a node is asked whether something new is final.
    #[serde(default = "default_poll_milliseconds")]
    pub poll_milliseconds: NonZeroU64,
    /// Most blocks asked for at once. Less is asked for from a node that refuses so many.
    #[serde(default = "default_max_blocks_per_request")]
    pub max_blocks_per_request: NonZeroU64,
    /// About how many events are applied in one database transaction; a block is never divided.
    #[serde(default = "default_events_per_transaction")]
    pub events_per_transaction: NonZeroUsize,
}

impl Settings {
    /// How often a node is asked whether something new is final.
    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_milliseconds.get())
    }
}

const fn default_poll_milliseconds() -> NonZeroU64 {
    NonZeroU64::new(500).expect("not zero")
}

const fn default_max_blocks_per_request() -> NonZeroU64 {
    NonZeroU64::new(5_000).expect("not zero")
}

const fn default_events_per_transaction() -> NonZeroUsize {
    NonZeroUsize::new(1_000).expect("not zero")
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::strict::from_toml;

    #[test]
    fn what_is_left_out_has_its_default_and_what_makes_no_sense_is_refused() {
        let settings: Settings = from_toml("metrics_listen = \"127.0.0.1:9102\"").unwrap();
        assert_eq!(settings.poll(), Duration::from_millis(500));
        assert_eq!(settings.max_blocks_per_request.get(), 5_000);
        for line in ["poll_milliseconds = 0", "max_blocks_per_request = 0", "events_per_transaction = 0"] {
            assert!(from_toml::<Settings>(&format!("metrics_listen = \"127.0.0.1:1\"\n{line}")).is_err());
        }
        let error =
            from_toml::<Settings>("metrics_listen = \"127.0.0.1:1\"\npoll_miliseconds = 5").unwrap_err();
        assert!(error.to_string().contains("poll_milliseconds"), "{error}");
    }
}
