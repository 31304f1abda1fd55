//! Writing a new batch: its row, its items, the rewards it takes, and the books' part of it.

use banyan_ledger::store::{Work, book};
use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_types::{Amount, B256};
use uuid::Uuid;

use super::convert::{to_i64, to_u64};
use super::{Point, Result};
use crate::select::Item;

/// A batch that is to be written.
#[derive(Clone, Debug)]
pub struct NewBatch<'a> {
    /// Its id.
    pub id: Uuid,
    /// Where the books stand.
    pub point: Point,
    /// The root that it publishes, or zero.
    pub root: B256,
    /// Most that it may pay: the sum of its items, in wei.
    pub max_total: Amount,
    /// Its items.
    pub items: &'a [Item],
    /// Who asked for it.
    pub requested_by: &'a str,
}

/// Writes the batch in state building and returns its number. The caller holds the books.
///
/// # Errors
/// When PostgreSQL fails or refuses, such as an account that another open batch holds.
pub async fn insert_batch(work: &mut Work<'_>, batch: &NewBatch<'_>) -> Result<i64> {
    let number = sqlx::query_scalar!(
        r#"INSERT INTO payout_batches
               (id, number, state, seq, head, root, max_total, requested_by, built_block, created_at, updated_at)
           SELECT $1, coalesce(max(number), 0) + 1, 'building', $2, $3, $4, $5, $6, $7, now(), now()
           FROM payout_batches
           RETURNING number"#,
        batch.id,
        to_i64(batch.point.seq)?,
        batch.point.head.as_slice(),
        batch.root.as_slice(),
        batch.max_total as _,
        batch.requested_by,
        to_i64(batch.point.block)?
    )
    .fetch_one(&mut **work)
    .await?;
    insert_items(work, batch).await?;
    take_requests(work, batch).await?;
    book_built(work, batch, number).await?;
    tell(work, batch.id, "batch.built", batch.point).await?;
    Ok(number)
}

/// Tells others of the batch, as it stands now.
pub(super) async fn tell(work: &mut Work<'_>, id: Uuid, topic: &str, point: Point) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO outbox (topic, reference, body, at, block_number)
           SELECT $2, number,
                  jsonb_build_object('id', id, 'seq', seq, 'maxTotal', (max_total * 1e18)::numeric(38, 0)::text,
                      'items', (SELECT count(*) FROM payout_items i WHERE i.batch_id = b.id), 'out', out,
                      'reason', reason, 'txHash', tx_hash),
                  to_timestamp($3::bigint), $4
           FROM payout_batches b WHERE id = $1"#,
        id,
        topic,
        to_i64(point.time)?,
        to_i64(point.block)?
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// The items, and the rewards up to each item's boundary.
async fn insert_items(work: &mut Work<'_>, batch: &NewBatch<'_>) -> Result<()> {
    let users: Vec<i64> = batch.items.iter().map(|item| item.user).collect();
    let cumulatives: Vec<Amount> = batch.items.iter().map(|item| item.cumulative).collect();
    let amounts: Vec<Amount> = batch.items.iter().map(|item| item.amount).collect();
    sqlx::query!(
        r#"INSERT INTO payout_items (batch_id, user_id, cumulative, amount)
           SELECT $1, user_id, cumulative, amount
           FROM unnest($2::bigint[], $3::numeric[], $4::numeric[]) AS given (user_id, cumulative, amount)"#,
        batch.id,
        &users,
        &cumulatives as _,
        &amounts as _
    )
    .execute(&mut **work)
    .await?;
    sqlx::query!(
        r#"UPDATE rewards r SET state = 'batched', batch_id = $1, updated_at = now()
           FROM payout_items i
           WHERE i.batch_id = $1 AND r.user_id = i.user_id AND r.state = 'payable' AND r.cumulative <= i.cumulative"#,
        batch.id
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Withdrawals that people asked for and that this batch will pay.
async fn take_requests(work: &mut Work<'_>, batch: &NewBatch<'_>) -> Result<()> {
    sqlx::query!(
        r#"UPDATE transactions t SET status = 'submitted', updated_at = now()
           FROM payout_items i
           WHERE i.batch_id = $1 AND t.user_id = i.user_id AND t.action = 'WITHDRAW' AND t.status = 'prepared'"#,
        batch.id
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Moves what the items pay out of the payable amounts. A row that says more than the books hold cannot move more: the
/// signer is asked all the same, and its refusal is what people should see, not a constraint's.
async fn book_built(work: &mut Work<'_>, batch: &NewBatch<'_>, number: i64) -> Result<()> {
    let rows = sqlx::query!(
        r#"SELECT i.user_id, least(i.amount, a.balance)::numeric(38, 18) AS "amount!: Amount"
           FROM payout_items i JOIN accounts a ON a.kind = 'payable' AND a.owner = i.user_id
           WHERE i.batch_id = $1 AND a.balance > 0
           ORDER BY i.user_id"#,
        batch.id
    )
    .fetch_all(&mut **work)
    .await?;
    let postings = rows
        .into_iter()
        .map(|row| {
            let user = to_u64(row.user_id)?;
            Ok(Posting { debit: Account::payable(user), credit: Account::in_batch(user), amount: row.amount })
        })
        .collect::<Result<Vec<_>>>()?;
    book_any(work, Cause::batch_built(to_u64(number)?), batch.point, postings).await
}

/// Books the postings, if there are any.
pub(super) async fn book_any(
    work: &mut Work<'_>,
    cause: Cause,
    point: Point,
    postings: Vec<Posting>,
) -> Result<()> {
    if postings.is_empty() {
        return Ok(());
    }
    let transaction = Transaction { cause, at: point.time, block: point.block, postings };
    book(work, &[transaction]).await.map(drop)
}
