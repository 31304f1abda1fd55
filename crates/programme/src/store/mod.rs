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
use banyan_ledger::store::{Pool, Work, book};
use banyan_types::Address;

use crate::ProgrammeError;
use crate::rows::Rows;
use events::{EVENTS, HISTORY};
use outbox::OUTBOX;
use payouts::{PAYOUTS, ROOTS};
use people::{RETOPUPS, USERS};
use rewards::REWARDS;
use trees::SEATS;

impl From<sqlx::Error> for ProgrammeError {
    fn from(error: sqlx::Error) -> ProgrammeError {
        ProgrammeError::Ledger(LedgerError::from(error))
    }
}

/// That the tables which are filled have the columns and types that they are filled with, for the compiler does not see it.
pub(crate) async fn check_tables(pool: &Pool) -> Result<(), ProgrammeError> {
    let connection = &mut *pool.acquire().await?;
    EVENTS.check(connection).await?;
    HISTORY.check(connection).await?;
    USERS.check(connection).await?;
    RETOPUPS.check(connection).await?;
    SEATS.check(connection).await?;
    REWARDS.check(connection).await?;
    PAYOUTS.check(connection).await?;
    ROOTS.check(connection).await?;
    Ok(OUTBOX.check(connection).await?)
}

/// Writes all rows of a range, in the order in which they refer to each other.
pub(crate) async fn write(work: &mut Work<'_>, rows: &Rows) -> Result<(), ProgrammeError> {
    if !rows.events.is_empty() {
        EVENTS.fill(work, &rows.events).await?;
    }
    if !rows.history.is_empty() {
        write_entries(work, rows).await?;
    }
    if !rows.user_changes.is_empty() {
        people::change_users(work, &rows.user_changes).await?;
    }
    if !rows.payouts.is_empty() {
        PAYOUTS.fill(work, &rows.payouts).await?;
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
        ROOTS.fill(work, &rows.roots).await?;
    }
    if !rows.outbox.is_empty() {
        OUTBOX.fill(work, &rows.outbox).await?;
    }
    Ok(())
}

/// What entries of the history bring.
async fn write_entries(work: &mut Work<'_>, rows: &Rows) -> Result<(), ProgrammeError> {
    HISTORY.fill(work, &rows.history).await?;
    if !rows.users.is_empty() {
        USERS.fill(work, &rows.users).await?;
    }
    if !rows.retopups.is_empty() {
        RETOPUPS.fill(work, &rows.retopups).await?;
    }
    if !rows.pools.is_empty() {
        trees::upsert_pools(work, &rows.pools).await?;
        SEATS.fill(work, &rows.seats).await?;
    }
    if !rows.seat_ends.is_empty() {
        trees::end_seats(work, &rows.seat_ends).await?;
    }
    if !rows.rewards.is_empty() {
        REWARDS.fill(work, &rows.rewards).await?;
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
