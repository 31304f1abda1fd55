//! Raw logs, roots, payouts and postings of a range, as the books have them.

use banyan_ledger::store::Work;
use banyan_ledger::{CauseKind, LedgerError};
use banyan_types::{Amount, B256};

use super::word;

/// A row of `chain_events`.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub(crate) block: i64,
    pub(crate) log_index: i64,
    pub(crate) block_hash: B256,
    pub(crate) tx_hash: B256,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) topics: Vec<B256>,
    pub(crate) data: Vec<u8>,
}

/// A row of `published_roots`.
#[derive(Clone, Debug)]
pub(crate) struct RootRow {
    pub(crate) block: i64,
    pub(crate) log_index: i64,
    pub(crate) seq: i64,
    pub(crate) root: B256,
    pub(crate) voided: bool,
}

/// A row of `payouts`, with its user's wallet.
#[derive(Clone, Debug)]
pub(crate) struct PayoutRow {
    pub(crate) out: i64,
    pub(crate) wallet: String,
    pub(crate) kind: String,
    pub(crate) amount: Amount,
    pub(crate) paid_total: Option<Amount>,
    pub(crate) destination: Option<String>,
    pub(crate) tx_hash: String,
    pub(crate) block: i64,
    pub(crate) log_index: i64,
}

/// A row of `postings`.
#[derive(Clone, Debug)]
pub(crate) struct PostingRow {
    pub(crate) reference: i64,
    pub(crate) ordinal: i32,
    pub(crate) debit_kind: String,
    pub(crate) credit_kind: String,
    pub(crate) credit_owner: i64,
    pub(crate) amount: Amount,
}

/// The raw logs of a closed range of blocks.
pub(crate) async fn events_between(
    work: &mut Work<'_>,
    from: u64,
    to: u64,
) -> Result<Vec<EventRow>, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT block_number, log_index, block_hash, tx_hash, extract(epoch FROM block_time)::bigint AS "time!",
                  topics, data
           FROM chain_events WHERE block_number BETWEEN $1 AND $2"#,
        i64::try_from(from).unwrap_or(i64::MAX),
        i64::try_from(to).unwrap_or(i64::MAX)
    )
    .fetch_all(&mut **work)
    .await?;
    let events = rows.into_iter().map(|row| {
        Ok(EventRow {
            block: row.block_number,
            log_index: row.log_index,
            block_hash: word(&row.block_hash)?,
            tx_hash: word(&row.tx_hash)?,
            time: row.time,
            topics: row.topics.iter().map(|topic| word(topic)).collect::<Result<_, _>>()?,
            data: row.data,
        })
    });
    events.collect()
}

/// The roots that were published or voided in a closed range of blocks.
pub(crate) async fn roots_between(
    work: &mut Work<'_>,
    from: u64,
    to: u64,
) -> Result<Vec<RootRow>, LedgerError> {
    let rows = sqlx::query!(
        "SELECT block_number, log_index, seq, root, voided FROM published_roots WHERE block_number BETWEEN $1 AND $2",
        i64::try_from(from).unwrap_or(i64::MAX),
        i64::try_from(to).unwrap_or(i64::MAX)
    )
    .fetch_all(&mut **work)
    .await?;
    let roots = rows.into_iter().map(|row| {
        let (block, log_index, seq, voided) = (row.block_number, row.log_index, row.seq, row.voided);
        Ok(RootRow { block, log_index, seq, root: word(&row.root)?, voided })
    });
    roots.collect()
}

/// The payouts under the numbers of a closed range.
pub(crate) async fn payouts_between(
    work: &mut Work<'_>,
    from: i64,
    to: i64,
) -> Result<Vec<PayoutRow>, LedgerError> {
    let rows = sqlx::query_as!(
        PayoutRow,
        r#"SELECT p.out, u.wallet_address AS wallet, p.kind::text AS "kind!", p.amount AS "amount: Amount",
                  p.paid_total AS "paid_total: Amount", p.destination, p.tx_hash, p.block_number AS block, p.log_index
           FROM payouts p JOIN users u ON u.id = p.user_id
           WHERE p.out BETWEEN $1 AND $2"#,
        from,
        to
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows)
}

/// The postings of one kind of cause under the numbers of a closed range.
pub(crate) async fn postings_between(
    work: &mut Work<'_>,
    cause: CauseKind,
    from: i64,
    to: i64,
) -> Result<Vec<PostingRow>, LedgerError> {
    let rows = sqlx::query_as!(
        PostingRow,
        r#"SELECT ref AS reference, ordinal, debit_kind::text AS "debit_kind!", credit_kind::text AS "credit_kind!",
                  credit_owner, amount AS "amount: Amount"
           FROM postings WHERE cause = $1::text::cause_kind AND ref BETWEEN $2 AND $3"#,
        cause.name(),
        from,
        to
    )
    .fetch_all(&mut **work)
    .await?;
    Ok(rows)
}
