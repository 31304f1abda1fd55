//! What the listener does next, given what has just happened. No clock, no network, no database.

use std::time::Duration;

use banyan_chain::FollowError;
use banyan_programme::ProgrammeError;

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(15);

/// What has just happened.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A range was applied.
    Applied,
    /// Nothing new is final.
    Nothing,
    /// The follower did not bring a range.
    NotFollowed(FollowError),
    /// The programme did not apply one.
    NotApplied(ProgrammeError),
}

impl Seen {
    /// What went wrong, in words.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Seen::Applied | Seen::Nothing => None,
            Seen::NotFollowed(error) => Some(error.to_string()),
            Seen::NotApplied(error) => Some(error.to_string()),
        }
    }

    /// Whether something went wrong.
    pub(crate) fn is_failure(&self) -> bool {
        match self {
            Seen::Applied | Seen::Nothing => false,
            Seen::NotFollowed(_) | Seen::NotApplied(_) => true,
        }
    }
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Ask for the next range at once.
    Go,
    /// Ask again after a while.
    Wait(Duration),
    /// Open programme and follower anew after a while.
    Reopen(Duration),
    /// Stand still, for that reason, until a person looks.
    Halt(String),
    /// End: another process does the work.
    Leave(ProgrammeError),
}

/// What follows from `seen`, which is the `failures`-th failure in a row if it is one.
pub(crate) fn next(seen: Seen, failures: u32, poll: Duration) -> Next {
    match seen {
        Seen::Applied => Next::Go,
        Seen::Nothing => Next::Wait(poll),
        Seen::NotFollowed(error) if error.is_passing() => Next::Wait(pause(failures, poll)),
        Seen::NotFollowed(error) => Next::Halt(error.to_string()),
        Seen::NotApplied(error) => match error {
            ProgrammeError::LostRace { .. } => Next::Leave(error),
            error if is_passing(&error) => Next::Reopen(pause(failures, poll)),
            error => Next::Halt(error.to_string()),
        },
    }
}

/// The pause after the `failures`-th failure in a row: each is twice as long as the last.
pub(crate) fn pause(failures: u32, poll: Duration) -> Duration {
    poll.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST)
}

/// Whether the programme, opened anew, may take the same range.
pub(crate) fn is_passing(error: &ProgrammeError) -> bool {
    match error {
        ProgrammeError::Ledger(error) => error.is_passing(),
        ProgrammeError::Closed | ProgrammeError::Range { .. } => true,
        ProgrammeError::Entitlement(_)
        | ProgrammeError::WrongChain { .. }
        | ProgrammeError::WrongContract { .. }
        | ProgrammeError::LostRace { .. }
        | ProgrammeError::Head { .. }
        | ProgrammeError::Outflow { .. }
        | ProgrammeError::PaidTotal { .. }
        | ProgrammeError::Stranger { .. }
        | ProgrammeError::Conservation { .. }
        | ProgrammeError::Beyond { .. }
        | ProgrammeError::Foreign { .. }
        | ProgrammeError::Overflow { .. }
        | ProgrammeError::Stored { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_chain::NodeError;
    use banyan_types::B256;

    const POLL: Duration = Duration::from_millis(500);

    fn unreachable() -> FollowError {
        FollowError::Node(NodeError::Unreachable { host: "node".into(), reason: "refused".into() })
    }

    #[test]
    fn what_may_pass_is_tried_again_ever_more_slowly() {
        for (failures, milliseconds) in
            [(1, 500), (2, 1_000), (5, 8_000), (6, 15_000), (4_000_000_000, 15_000)]
        {
            let Next::Wait(pause) = next(Seen::NotFollowed(unreachable()), failures, POLL) else { panic!() };
            assert_eq!(pause, Duration::from_millis(milliseconds));
            let Next::Reopen(pause) = next(Seen::NotApplied(ProgrammeError::Closed), failures, POLL) else {
                panic!()
            };
            assert_eq!(pause, Duration::from_millis(milliseconds));
        }
    }

    #[test]
    fn work_goes_on_at_once_and_idleness_waits_the_usual_time() {
        assert!(matches!(next(Seen::Applied, 0, POLL), Next::Go));
        assert!(matches!(next(Seen::Nothing, 9, POLL), Next::Wait(POLL)));
    }

    #[test]
    fn what_cannot_pass_halts_with_the_reason() {
        let reorganized = FollowError::Reorganized { block: 7, expected: B256::ZERO, found: B256::ZERO };
        let Next::Halt(reason) = next(Seen::NotFollowed(reorganized), 0, POLL) else { panic!() };
        assert!(reason.contains("final block 7"), "{reason}");
        let head = ProgrammeError::Head { seq: 3, stated: B256::ZERO, computed: B256::ZERO };
        assert!(matches!(next(Seen::NotApplied(head), 0, POLL), Next::Halt(_)));
    }

    #[test]
    fn a_process_whose_epoch_is_over_leaves() {
        let lost = ProgrammeError::LostRace { block: 7, epoch: 2 };
        assert!(matches!(next(Seen::NotApplied(lost), 0, POLL), Next::Leave(_)));
    }
}
