//! What the configuration file says about reconciliation: section `[reconciliation]`.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use crate::Schedule;

/// Section `[reconciliation]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A sample is compared each time the books have passed a multiple of so many blocks; 0: not at blocks.
    #[serde(default)]
    pub checkpoint_blocks: u64,
    /// A sample is compared at least every so many seconds; 0: not by the clock.
    #[serde(default)]
    pub interval_seconds: u64,
    /// Where `/metrics` and `/healthz` of `banyan reconcile` listen while it repeats; nowhere when left out.
    #[serde(default)]
    pub metrics_listen: Option<SocketAddr>,
}

impl Settings {
    /// When chain and books are compared without being asked.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            blocks: (self.checkpoint_blocks > 0).then_some(self.checkpoint_blocks),
            interval: (self.interval_seconds > 0).then(|| Duration::from_secs(self.interval_seconds)),
        }
    }
}
