//! When chain and books are compared without being asked: at checkpoints of the books' own way along the chain, and at
//! least every so often. A decision without a clock.

use std::time::Duration;

/// When to compare. With neither, never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Each time the books have passed a multiple of so many blocks. They stand on finalized blocks only.
    pub blocks: Option<u64>,
    /// At least so often.
    pub interval: Option<Duration>,
}

impl Schedule {
    /// Whether something is ever due.
    pub fn repeats(&self) -> bool {
        self.blocks.is_some() || self.interval.is_some()
    }

    /// Whether a comparison is due when the books stand at `block`. `last` is how long the last one is ago, and at which
    /// block it was; the first is due at once.
    pub fn due(&self, last: Option<(Duration, u64)>, block: u64) -> bool {
        let Some((ago, compared)) = last else { return self.repeats() };
        let checkpoint = self.blocks.filter(|blocks| *blocks > 0).is_some_and(|n| block / n > compared / n);
        checkpoint || self.interval.is_some_and(|interval| ago >= interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_a_multiple_that_was_passed_and_a_time_that_has_come() {
        let seconds = Duration::from_secs;
        for (blocks, interval, last, block, due) in [
            (None, None, None, 5, false),
            (Some(100), None, None, 5, true),
            (None, Some(60), None, 5, true),
            (Some(100), None, Some((1, 150)), 199, false),
            (Some(100), None, Some((1, 150)), 200, true),
            (Some(100), None, Some((1, 150)), 731, true),
            (Some(100), None, Some((9_999, 150)), 150, false),
            (Some(0), None, Some((9_999, 150)), 900, false),
            (None, Some(60), Some((59, 150)), 900, false),
            (None, Some(60), Some((60, 150)), 150, true),
            (Some(100), Some(60), Some((60, 150)), 150, true),
        ] {
            let schedule = Schedule { blocks, interval: interval.map(seconds) };
            let last = last.map(|(ago, block)| (seconds(ago), block));
            assert_eq!(schedule.due(last, block), due, "{schedule:?} {last:?} {block}");
        }
    }
}
