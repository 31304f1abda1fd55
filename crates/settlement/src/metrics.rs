//! What Prometheus is told about payouts.

use banyan_types::BNB_DECIMALS;
use prometheus::core::Collector;
use prometheus::{Gauge, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use crate::batch::State;
use crate::error::SettlementError;
use crate::store::Figures;

/// The settlement process's metrics. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Metrics {
    batches: IntGaugeVec,
    queue: IntGauge,
    attempts: IntGaugeVec,
    pending_rewards: IntGauge,
    pending_bnb: Gauge,
    leading: IntGauge,
    held: IntGauge,
    node_faults: IntCounterVec,
}

impl Metrics {
    /// Makes the metrics and registers them.
    ///
    /// # Errors
    /// [`SettlementError::Metrics`] when the registry has metrics of these names already.
    pub fn register(registry: &Registry) -> Result<Metrics, SettlementError> {
        let opts = |name: &str, help: &str| Opts::new(format!("banyan_settlement_{name}"), help);
        let made = || -> prometheus::Result<Metrics> {
            Ok(Metrics {
                batches: IntGaugeVec::new(opts("batches", "Payout batches by state"), &["state"])?,
                queue: IntGauge::with_opts(opts("queue_depth", "Batches that wait to be paid"))?,
                attempts: IntGaugeVec::new(opts("attempts", "Sent transactions by outcome"), &["outcome"])?,
                pending_rewards: IntGauge::with_opts(opts("pending_rewards", "Payable rewards in no batch"))?,
                pending_bnb: Gauge::with_opts(opts("pending_bnb", "Sum of the payable rewards in no batch"))?,
                leading: IntGauge::with_opts(opts("leading", "1: this process sends; 0: it stands by"))?,
                held: IntGauge::with_opts(opts(
                    "held",
                    "1: the kill switch or a reconciliation stops batches",
                ))?,
                node_faults: IntCounterVec::new(
                    opts("node_faults_total", "Faults of the RPC node"),
                    &["class"],
                )?,
            })
        };
        let failed = |error: prometheus::Error| SettlementError::Metrics(error.to_string());
        let metrics = made().map_err(failed)?;
        for collector in metrics.collectors() {
            registry.register(collector).map_err(failed)?;
        }
        Ok(metrics)
    }

    fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.batches.clone()),
            Box::new(self.queue.clone()),
            Box::new(self.attempts.clone()),
            Box::new(self.pending_rewards.clone()),
            Box::new(self.pending_bnb.clone()),
            Box::new(self.leading.clone()),
            Box::new(self.held.clone()),
            Box::new(self.node_faults.clone()),
        ]
    }

    pub(crate) fn show(&self, figures: &Figures) {
        for state in State::ALL {
            let count = figures.batches.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count);
            self.batches.with_label_values(&[state.word()]).set(count);
        }
        let waits = |state: State| match state {
            State::Queued | State::Broadcast | State::Included | State::Final => true,
            State::Building | State::Signed | State::Settled | State::Expired | State::Abandoned => false,
        };
        let waiting = figures.batches.iter().filter(|(state, _)| waits(*state));
        self.queue.set(waiting.map(|(_, count)| count).sum());
        for (outcome, count) in &figures.attempts {
            self.attempts.with_label_values(&[outcome]).set(*count);
        }
        self.pending_rewards.set(figures.pending_rewards);
        // For display only: a float cannot hold every wei.
        self.pending_bnb.set(figures.pending_amount.to_decimal(BNB_DECIMALS).parse().unwrap_or(f64::NAN));
    }

    pub(crate) fn leads(&self, leads: bool) {
        self.leading.set(i64::from(leads));
    }

    pub(crate) fn is_held(&self, held: bool) {
        self.held.set(i64::from(held));
    }

    pub(crate) fn node_fault(&self, class: &str) {
        self.node_faults.with_label_values(&[class]).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::Amount;

    #[test]
    fn the_figures_reach_prometheus() {
        let registry = Registry::new();
        let metrics = Metrics::register(&registry).unwrap();
        metrics.show(&Figures {
            batches: vec![(State::Queued, 2), (State::Final, 1), (State::Settled, 9)],
            attempts: vec![("accepted".to_owned(), 4)],
            pending_rewards: 3,
            pending_amount: Amount::from_decimal("1.5", 18).unwrap(),
        });
        let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        for line in [
            "banyan_settlement_batches{state=\"queued\"} 2",
            "banyan_settlement_batches{state=\"abandoned\"} 0",
            "banyan_settlement_queue_depth 3",
            "banyan_settlement_attempts{outcome=\"accepted\"} 4",
            "banyan_settlement_pending_bnb 1.5",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(Metrics::register(&registry).is_err());
    }
}
