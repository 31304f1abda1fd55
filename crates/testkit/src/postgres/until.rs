//! Waiting for what a database will say: polled, with an end, so that no test guesses how long something takes.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgPool};

/// The longest wait; only a test that fails needs it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `count` statements in the database of `pool` wait for a lock.
///
/// # Panics
/// As [`until`].
pub async fn until_waiting(pool: &PgPool, count: u8) {
    let question = format!(
        "SELECT count(*) >= {count} FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    );
    until(pool, &format!("{count} waiting for a lock"), &question).await;
}

/// Asks `question`, which answers yes or no, until it answers yes.
///
/// # Panics
/// When that takes two minutes, naming `what` was awaited, or the question fails.
pub async fn until(pool: &PgPool, what: &str, question: &str) {
    let started = Instant::now();
    loop {
        let answer = sqlx::query_scalar::<_, bool>(AssertSqlSafe(question)).fetch_one(pool).await;
        match answer {
            Ok(true) => return,
            Ok(false) => assert!(started.elapsed() < PATIENCE, "{what} did not come"),
            Err(error) => panic!("{what}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
