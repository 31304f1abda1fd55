//! What the configuration file says about reconciliation: section `[reconciliation]`.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

/// Section `[reconciliation]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Seconds between two comparisons of a sample; 0: only on demand.
    #[serde(default)]
    pub interval_seconds: u64,
    /// Where `/metrics` and `/healthz` of `banyan reconcile` listen while it repeats; nowhere when left out.
    #[serde(default)]
    pub metrics_listen: Option<SocketAddr>,
}

impl Settings {
    /// The time between two comparisons; `None`: only on demand.
    pub fn interval(&self) -> Option<Duration> {
        (self.interval_seconds > 0).then(|| Duration::from_secs(self.interval_seconds))
    }
}
