//! Why the listener ends other than by being told to.

use banyan_chain::FollowError;
use banyan_programme::ProgrammeError;

use crate::next;

/// Why the listener ended.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Node, contract and configuration do not belong together.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The database does not belong to the configuration, or another process has taken over.
    #[error(transparent)]
    Programme(#[from] ProgrammeError),
    /// It stood still over something that it refused to step over, and was then told to end.
    #[error("the listener stood still: {0}")]
    Halted(String),
    /// The registry has such metrics already.
    #[error("the listener's metrics cannot be registered: {0}")]
    Metrics(String),
}

impl ListenError {
    /// Whether a listener that cannot begin may begin later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            ListenError::Follow(error) => error.is_passing(),
            ListenError::Programme(error) => next::is_passing(error),
            ListenError::Halted(_) | ListenError::Metrics(_) => false,
        }
    }
}
