//! Raw events and the judged history.

use banyan_ledger::store::Work;
use banyan_types::B256;

use super::{column, hash, wallet};
use crate::ProgrammeError;
use crate::rows::{EventRow, HistoryRow};

pub(super) async fn insert_events(work: &mut Work<'_>, rows: &[EventRow]) -> Result<(), ProgrammeError> {
    // PostgreSQL's arrays of arrays are rectangular, so each topic is a column.
    let topic = |n: usize| column(rows, |row| row.topics.get(n).map(B256::as_slice));
    sqlx::query!(
        r#"INSERT INTO chain_events (block_number, log_index, block_hash, block_time, tx_hash, topics, data)
           SELECT block, log_index, block_hash, to_timestamp(at), tx_hash,
                  array_remove(ARRAY[topic0, topic1, topic2, topic3], NULL), data
           FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bytea[],
                       $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[])
               AS given (block, log_index, block_hash, at, tx_hash, topic0, topic1, topic2, topic3, data)"#,
        &column(rows, |row| row.block),
        &column(rows, |row| row.log_index),
        &column(rows, |row| row.block_hash.as_slice()) as _,
        &column(rows, |row| row.at),
        &column(rows, |row| row.tx_hash.as_slice()) as _,
        &topic(0) as _,
        &topic(1) as _,
        &topic(2) as _,
        &topic(3) as _,
        &column(rows, |row| row.data.as_slice()) as _
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

pub(super) async fn insert_history(work: &mut Work<'_>, rows: &[HistoryRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"INSERT INTO history (seq, kind, at, head, wallet_address, sponsor, plan, amount, directive, data, outcome,
                                reason, block_number, log_index, tx_hash)
           SELECT seq, kind::history_kind, to_timestamp(at), head, wallet, sponsor, plan, amount, directive, data,
                  outcome::history_outcome, reason, block, log_index, tx_hash
           FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::bytea[],
                       $8::numeric[], $9::text[], $10::bytea[], $11::text[], $12::text[], $13::bigint[],
                       $14::bigint[], $15::text[])
               AS given (seq, kind, at, head, wallet, sponsor, plan, amount, directive, data, outcome, reason, block,
                         log_index, tx_hash)"#,
        &column(rows, |row| row.seq),
        &column(rows, |row| row.kind) as _,
        &column(rows, |row| row.at),
        &column(rows, |row| row.head.as_slice()) as _,
        &column(rows, |row| row.wallet.map(wallet)) as _,
        &column(rows, |row| row.sponsor.map(wallet)) as _,
        &column(rows, |row| row.plan.as_ref().map(B256::as_slice)) as _,
        &column(rows, |row| row.amount) as _,
        &column(rows, |row| row.directive.as_deref()) as _,
        &column(rows, |row| row.data.as_deref()) as _,
        &column(rows, |row| row.outcome) as _,
        &column(rows, |row| row.reason.as_deref()) as _,
        &column(rows, |row| row.block),
        &column(rows, |row| row.log_index),
        &column(rows, |row| hash(row.tx_hash))
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
