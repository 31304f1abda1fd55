//! How much may be signed in a span of block time. No wall clock: when the chain stands still, so does the allowance.

use std::collections::VecDeque;

use banyan_types::Amount;

/// What was let through in the last `span` seconds of block time, and how much that may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    span: u64,
    limit: Amount,
    passed: VecDeque<(u64, Amount)>,
}

impl Window {
    /// At most `limit` in any `span` seconds.
    pub fn new(span: u64, limit: Amount) -> Window {
        Window { span, limit, passed: VecDeque::new() }
    }

    /// The limit.
    pub fn limit(&self) -> Amount {
        self.limit
    }

    /// What has passed in the span that ends at `now`.
    pub fn passed(&self, now: u64) -> Amount {
        let recent = self.passed.iter().filter(|(time, _)| self.is_recent(*time, now));
        Amount::sum(recent.map(|(_, weight)| *weight)).unwrap_or(Amount::MAX)
    }

    /// Whether `weight` may pass at `now`.
    pub fn has_room(&self, now: u64, weight: Amount) -> bool {
        self.passed(now).checked_add(weight).is_some_and(|sum| sum <= self.limit)
    }

    /// Notes that `weight` has passed at `now`.
    pub fn note(&mut self, now: u64, weight: Amount) {
        while self.passed.front().is_some_and(|(time, _)| !self.is_recent(*time, now)) {
            self.passed.pop_front();
        }
        self.passed.push_back((now, weight));
    }

    /// A block time beyond `now` (the head was reorganized) counts too.
    fn is_recent(&self, time: u64, now: u64) -> bool {
        time.saturating_add(self.span) > now
    }
}
