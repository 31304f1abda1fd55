//! What Prometheus sees of the API: requests by route, pending rewards, queue depth, the last reconciliation.

use std::time::Duration;

use banyan_types::{Amount, BNB_DECIMALS};
use prometheus::{
    Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use crate::store::sweep::Figures;

/// Upper bounds of the latency buckets in seconds.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The API's metrics.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    redis_failures: IntCounter,
    expired_payloads: IntCounter,
    pending_rewards: IntGaugeVec,
    pending_amount: GaugeVec,
    open_batches: IntGauge,
    queue_depth: IntGauge,
    reconciliation_differences: IntGauge,
    reconciliation_stops_batches: IntGauge,
    reconciliation_difference: Gauge,
}

impl Metrics {
    /// All metrics at zero.
    ///
    /// # Errors
    /// Only if two metrics share a name.
    pub fn new() -> prometheus::Result<Metrics> {
        let registry = Registry::new();
        let by_state = |name: &str, help: &str| Opts::new(name, help);
        let metrics = Metrics {
            requests: IntCounterVec::new(
                Opts::new("banyan_http_requests_total", "Requests answered, by route and status"),
                &["method", "route", "status"],
            )?,
            latency: HistogramVec::new(
                HistogramOpts::new("banyan_http_request_seconds", "Time to answer, by route")
                    .buckets(BUCKETS.to_vec()),
                &["method", "route"],
            )?,
            redis_failures: IntCounter::new(
                "banyan_redis_failures_total",
                "Times that Redis did not answer the rate limit",
            )?,
            expired_payloads: IntCounter::new(
                "banyan_payloads_expired_total",
                "Prepared payloads that nobody used in time",
            )?,
            pending_rewards: IntGaugeVec::new(
                by_state("banyan_pending_rewards", "Rewards not paid yet, by state"),
                &["state"],
            )?,
            pending_amount: GaugeVec::new(
                by_state("banyan_pending_rewards_bnb", "Their sum in BNB, by state"),
                &["state"],
            )?,
            open_batches: IntGauge::new(
                "banyan_open_batches",
                "Payout batches neither settled nor given up",
            )?,
            queue_depth: IntGauge::new("banyan_pool_queue_depth", "Seats whose board is not complete")?,
            reconciliation_differences: IntGauge::new(
                "banyan_reconciliation_differences",
                "What the last reconciliation found different",
            )?,
            reconciliation_stops_batches: IntGauge::new(
                "banyan_reconciliation_stops_batches",
                "1 while what the last reconciliation found stops batches",
            )?,
            reconciliation_difference: Gauge::new(
                "banyan_reconciliation_difference_bnb",
                "Contract balance less the books' funds in BNB, as the last reconciliation found it",
            )?,
            registry,
        };
        metrics.register()?;
        Ok(metrics)
    }

    fn register(&self) -> prometheus::Result<()> {
        let all: [Box<dyn prometheus::core::Collector>; 11] = [
            Box::new(self.requests.clone()),
            Box::new(self.latency.clone()),
            Box::new(self.redis_failures.clone()),
            Box::new(self.expired_payloads.clone()),
            Box::new(self.pending_rewards.clone()),
            Box::new(self.pending_amount.clone()),
            Box::new(self.open_batches.clone()),
            Box::new(self.queue_depth.clone()),
            Box::new(self.reconciliation_differences.clone()),
            Box::new(self.reconciliation_stops_batches.clone()),
            Box::new(self.reconciliation_difference.clone()),
        ];
        all.into_iter().try_for_each(|metric| self.registry.register(metric))
    }

    /// One request was answered.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.latency.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// Redis did not answer.
    pub fn redis_failed(&self) {
        self.redis_failures.inc();
    }

    /// Prepared payloads ended unused.
    pub fn expired(&self, payloads: u64) {
        self.expired_payloads.inc_by(payloads);
    }

    /// The database's figures.
    pub fn figures(&self, figures: &Figures) {
        for state in ["payable", "reserved", "batched"] {
            let pending = figures.pending.iter().find(|pending| pending.state == state);
            self.pending_rewards.with_label_values(&[state]).set(pending.map_or(0, |pending| pending.count));
            let amount = pending.map_or(Amount::ZERO, |pending| pending.amount);
            self.pending_amount.with_label_values(&[state]).set(in_bnb(amount));
        }
        self.open_batches.set(figures.open_batches);
        self.queue_depth.set(figures.queue);
        self.reconciliation_differences.set(figures.differences.unwrap_or_default());
        self.reconciliation_stops_batches.set(i64::from(figures.stops_batches));
        self.reconciliation_difference.set(in_bnb(figures.difference.unwrap_or_default()));
    }

    /// Everything in Prometheus' text format.
    ///
    /// # Errors
    /// When a metric cannot be written.
    pub fn text(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// For a gauge only: rounded to what a float holds.
fn in_bnb(amount: Amount) -> f64 {
    amount.to_decimal(BNB_DECIMALS).parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rewards::Pending;

    #[test]
    fn figures_and_requests_show() {
        let metrics = Metrics::new().unwrap();
        metrics.request("GET", "/v1/users/me", 200, Duration::from_millis(3));
        metrics.figures(&Figures {
            pending: vec![Pending {
                state: "payable".to_owned(),
                count: 2,
                amount: Amount::from_decimal("2.5", 18).unwrap(),
            }],
            open_batches: 1,
            queue: 4,
            differences: Some(3),
            stops_batches: true,
            difference: Some(Amount::from_decimal("-1", 18).unwrap()),
        });
        let text = metrics.text().unwrap();
        for line in [
            "banyan_http_requests_total{method=\"GET\",route=\"/v1/users/me\",status=\"200\"} 1",
            "banyan_pending_rewards{state=\"payable\"} 2",
            "banyan_pending_rewards_bnb{state=\"payable\"} 2.5",
            "banyan_pending_rewards{state=\"reserved\"} 0",
            "banyan_open_batches 1",
            "banyan_pool_queue_depth 4",
            "banyan_reconciliation_differences 3",
            "banyan_reconciliation_stops_batches 1",
            "banyan_reconciliation_difference_bnb -1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
