//! The programme's rows in PostgreSQL: the cursor, the recovery, and one statement a table for a range.

mod cursor;
mod events;
mod history;
mod outbox;
mod payouts;
mod people;
mod recover;
mod rewards;
mod trees;

pub(crate) use cursor::{begin, commit, halt, move_cursor, take_over};
pub use history::{Contract, history_between};
pub(crate) use payouts::holdings;
pub(crate) use recover::recover;

use banyan_ledger::LedgerError;
use banyan_ledger::store::{Work, book};
use banyan_types::Address;

use crate::ProgrammeError;
use crate::rows::Rows;

impl From<sqlx::Error> for ProgrammeError {
    fn from(error: sqlx::Error) -> ProgrammeError {
        ProgrammeError::Ledger(LedgerError::from(error))
    }
}

/// Writes all rows of a range, in the order in which they refer to each other.
pub(crate) async fn write(work: &mut Work<'_>, rows: &Rows) -> Result<(), ProgrammeError> {
    if !rows.events.is_empty() {
        events::insert_events(work, &rows.events).await?;
    }
    if !rows.history.is_empty() {
        write_entries(work, rows).await?;
    }
    if !rows.user_changes.is_empty() {
        people::change_users(work, &rows.user_changes).await?;
    }
    if !rows.payouts.is_empty() {
        payouts::insert_payouts(work, &rows.payouts).await?;
    }
    if !rows.journal.is_empty() {
        book(work, &rows.journal).await?;
    }
    if !rows.withdrawals.is_empty() {
        payouts::settle_withdrawn(work, &rows.withdrawals).await?;
    }
    if !rows.settlements.is_empty() {
        payouts::settle_paid(work, &rows.settlements).await?;
    }
    if rows.earlier_roots_voided {
        payouts::void_roots(work).await?;
    }
    if !rows.roots.is_empty() {
        payouts::insert_roots(work, &rows.roots).await?;
    }
    if !rows.outbox.is_empty() {
        outbox::insert_outbox(work, &rows.outbox).await?;
    }
    Ok(())
}

/// What entries of the history bring.
async fn write_entries(work: &mut Work<'_>, rows: &Rows) -> Result<(), ProgrammeError> {
    events::insert_history(work, &rows.history).await?;
    if !rows.users.is_empty() {
        people::insert_users(work, &rows.users).await?;
    }
    if !rows.retopups.is_empty() {
        people::insert_retopups(work, &rows.retopups).await?;
    }
    if !rows.pools.is_empty() {
        trees::upsert_pools(work, &rows.pools).await?;
        trees::insert_seats(work, &rows.seats).await?;
    }
    if !rows.seat_ends.is_empty() {
        trees::end_seats(work, &rows.seat_ends).await?;
    }
    if !rows.rewards.is_empty() {
        rewards::insert_rewards(work, &rows.rewards).await?;
    }
    if !rows.spent.is_empty() {
        rewards::spend_reserves(work, &rows.spent).await?;
    }
    if !rows.payments.is_empty() {
        people::match_payments(work, &rows.payments).await?;
    }
    Ok(())
}

/// One column of many rows.
fn column<'a, R, T>(rows: &'a [R], pick: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(pick).collect()
}

/// An address as the database writes it: lower-case.
fn wallet(address: Address) -> String {
    format!("{address:#x}")
}

/// A transaction's hash as the database writes it.
fn hash(hash: banyan_types::B256) -> String {
    format!("{hash:#x}")
}
