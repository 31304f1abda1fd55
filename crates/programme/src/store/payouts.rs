//! What left the contract: balances it is taken from, payouts, settled rewards, published roots.

use banyan_ledger::LedgerError;
use banyan_ledger::store::{Work, lock_books};
use banyan_types::Amount;
use banyan_types::history::{BlockRange, Fact, Outflow};

use super::{column, hash, wallet};
use crate::ProgrammeError;
use crate::decide::Holdings;
use crate::memory::Memory;
use crate::rows::{PayoutRow, RootRow, Settlement, Withdrawal};

/// What the accounts that the range pays have now, the books held until the work ends. Nothing is read for who
/// registers in this very range.
pub(crate) async fn holdings(
    work: &mut Work<'_>,
    memory: &Memory,
    range: &BlockRange,
) -> Result<Holdings, ProgrammeError> {
    let mut users: Vec<i64> = range
        .events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Outflow(
                Outflow::Paid { account, .. }
                | Outflow::Owed { account, .. }
                | Outflow::OwedWithdrawn { account, .. },
            ) => memory.id(*account).and_then(|user| i64::try_from(user).ok()),
            Fact::Outflow(Outflow::Batch { .. })
            | Fact::Entry { .. }
            | Fact::Frozen { .. }
            | Fact::RootPublished { .. }
            | Fact::RootVoided
            | Fact::Other { .. } => None,
        })
        .collect();
    if users.is_empty() {
        return Ok(Holdings::new());
    }
    users.sort_unstable();
    users.dedup();
    lock_books(work).await?;
    let rows = sqlx::query!(
        r#"SELECT a.owner, a.kind::text AS "kind!", a.balance AS "balance: Amount"
           FROM unnest($1::bigint[]) AS paid (owner) JOIN accounts a USING (owner)
           WHERE a.kind IN ('in_batch', 'payable', 'owed')"#,
        &users
    )
    .fetch_all(&mut **work)
    .await?;
    let mut holdings = Holdings::new();
    for row in rows {
        let holding = holdings.entry(row.owner.unsigned_abs()).or_default();
        match row.kind.as_str() {
            "in_batch" => holding.in_batch = row.balance,
            "payable" => holding.payable = row.balance,
            "owed" => holding.owed = row.balance,
            _ => {
                let expected = "accounts of the kinds asked for";
                return Err(LedgerError::Corrupt { expected, found: row.kind }.into());
            }
        }
    }
    Ok(holdings)
}

pub(super) async fn insert_payouts(work: &mut Work<'_>, rows: &[PayoutRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"INSERT INTO payouts (out, user_id, kind, amount, paid_total, destination, tx_hash, block_number, log_index, at)
           SELECT out, user_id, kind::payout_kind, amount, paid_total, destination, tx_hash, block, log_index,
                  to_timestamp(at)
           FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::numeric[], $6::text[], $7::text[],
                       $8::bigint[], $9::bigint[], $10::bigint[])
               AS given (out, user_id, kind, amount, paid_total, destination, tx_hash, block, log_index, at)"#,
        &column(rows, |row| row.out),
        &column(rows, |row| row.user),
        &column(rows, |row| row.kind) as _,
        &column(rows, |row| row.amount) as _,
        &column(rows, |row| row.paid_total) as _,
        &column(rows, |row| row.destination.map(wallet)) as _,
        &column(rows, |row| hash(row.tx_hash)),
        &column(rows, |row| row.block),
        &column(rows, |row| row.log_index),
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Rewards up to the paid total are settled, or owed if the contract could not deliver.
pub(super) async fn settle_paid(work: &mut Work<'_>, rows: &[Settlement]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"UPDATE rewards r
           SET state = s.state::reward_state, tx_hash = s.tx_hash, updated_at = to_timestamp(s.at)
           FROM unnest($1::bigint[], $2::numeric[], $3::numeric[], $4::bigint[], $5::text[], $6::text[], $7::bigint[])
               AS s (user_id, above, up_to, before_id, state, tx_hash, at)
           WHERE r.user_id = s.user_id AND r.state IN ('payable', 'batched') AND r.id < s.before_id
             AND r.cumulative > s.above AND r.cumulative <= s.up_to"#,
        &column(rows, |row| row.user),
        &column(rows, |row| row.above) as _,
        &column(rows, |row| row.up_to) as _,
        &column(rows, |row| row.before_id),
        &column(rows, |row| row.state) as _,
        &column(rows, |row| hash(row.tx_hash)),
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Rewards that were owed before this range are settled by the withdrawal.
pub(super) async fn settle_withdrawn(work: &mut Work<'_>, rows: &[Withdrawal]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"UPDATE rewards r SET state = 'settled', tx_hash = w.tx_hash, updated_at = to_timestamp(w.at)
           FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS w (user_id, tx_hash, at)
           WHERE r.user_id = w.user_id AND r.state = 'owed'"#,
        &column(rows, |row| row.user),
        &column(rows, |row| hash(row.tx_hash)),
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

pub(super) async fn void_roots(work: &mut Work<'_>) -> Result<(), ProgrammeError> {
    sqlx::query!("UPDATE published_roots SET voided = true WHERE NOT voided").execute(&mut **work).await?;
    Ok(())
}

pub(super) async fn insert_roots(work: &mut Work<'_>, rows: &[RootRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"INSERT INTO published_roots (block_number, log_index, seq, root, at, voided)
           SELECT block, log_index, seq, root, to_timestamp(at), voided
           FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bool[])
               AS given (block, log_index, seq, root, at, voided)"#,
        &column(rows, |row| row.block),
        &column(rows, |row| row.log_index),
        &column(rows, |row| row.seq),
        &column(rows, |row| row.root.as_slice()) as _,
        &column(rows, |row| row.at),
        &column(rows, |row| row.voided)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
