//! The SQL of replays: the empty schema, the logs, the comparison, the result.

mod chunk;
mod compare;
mod result;
mod session;

pub(crate) use chunk::{Booked, chunk};
pub(crate) use compare::compare;
pub(crate) use result::{begin, books_stand_at, fail, finish, progress};
pub use session::REPLAY_LOCK;
pub(crate) use session::Session;

use banyan_ledger::LedgerError;

use crate::replay::ReplayError;

impl From<sqlx::Error> for ReplayError {
    fn from(error: sqlx::Error) -> ReplayError {
        ReplayError::Ledger(LedgerError::from(error))
    }
}
