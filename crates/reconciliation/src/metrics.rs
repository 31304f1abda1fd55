//! What Prometheus is told about reconciliation.

use prometheus::{IntCounter, IntGauge, Opts, Registry};

use crate::{ReconcileError, Reconciliation};

/// The reconciliation's metrics. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Metrics {
    differences: IntGauge,
    stops_batches: IntGauge,
    block: IntGauge,
    finished: IntGauge,
    runs: IntCounter,
    failures: IntCounter,
}

impl Metrics {
    /// Makes the metrics and registers them.
    ///
    /// # Errors
    /// [`ReconcileError::Metrics`] when the registry has metrics of these names already.
    pub fn register(registry: &Registry) -> Result<Metrics, ReconcileError> {
        let opts = |name: &str, help: &str| Opts::new(format!("banyan_reconciliation_{name}"), help);
        let made = || -> prometheus::Result<Metrics> {
            let metrics = Metrics {
                differences: IntGauge::with_opts(opts("differences", "Differences of the last run"))?,
                stops_batches: IntGauge::with_opts(opts("stops_batches", "1: the last run stops batches"))?,
                block: IntGauge::with_opts(opts("block", "The block of the last run"))?,
                finished: IntGauge::with_opts(opts(
                    "finished_seconds",
                    "When the last run ended, since 1970",
                ))?,
                runs: IntCounter::with_opts(opts("runs_total", "Comparisons made"))?,
                failures: IntCounter::with_opts(opts(
                    "failures_total",
                    "Comparisons that could not be made",
                ))?,
            };
            for gauge in [&metrics.differences, &metrics.stops_batches, &metrics.block, &metrics.finished] {
                registry.register(Box::new(gauge.clone()))?;
            }
            registry.register(Box::new(metrics.runs.clone()))?;
            registry.register(Box::new(metrics.failures.clone()))?;
            Ok(metrics)
        };
        made().map_err(|error| ReconcileError::Metrics(error.to_string()))
    }

    /// A comparison was made.
    pub fn compared(&self, result: &Reconciliation) {
        self.runs.inc();
        self.differences.set(i64::try_from(result.differences.len()).unwrap_or(i64::MAX));
        self.stops_batches.set(i64::from(result.stops_batches()));
        self.block.set(i64::try_from(result.block).unwrap_or(i64::MAX));
        self.finished.set(result.finished_at.unix_timestamp());
    }

    /// A comparison could not be made.
    pub fn failed(&self) {
        self.failures.inc();
    }
}
