//! The outbox: what a range tells others, in the order in which it happened.

use banyan_ledger::store::Work;

use super::{column, wallet};
use crate::ProgrammeError;
use crate::rows::OutboxRow;

pub(super) async fn insert_outbox(work: &mut Work<'_>, rows: &[OutboxRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"INSERT INTO outbox (topic, reference, wallet_address, body, at, block_number)
           SELECT topic, reference, wallet, body::jsonb, to_timestamp(at), block
           FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
               WITH ORDINALITY AS given (topic, reference, wallet, body, at, block, nth)
           ORDER BY nth"#,
        &column(rows, |row| row.topic) as _,
        &column(rows, |row| row.reference),
        &column(rows, |row| row.wallet.map(wallet)) as _,
        &column(rows, |row| row.body.to_string()),
        &column(rows, |row| row.at),
        &column(rows, |row| row.block)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
