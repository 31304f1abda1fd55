//! Rewards: what was credited, and reserves that ended.

use banyan_ledger::store::Work;

use super::column;
use crate::ProgrammeError;
use crate::rows::{RewardRow, SpentReserve};

pub(super) async fn insert_rewards(work: &mut Work<'_>, rows: &[RewardRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount,
                                cumulative, state, created_at, updated_at)
           SELECT seq * 1048576 + ordinal, seq, ordinal, user_id, source, pool, seat, kind::reward_type, depth, amount,
                  cumulative, CASE WHEN cumulative IS NULL THEN 'reserved' ELSE 'payable' END::reward_state,
                  to_timestamp(at), to_timestamp(at)
           FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                       $8::int[], $9::numeric[], $10::numeric[], $11::bigint[])
               AS given (seq, ordinal, user_id, source, pool, seat, kind, depth, amount, cumulative, at)"#,
        &column(rows, |row| row.seq),
        &column(rows, |row| row.ordinal),
        &column(rows, |row| row.user),
        &column(rows, |row| row.source),
        &column(rows, |row| row.pool) as _,
        &column(rows, |row| row.seat) as _,
        &column(rows, |row| row.kind) as _,
        &column(rows, |row| row.depth) as _,
        &column(rows, |row| row.amount) as _,
        &column(rows, |row| row.cumulative) as _,
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

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
