//! Trees and seats.

use banyan_ledger::store::Column::{BigInt, Boolean, Numeric, Time, Word};
use banyan_ledger::store::{Table, Work};

use super::column;
use crate::ProgrammeError;
use crate::rows::{PoolRow, SeatEnd, SeatRow};

/// New trees, and what is added to those that were there.
pub(super) async fn upsert_pools(work: &mut Work<'_>, rows: &[PoolRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"INSERT INTO pools AS p
               (id, level, tree_number, status, root_user_id, seats, next_index, completions, created_at, completed_at)
           SELECT id, level, tree, CASE WHEN completed_at IS NULL THEN 'active' ELSE 'completed' END::pool_status, root,
                  seats, next_index, completions, to_timestamp(created_at), to_timestamp(completed_at)
           FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                       $8::bigint[], $9::bigint[])
               AS given (id, level, tree, root, seats, next_index, completions, created_at, completed_at)
           ON CONFLICT (id) DO UPDATE
           SET status = excluded.status, seats = p.seats + excluded.seats, next_index = excluded.next_index,
               completions = p.completions + excluded.completions, completed_at = excluded.completed_at"#,
        &column(rows, |row| row.id),
        &column(rows, |row| row.level),
        &column(rows, |row| row.tree),
        &column(rows, |row| row.root) as _,
        &column(rows, |row| row.seats),
        &column(rows, |row| row.next_index),
        &column(rows, |row| row.completions),
        &column(rows, |row| row.created_at),
        &column(rows, |row| row.completed_at) as _
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

pub(super) const SEATS: Table<SeatRow> = Table {
    name: "seats",
    columns: &[
        ("id", BigInt(|row| Some(row.id))),
        ("pool_id", BigInt(|row| Some(row.pool))),
        ("queue_index", BigInt(|row| Some(row.index))),
        ("user_id", BigInt(|row| Some(row.user))),
        ("seq", BigInt(|row| Some(row.seq))),
        ("manual", Boolean(|row| row.manual)),
        ("price", Numeric(|row| Some(row.price))),
        ("status", Word("seat_status", |row| if completed(row).is_some() { "completed" } else { "active" })),
        ("completed_seq", BigInt(completed)),
        ("spent", Numeric(|row| row.end.as_ref().map(|end| end.spent))),
        ("released", Numeric(|row| row.end.as_ref().map(|end| end.released))),
        ("created_at", Time(|row| row.at)),
    ],
};

/// The entry that filled its board in the same range.
fn completed(row: &SeatRow) -> Option<i64> {
    row.end.as_ref()?.completed_seq
}

/// A board may complete after its reserve was released by a wind-up only in theory: nothing is seated then.
pub(super) async fn end_seats(work: &mut Work<'_>, rows: &[SeatEnd]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"UPDATE seats s
           SET status = CASE WHEN e.completed_seq IS NULL THEN s.status ELSE 'completed' END,
               completed_seq = e.completed_seq, spent = e.spent, released = e.released
           FROM unnest($1::bigint[], $2::bigint[], $3::numeric[], $4::numeric[])
               AS e (id, completed_seq, spent, released)
           WHERE s.id = e.id"#,
        &column(rows, |row| row.id),
        &column(rows, |row| row.completed_seq) as _,
        &column(rows, |row| row.spent) as _,
        &column(rows, |row| row.released) as _
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
