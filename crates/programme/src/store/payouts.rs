//! What left the contract: balances it is taken from, payouts, settled rewards, published roots.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Column::{BigInt, Boolean, Bytes, Hex, Numeric, Time, Word};
use banyan_ledger::store::{Table, Work, lock_books};
use banyan_types::Amount;
use banyan_types::history::{BlockRange, Fact, Outflow};

use super::{column, hash};
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

pub(super) const PAYOUTS: Table<PayoutRow> = Table {
    name: "payouts",
    columns: &[
        ("out", BigInt(|row| Some(row.out))),
        ("user_id", BigInt(|row| Some(row.user))),
        ("kind", Word("payout_kind", |row| row.kind)),
        ("amount", Numeric(|row| Some(row.amount))),
        ("paid_total", Numeric(|row| row.paid_total)),
        ("destination", Hex(|row| row.destination.as_ref().map(|address| address.as_slice()))),
        ("tx_hash", Hex(|row| Some(row.tx_hash.as_slice()))),
        ("block_number", BigInt(|row| Some(row.block))),
        ("log_index", BigInt(|row| Some(row.log_index))),
        ("at", Time(|row| row.at)),
    ],
};

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

pub(super) const ROOTS: Table<RootRow> = Table {
    name: "published_roots",
    columns: &[
        ("block_number", BigInt(|row| Some(row.block))),
        ("log_index", BigInt(|row| Some(row.log_index))),
        ("seq", BigInt(|row| Some(row.seq))),
        ("root", Bytes(|row| Some(row.root.as_slice()))),
        ("at", Time(|row| row.at)),
        ("voided", Boolean(|row| row.voided)),
    ],
};
