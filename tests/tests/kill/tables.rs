//! Two databases compared: every base table, every row, every column, but for what counts turns. `blockchain_sync.epoch`
//! counts the processes that took the programme over, and is checked for itself. How much the sealer's last run took
//! (`seal_head.sealed`, `positioned`) follows from when it ran; which seals and positions there are does not.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgPool};

/// Expects the same rows in every table; says how many each has.
pub async fn expect_same(disturbed: &str, calm: &str) -> BTreeMap<String, u64> {
    let (disturbed, calm) = (PgPool::connect(disturbed).await.unwrap(), PgPool::connect(calm).await.unwrap());
    let names = tables(&disturbed).await;
    assert_eq!(names, tables(&calm).await);
    let mut counts = BTreeMap::new();
    for table in names {
        let (found, expected) = (rows(&disturbed, &table).await, rows(&calm, &table).await);
        let first = found.iter().zip(&expected).position(|(found, expected)| found != expected);
        if let Some(first) = first {
            panic!("{table} differs:\n killed      {}\n undisturbed {}", found[first], expected[first]);
        }
        assert_eq!(found.len(), expected.len(), "rows of {table}");
        counts.insert(table, found.len() as u64);
    }
    counts
}

/// Expects that the database was taken over by as many processes as could have: all that applied a range, and at most
/// all that were started, for one may be killed before its take-over is committed.
pub async fn expect_epoch(database: &str, possible: std::ops::RangeInclusive<usize>) {
    let pool = PgPool::connect(database).await.unwrap();
    let epoch: i64 = sqlx::query_scalar("SELECT epoch FROM blockchain_sync").fetch_one(&pool).await.unwrap();
    assert!(
        possible.contains(&usize::try_from(epoch).unwrap()),
        "epoch {epoch}, expected one of {possible:?}"
    );
}

async fn tables(pool: &PgPool) -> Vec<String> {
    let names = "SELECT table_name::text FROM information_schema.tables
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name";
    sqlx::query_scalar(names).fetch_all(pool).await.unwrap()
}

/// Every row as JSON, in order of its text.
async fn rows(pool: &PgPool, table: &str) -> Vec<String> {
    let turns = match table {
        "blockchain_sync" => "{epoch}",
        "seal_head" => "{sealed,positioned,run_limit}",
        _ => "{}",
    };
    let question =
        format!("SELECT (to_jsonb(t) - '{turns}'::text[])::text AS row FROM {table} t ORDER BY row");
    sqlx::query_scalar(AssertSqlSafe(question)).fetch_all(pool).await.unwrap()
}
