//! The stored entries of the history, each with the log that it came from.

use banyan_chain::node::RawLog;
use banyan_ledger::LedgerError;
use banyan_ledger::store::Work;
use banyan_types::{Address, Amount, B256};

use super::word;

/// A row of the history beside its raw log.
#[derive(Clone, Debug)]
pub(crate) struct StoredEntry {
    pub(crate) seq: i64,
    pub(crate) kind: String,
    /// Seconds since 1970, as PostgreSQL writes them: with six decimals.
    pub(crate) at: String,
    pub(crate) head: B256,
    pub(crate) wallet: Option<String>,
    pub(crate) sponsor: Option<String>,
    pub(crate) plan: Option<B256>,
    pub(crate) amount: Amount,
    pub(crate) directive: Option<String>,
    pub(crate) data: Option<Vec<u8>>,
    /// Whether the plan took it, in the database's word.
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) tx_hash: String,
    /// What the row was made of.
    pub(crate) log: RawLog,
}

/// The next `limit` entries after `seq` (−1: from the genesis on), in order.
pub(crate) async fn entries_after(
    work: &mut Work<'_>,
    contract: Address,
    seq: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT h.seq, h.kind::text AS "kind!", extract(epoch FROM h.at)::text AS "at!", h.head, h.wallet_address,
                  h.sponsor, h.plan, h.amount AS "amount: Amount", h.directive, h.data AS entry_data,
                  h.outcome::text AS "outcome!", h.reason, h.tx_hash AS entry_tx_hash,
                  e.block_number, e.log_index, e.block_hash, e.tx_hash,
                  extract(epoch FROM e.block_time)::bigint AS "time!", e.topics, e.data
           FROM history h JOIN chain_events e USING (block_number, log_index)
           WHERE h.seq > $1 ORDER BY h.seq LIMIT $2"#,
        seq,
        limit
    )
    .fetch_all(&mut **work)
    .await?;
    let entries = rows.into_iter().map(|row| {
        let topics = row.topics.iter().map(|topic| word(topic)).collect::<Result<Vec<_>, _>>()?;
        Ok(StoredEntry {
            seq: row.seq,
            kind: row.kind,
            at: row.at,
            head: word(&row.head)?,
            wallet: row.wallet_address,
            sponsor: row.sponsor,
            plan: row.plan.as_deref().map(word).transpose()?,
            amount: row.amount,
            directive: row.directive,
            data: row.entry_data,
            outcome: row.outcome,
            reason: row.reason,
            tx_hash: row.entry_tx_hash,
            log: RawLog {
                address: contract,
                block: row.block_number.unsigned_abs(),
                block_hash: word(&row.block_hash)?,
                block_time: row.time.unsigned_abs(),
                tx_hash: word(&row.tx_hash)?,
                log_index: row.log_index.unsigned_abs(),
                topics,
                data: row.data.into(),
                removed: false,
            },
        })
    });
    entries.collect()
}
