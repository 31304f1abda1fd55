//! What the tests ask the database, and do to it, behind the services' backs.

use std::collections::BTreeMap;

use banyan_ledger::store::Pool;
use banyan_types::{Address, Amount};
use sqlx::{AssertSqlSafe, Row as _};

/// Runs a statement as the database's owner.
pub async fn tamper(owner_url: &str, statement: &str) {
    let pool = Pool::connect(owner_url).await.unwrap();
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

/// Number of rewards in each state that has any, reserved ones left out.
pub async fn rewards(pool: &Pool) -> BTreeMap<String, i64> {
    let rows = sqlx::query("SELECT state::text, count(*) FROM rewards WHERE state <> 'reserved' GROUP BY 1")
        .fetch_all(pool)
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The id of the newest reward of an account.
pub async fn newest_reward(pool: &Pool, account: Address) -> i64 {
    sqlx::query_scalar(
        "SELECT max(r.id) FROM rewards r JOIN users u ON u.id = r.user_id
         WHERE u.wallet_address = $1 AND r.cumulative IS NOT NULL",
    )
    .bind(format!("{account:#x}"))
    .fetch_one(pool)
    .await
    .unwrap()
}

/// The sum of all balances of a kind.
pub async fn balance(pool: &Pool, kind: &str) -> Amount {
    sqlx::query_scalar(
        "SELECT coalesce(sum(balance), 0)::numeric(38, 18) FROM accounts WHERE kind::text = $1",
    )
    .bind(kind)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Status and transaction of the latest withdrawal that an account asked for.
pub async fn withdrawal(pool: &Pool, account: Address) -> (String, Option<String>) {
    let row = sqlx::query(
        "SELECT status::text, tx_hash FROM transactions
         WHERE wallet_address = $1 AND action = 'WITHDRAW' ORDER BY created_at DESC LIMIT 1",
    )
    .bind(format!("{account:#x}"))
    .fetch_one(pool)
    .await
    .unwrap();
    (row.get(0), row.get(1))
}

/// Number of batches that have not ended.
pub async fn open_batches(pool: &Pool) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM payout_batches WHERE state NOT IN ('settled', 'expired', 'abandoned')",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}
