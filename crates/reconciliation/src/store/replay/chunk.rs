//! The next logs to derive, and what was booked between them by nobody on the chain: all in one snapshot, so that no batch
//! is missed that was booked before a log that is seen.

use std::collections::BTreeSet;

use banyan_chain::node::RawLog;
use banyan_ledger::LedgerError;
use banyan_ledger::store::{Pool, Work};
use banyan_types::Address;

use crate::store::{snapshot, word};

/// A journal transaction that no event of the chain caused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Booked {
    pub(crate) cause: String,
    pub(crate) reference: i64,
}

/// Logs, then what was booked after them.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The last block whose logs are among these.
    pub(crate) last: u64,
    pub(crate) logs: Vec<RawLog>,
    /// What the books booked when they stood at the last block or before.
    pub(crate) booked: BTreeSet<Booked>,
}

/// The logs after block `read_to`, some `limit` of them: up to a block at which something was booked that is not among
/// `copied`, up to one of `stops`, or up to where the books stand.
pub(crate) async fn chunk(
    pool: &Pool,
    contract: Address,
    read_to: u64,
    copied: &BTreeSet<Booked>,
    stops: [u64; 2],
    limit: i64,
) -> Result<Chunk, LedgerError> {
    let mut work = snapshot(pool).await?;
    let after = i64::try_from(read_to).unwrap_or(i64::MAX);
    let booked = booked(&mut work, after).await?;
    let booked: Vec<_> = booked.into_iter().filter(|(_, it)| !copied.contains(it)).collect();
    let end = end(&mut work, after, limit).await?.max(after);
    let stops = stops.into_iter().filter_map(|stop| i64::try_from(stop).ok()).filter(|stop| *stop > after);
    let last = booked.iter().map(|(block, _)| (*block).max(after)).chain(stops).fold(end, i64::min);
    let logs = logs(&mut work, contract, after, last).await?;
    work.rollback().await?;
    let due = booked.into_iter().filter(|(block, _)| *block <= last).map(|(_, it)| it);
    Ok(Chunk { last: last.unsigned_abs(), logs, booked: due.collect() })
}

/// What was booked at `block` or later by nobody on the chain, and at which block.
async fn booked(work: &mut Work<'_>, block: i64) -> Result<Vec<(i64, Booked)>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT cause::text AS "cause!", ref, block_number FROM journal_transactions
           WHERE cause IN ('batch_built', 'batch_closed', 'excess') AND block_number >= $1"#,
        block
    )
    .fetch_all(&mut **work)
    .await?;
    let booked = |cause, reference| Booked { cause, reference };
    Ok(rows.into_iter().map(|row| (row.block_number, booked(row.cause, row.r#ref))).collect())
}

/// The block of the `limit`th log after block `after`, or where the books stand if there are fewer.
async fn end(work: &mut Work<'_>, after: i64, limit: i64) -> Result<i64, LedgerError> {
    let row = sqlx::query_scalar!(
        r#"SELECT coalesce(
               (SELECT block_number FROM chain_events WHERE block_number > $1
                ORDER BY block_number, log_index OFFSET $2::bigint - 1 LIMIT 1),
               (SELECT last_block FROM blockchain_sync WHERE id = 1)) AS "end!""#,
        after,
        limit
    )
    .fetch_one(&mut **work)
    .await?;
    Ok(row)
}

async fn logs(
    work: &mut Work<'_>,
    contract: Address,
    after: i64,
    last: i64,
) -> Result<Vec<RawLog>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT block_number, log_index, block_hash, tx_hash, extract(epoch FROM block_time)::bigint AS "time!",
                  topics, data
           FROM chain_events WHERE block_number > $1 AND block_number <= $2 ORDER BY block_number, log_index"#,
        after,
        last
    )
    .fetch_all(&mut **work)
    .await?;
    let logs = rows.into_iter().map(|row| {
        Ok(RawLog {
            address: contract,
            block: row.block_number.unsigned_abs(),
            block_hash: word(&row.block_hash)?,
            block_time: row.time.unsigned_abs(),
            tx_hash: word(&row.tx_hash)?,
            log_index: row.log_index.unsigned_abs(),
            topics: row.topics.iter().map(|topic| word(topic)).collect::<Result<Vec<_>, _>>()?,
            data: row.data.into(),
            removed: false,
        })
    });
    logs.collect()
}
