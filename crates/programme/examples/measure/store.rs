//! What is asked of the server beside the product's own statements.

use banyan_ledger::store::Pool;
use sqlx::{Connection as _, PgConnection};

use crate::Outcome;

/// Settings of a server that is written to a lot, none of which touches durability: checkpoints are rarer.
pub async fn tune(url: &str) -> Outcome {
    let mut owner = PgConnection::connect(url).await?;
    for setting in ["max_wal_size = '8GB'", "checkpoint_timeout = '15min'", "wal_compression = 'lz4'"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("ALTER SYSTEM SET {setting}"))).execute(&mut owner).await?;
    }
    sqlx::query("SELECT pg_reload_conf()").execute(&mut owner).await?;
    Ok(())
}

/// Rows of the journal.
pub async fn postings(pool: &Pool) -> Outcome<u64> {
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM postings").fetch_one(pool).await?;
    Ok(rows.unsigned_abs())
}

/// Facts that entries 1 to `entries` of 1 BNB each rest on, and `users` users, as the owner writes them.
pub async fn entries(url: &str, entries: i64) -> Outcome {
    let mut owner = PgConnection::connect(url).await?;
    sqlx::query(
        "INSERT INTO chain_events
         SELECT n, 0, decode(repeat('ab', 32), 'hex'), to_timestamp(1767225600), decode(repeat('cd', 32), 'hex'), '{}', ''
         FROM generate_series(1, $1) AS n",
    )
    .bind(entries)
    .execute(&mut owner)
    .await?;
    sqlx::query(
        "INSERT INTO history (seq, kind, at, head, amount, outcome, block_number, log_index, tx_hash)
         SELECT n, 'REGISTRATION', to_timestamp(1767225600), decode(repeat('00', 32), 'hex'), 1, 'applied', n, 0, '0x'
         FROM generate_series(1, $1) AS n",
    )
    .bind(entries)
    .execute(&mut owner)
    .await?;
    sqlx::raw_sql("ANALYZE").execute(&mut owner).await?;
    Ok(())
}
