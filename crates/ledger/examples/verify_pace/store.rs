//! The facts that the postings rest on, and the server's process.

use banyan_ledger::store::{Connection, Pool};

/// An entry that brings a thousand for each user, and batches of three accounts each, as `pair` books them; nobody is registered
/// for it, so it is written past the checks.
pub async fn bring(pool: &Pool, pairs: u64, users: u64) {
    let brought = format!(
        "SET session_replication_role = replica;
         INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block, closed_block,
                                     created_at, updated_at)
         SELECT gen_random_uuid(), n, 'abandoned', 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 3,
                'verify_pace', 100 + n, 100 + n, now(), now()
         FROM generate_series(1, {pairs}) AS n;
         INSERT INTO payout_items (batch_id, user_id, cumulative, amount, open)
         SELECT id, 1 + (number * 7 + off) % {users}, 1, 1, false FROM payout_batches, unnest('{{0, 333, 666}}'::int[]) AS off;
         RESET session_replication_role;
         INSERT INTO chain_events VALUES (1, 0, decode(repeat('00', 32), 'hex'), now(),
                       decode(repeat('00', 32), 'hex'), '{{}}', '');
                   INSERT INTO history (seq, kind, at, head, amount, outcome, block_number, log_index, tx_hash)
                   VALUES (1, 'DIRECTIVE', to_timestamp(1699999999), decode(repeat('00', 32), 'hex'), 1000 * {users}, 'applied', 1, 0, '0x')"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(brought)).execute(pool).await.expect("an empty database");
}

/// The server's process behind a connection.
pub async fn process(connection: &mut Connection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await.expect("a number")
}
