//! The one fact that the postings rest on.

use banyan_ledger::store::Pool;

/// An entry that brings a hundred million.
pub async fn bring(pool: &Pool) {
    let brought = "INSERT INTO chain_events VALUES (1, 0, decode(repeat('00', 32), 'hex'), now(),
                       decode(repeat('00', 32), 'hex'), '{}', '');
                   INSERT INTO history (seq, kind, at, head, amount, outcome, block_number, log_index, tx_hash)
                   VALUES (1, 'DIRECTIVE', now(), decode(repeat('00', 32), 'hex'), 1e8, 'applied', 1, 0, '0x')";
    sqlx::raw_sql(brought).execute(pool).await.expect("an empty database");
}
