//! How many blocks are asked for at once: as many as the node gives and the caller wants, found by trying.

/// Successes after a refusal before more is tried again.
const PATIENCE: u32 = 16;

#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    blocks: u64,
    most: u64,
    /// Successes that are still wanted before more is tried.
    patience: u32,
}

impl Span {
    /// Begins with `most` blocks, and never asks for more.
    pub(super) fn new(most: u64) -> Span {
        let most = most.max(1);
        Span { blocks: most, most, patience: 0 }
    }

    pub(super) fn blocks(&self) -> u64 {
        self.blocks
    }

    /// The node refused that many: half of it is tried.
    pub(super) fn refused(&mut self, asked: u64) {
        self.blocks = (asked / 2).max(1);
        self.patience = PATIENCE;
    }

    /// Only the first `taken` blocks had room: next time no more are asked for.
    pub(super) fn cut(&mut self, taken: u64) {
        self.blocks = taken.clamp(1, self.most);
    }

    /// The node gave all; with room for twice as many events, twice as many blocks are tried.
    pub(super) fn succeeded(&mut self, events: usize, max_events: usize) {
        self.patience = self.patience.saturating_sub(1);
        if self.patience == 0 && events * 2 <= max_events {
            self.blocks = (self.blocks * 2).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_s_limit_is_found_and_tried_again_only_after_a_while() {
        let mut span = Span::new(1000);
        span.refused(1000);
        span.refused(500);
        assert_eq!(span.blocks(), 250);
        for _ in 1..PATIENCE {
            span.succeeded(0, 100);
            assert_eq!(span.blocks(), 250);
        }
        span.succeeded(0, 100);
        assert_eq!(span.blocks(), 500);
    }

    #[test]
    fn dense_blocks_are_asked_for_in_smaller_numbers() {
        let mut span = Span::new(1000);
        span.cut(10);
        assert_eq!(span.blocks(), 10);
        span.succeeded(60, 100);
        assert_eq!(span.blocks(), 10, "twice as many would not fit");
        span.succeeded(50, 100);
        assert_eq!(span.blocks(), 20);
    }

    #[test]
    fn one_block_is_the_least_and_the_configured_number_the_most() {
        let mut span = Span::new(0);
        span.refused(1);
        span.cut(0);
        assert_eq!(span.blocks(), 1);
        let mut span = Span::new(30);
        (0..100).for_each(|_| span.succeeded(0, 100));
        assert_eq!(span.blocks(), 30);
    }
}
