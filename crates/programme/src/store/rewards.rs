//! Rewards: what was credited, and reserves that ended.

use banyan_ledger::store::Column::{BigInt, Int, Numeric, Time, Word};
use banyan_ledger::store::{Table, Work};

use super::column;
use crate::ProgrammeError;
use crate::rows::{RewardRow, SpentReserve};

pub(super) const REWARDS: Table<RewardRow> = Table {
    name: "rewards",
    columns: &[
        ("id", BigInt(|row| Some((row.seq << 20) + i64::from(row.ordinal)))),
        ("seq", BigInt(|row| Some(row.seq))),
        ("ordinal", Int(|row| Some(row.ordinal))),
        ("user_id", BigInt(|row| Some(row.user))),
        ("source_user_id", BigInt(|row| Some(row.source))),
        ("pool_id", BigInt(|row| row.pool)),
        ("seat_id", BigInt(|row| row.seat)),
        ("type", Word("reward_type", |row| row.kind)),
        ("depth", Int(|row| row.depth)),
        ("amount", Numeric(|row| Some(row.amount))),
        ("cumulative", Numeric(|row| row.cumulative)),
        ("state", Word("reward_state", |row| if row.cumulative.is_some() { "payable" } else { "reserved" })),
        ("created_at", Time(|row| row.at)),
        ("updated_at", Time(|row| row.at)),
    ],
};

pub(super) async fn spend_reserves(work: &mut Work<'_>, rows: &[SpentReserve]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"UPDATE rewards r SET state = 'spent', updated_at = to_timestamp(e.at)
           FROM unnest($1::bigint[], $2::bigint[]) AS e (seat, at)
           WHERE r.seat_id = e.seat AND r.state = 'reserved'"#,
        &column(rows, |row| row.seat),
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
