//! Ending a batch: what it did not pay goes back, and the accounts are free for the next one.

use banyan_ledger::store::Work;
use banyan_ledger::{Account, Cause, LedgerError, Posting};
use banyan_types::Amount;
use uuid::Uuid;

use super::Result;
use super::build::{book_any, tell};
use super::candidates::{Point, stand_still};
use super::convert::{to_i64, to_u64};
use crate::batch::State;

/// How a batch ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The books have read what it paid, under this number of the contract.
    Settled {
        /// The contract's number of the execution.
        out: u64,
    },
    /// Its deadline passed.
    Expired,
    /// It was given up, for this reason.
    Abandoned {
        /// For people.
        reason: String,
    },
}

impl Ending {
    fn state(&self) -> State {
        match self {
            Ending::Settled { .. } => State::Settled,
            Ending::Expired => State::Expired,
            Ending::Abandoned { .. } => State::Abandoned,
        }
    }

    /// What others are told.
    fn topic(&self) -> &'static str {
        match self {
            Ending::Settled { .. } => "batch.settled",
            Ending::Expired => "batch.expired",
            Ending::Abandoned { .. } => "batch.abandoned",
        }
    }
}

/// Ends the batch, if it stands in one of the states `from`; whether it did.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn close(work: &mut Work<'_>, id: Uuid, from: &[State], ending: &Ending) -> Result<bool> {
    let Some(point) = stand_still(work).await? else {
        let found = "no row in blockchain_sync".to_owned();
        return Err(LedgerError::Corrupt { expected: "a cursor wherever there is a batch", found });
    };
    let Some(number) = end(work, id, from, ending, point).await? else { return Ok(false) };
    give_back(work, id, number, point).await?;
    release(work, id).await?;
    answer_requests(work, id).await?;
    tell(work, id, ending.topic(), point).await?;
    Ok(true)
}

/// The batch's own row; its number, if it stood in one of the states.
async fn end(
    work: &mut Work<'_>,
    id: Uuid,
    from: &[State],
    ending: &Ending,
    point: Point,
) -> Result<Option<i64>> {
    let from: Vec<&str> = from.iter().map(|state| state.word()).collect();
    let (out, reason) = match ending {
        Ending::Settled { out } => (Some(to_i64(*out)?), None),
        Ending::Expired => (None, Some("its deadline passed before it was in a block")),
        Ending::Abandoned { reason } => (None, Some(reason.as_str())),
    };
    let number = sqlx::query_scalar!(
        r#"UPDATE payout_batches
           SET state = $3::text::batch_state, out = $4, reason = coalesce($5, reason), closed_block = $6,
               updated_at = now(),
               tx_hash = CASE WHEN $4::bigint IS NULL THEN NULL ELSE tx_hash END,
               block_number = CASE WHEN $4::bigint IS NULL THEN NULL ELSE block_number END
           WHERE id = $1 AND state::text = ANY ($2::text[])
           RETURNING number"#,
        id,
        &from as _,
        ending.state().word(),
        out,
        reason,
        to_i64(point.block)?
    )
    .fetch_optional(&mut **work)
    .await?;
    Ok(number)
}

/// What is left of the items in the books. An account is in one open batch at most, so all it has there is this one's.
async fn give_back(work: &mut Work<'_>, id: Uuid, number: i64, point: Point) -> Result<()> {
    let rows = sqlx::query!(
        r#"SELECT i.user_id, a.balance AS "left!: Amount"
           FROM payout_items i JOIN accounts a ON a.kind = 'in_batch' AND a.owner = i.user_id
           WHERE i.batch_id = $1 AND i.open AND a.balance > 0
           ORDER BY i.user_id"#,
        id
    )
    .fetch_all(&mut **work)
    .await?;
    let postings = rows
        .into_iter()
        .map(|row| {
            let user = to_u64(row.user_id)?;
            Ok(Posting { debit: Account::in_batch(user), credit: Account::payable(user), amount: row.left })
        })
        .collect::<Result<Vec<_>>>()?;
    book_any(work, Cause::batch_closed(to_u64(number)?), point, postings).await
}

/// Rewards that it did not pay wait for the next batch, and its accounts are free.
async fn release(work: &mut Work<'_>, id: Uuid) -> Result<()> {
    sqlx::query!(
        r#"UPDATE rewards SET state = 'payable', batch_id = NULL, updated_at = now()
           WHERE batch_id = $1 AND state = 'batched'"#,
        id
    )
    .execute(&mut **work)
    .await?;
    sqlx::query!("UPDATE payout_items SET open = false WHERE batch_id = $1 AND open", id)
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// Withdrawals that people asked for: done where the batch's transaction paid them, open again where it did not.
async fn answer_requests(work: &mut Work<'_>, id: Uuid) -> Result<()> {
    sqlx::query!(
        r#"UPDATE transactions t
           SET status = CASE WHEN paid.out IS NULL THEN 'prepared' ELSE 'confirmed' END::transaction_status,
               tx_hash = CASE WHEN paid.out IS NULL THEN t.tx_hash ELSE b.tx_hash END,
               updated_at = now()
           FROM payout_items i
           JOIN payout_batches b ON b.id = i.batch_id
           LEFT JOIN payouts paid
               ON b.state = 'settled' AND paid.out = b.out AND paid.user_id = i.user_id
           WHERE i.batch_id = $1 AND t.user_id = i.user_id AND t.action = 'WITHDRAW' AND t.status = 'submitted'"#,
        id
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
