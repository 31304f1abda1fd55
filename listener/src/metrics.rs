//! What Prometheus and `/healthz` are told about the listener.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use banyan_programme::Applied;
use banyan_types::history::Cursor;
use prometheus::core::Collector;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

use crate::ListenError;

/// What the listener is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It opens the programme and the node.
    Opening,
    /// It follows the chain.
    Following,
    /// It stands still over something that it refuses to step over.
    Halted,
}

impl Status {
    /// The word for `/healthz`.
    pub fn name(self) -> &'static str {
        match self {
            Status::Opening => "opening",
            Status::Following => "following",
            Status::Halted => "halted",
        }
    }
}

/// The listener's metrics. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Metrics {
    status: Arc<AtomicU8>,
    last_block: IntGauge,
    finalized_block: IntGauge,
    lag_blocks: IntGauge,
    seq: IntGauge,
    halted: IntGauge,
    entries: IntCounter,
    rewards: IntCounter,
    outflows: IntCounter,
    alarms: IntCounter,
    failures: IntCounter,
    faults: IntCounterVec,
}

impl Metrics {
    /// Makes the metrics and registers them.
    ///
    /// # Errors
    /// [`ListenError::Metrics`] when the registry has metrics of these names already.
    pub fn register(registry: &Registry) -> Result<Metrics, ListenError> {
        let failed = |error: prometheus::Error| ListenError::Metrics(error.to_string());
        let metrics = Metrics::new().map_err(failed)?;
        for collector in metrics.collectors() {
            registry.register(collector).map_err(failed)?;
        }
        Ok(metrics)
    }

    fn new() -> prometheus::Result<Metrics> {
        let opts = |name: &str, help: &str| Opts::new(format!("banyan_listener_{name}"), help);
        let gauge = |name: &str, help: &str| IntGauge::with_opts(opts(name, help));
        let counter = |name: &str, help: &str| IntCounter::with_opts(opts(name, help));
        Ok(Metrics {
            status: Arc::new(AtomicU8::new(0)),
            last_block: gauge("last_block", "The last block that was applied")?,
            finalized_block: gauge("finalized_block", "The newest final block that the node has named")?,
            lag_blocks: gauge("lag_blocks", "Final blocks that are not applied yet")?,
            seq: gauge("seq", "The last entry of the contract's history that was applied")?,
            halted: gauge("halted", "1: it stands still and a person must look; 0: it does not")?,
            entries: counter("entries_total", "Entries of the history applied by this process")?,
            rewards: counter("rewards_total", "Rewards credited by this process")?,
            outflows: counter("outflows_total", "Payments and the like applied by this process")?,
            alarms: counter("alarms_total", "Things applied that a person must hear of")?,
            failures: counter("failures_total", "Ranges that were not applied at the first try")?,
            faults: IntCounterVec::new(
                opts("faults_total", "Faults of the node and of what it answered"),
                &["class"],
            )?,
        })
    }

    fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.last_block.clone()),
            Box::new(self.finalized_block.clone()),
            Box::new(self.lag_blocks.clone()),
            Box::new(self.seq.clone()),
            Box::new(self.halted.clone()),
            Box::new(self.entries.clone()),
            Box::new(self.rewards.clone()),
            Box::new(self.outflows.clone()),
            Box::new(self.alarms.clone()),
            Box::new(self.failures.clone()),
            Box::new(self.faults.clone()),
        ]
    }

    /// What the listener is doing.
    pub fn status(&self) -> Status {
        match self.status.load(Ordering::Relaxed) {
            1 => Status::Following,
            2 => Status::Halted,
            _ => Status::Opening,
        }
    }

    pub(crate) fn enters(&self, status: Status) {
        let number = match status {
            Status::Opening => 0,
            Status::Following => 1,
            Status::Halted => 2,
        };
        self.status.store(number, Ordering::Relaxed);
        self.halted.set(i64::from(status == Status::Halted));
    }

    pub(crate) fn applied(&self, applied: &Applied) {
        self.entries.inc_by(count(applied.entries));
        self.rewards.inc_by(count(applied.rewards));
        self.outflows.inc_by(count(applied.outflows));
        self.alarms.inc_by(count(applied.alarms.len()));
    }

    pub(crate) fn stands(&self, cursor: &Cursor, finalized: Option<u64>) {
        let finalized = finalized.unwrap_or(cursor.block).max(cursor.block);
        self.last_block.set(gauged(cursor.block));
        self.finalized_block.set(gauged(finalized));
        self.lag_blocks.set(gauged(finalized - cursor.block));
        self.seq.set(cursor.seq.map_or(-1, gauged));
    }

    pub(crate) fn failed(&self) {
        self.failures.inc();
    }

    /// Adds what `faults`, a follower's running totals, have grown by since `known`.
    pub(crate) fn faults(
        &self,
        known: &mut BTreeMap<&'static str, u64>,
        faults: &BTreeMap<&'static str, u64>,
    ) {
        for (class, total) in faults {
            let before = known.insert(class, *total).unwrap_or(0);
            self.faults.with_label_values(&[class]).inc_by(total - before);
        }
    }
}

fn gauged(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_what_is_final_and_not_applied() {
        let metrics = Metrics::register(&Registry::new()).unwrap();
        let cursor = Cursor { block: 7, seq: Some(3), ..Cursor::default() };
        metrics.stands(&cursor, Some(10));
        assert_eq!((metrics.lag_blocks.get(), metrics.last_block.get(), metrics.seq.get()), (3, 7, 3));
        metrics.stands(&cursor, None);
        assert_eq!((metrics.lag_blocks.get(), metrics.finalized_block.get()), (0, 7));
    }

    #[test]
    fn faults_are_counted_once_over_a_follower_s_running_totals() {
        let metrics = Metrics::register(&Registry::new()).unwrap();
        let mut known = BTreeMap::new();
        metrics.faults(&mut known, &BTreeMap::from([("seq", 2)]));
        metrics.faults(&mut known, &BTreeMap::from([("seq", 5), ("timeout", 1)]));
        assert_eq!(metrics.faults.with_label_values(&["seq"]).get(), 5);
        assert_eq!(metrics.faults.with_label_values(&["timeout"]).get(), 1);
    }

    #[test]
    fn a_registry_takes_them_once() {
        let registry = Registry::new();
        Metrics::register(&registry).unwrap();
        assert!(Metrics::register(&registry).is_err());
    }

    #[test]
    fn the_status_is_told() {
        let metrics = Metrics::register(&Registry::new()).unwrap();
        assert_eq!(metrics.status(), Status::Opening);
        for status in [Status::Following, Status::Halted, Status::Opening] {
            metrics.enters(status);
            assert_eq!(metrics.status(), status);
        }
    }
}
