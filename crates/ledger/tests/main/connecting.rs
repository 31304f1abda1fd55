//! What people are told when the books cannot be opened.

use banyan_ledger::store::{LockRoom, connect, lock_room};
use banyan_ledger::{LedgerError, migrate};
use banyan_testkit::postgres::{Postgres, migrated_database};

async fn refusal(url: &str) -> LedgerError {
    connect(url, "test", 1).await.expect_err("a database that cannot be opened")
}

#[tokio::test]
async fn a_missing_server_is_named_with_what_to_do() {
    let port = banyan_testkit::ports::free().unwrap();
    let error = refusal(&format!("postgres://banyan_app@127.0.0.1:{port}/banyan")).await;
    let text = error.to_string();
    assert!(matches!(error, LedgerError::Unreachable { .. }), "{text}");
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains("start it"), "{text}");
}

#[tokio::test]
async fn a_missing_database_and_a_missing_role_are_named_with_what_to_do() {
    let database = migrated_database().await.unwrap();
    let error = refusal(&database.url().replace(database.name(), "no_such_database")).await;
    let text = error.to_string();
    assert!(matches!(error, LedgerError::NoDatabase { .. }), "{text}");
    assert!(text.contains("createdb no_such_database") && text.contains("banyan migrate"), "{text}");
    let error = refusal(&database.url_as("no_such_role")).await;
    assert!(matches!(error, LedgerError::Role { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_database_asks_to_be_migrated_and_is_then_open_to_the_services() {
    let server = tokio::task::spawn_blocking(Postgres::shared).await.unwrap().unwrap();
    let name = format!("banyan_test_connecting_{}", std::process::id());
    let database = server.create_database(&name).await.unwrap();
    let error = refusal(database.url()).await;
    assert!(matches!(error, LedgerError::NotMigrated { .. }), "{error}");
    assert!(error.to_string().contains("run `banyan migrate`"), "{error}");
    migrate(database.url()).await.unwrap();
    migrate(database.url()).await.expect("a second migration does nothing");
    let pool = connect(&database.url_as("banyan_app"), "banyan listen", 1).await.unwrap();
    let name: String =
        sqlx::query_scalar("SELECT current_setting('application_name')").fetch_one(&pool).await.unwrap();
    assert_eq!(name, "banyan listen");
    let company: String =
        sqlx::query_scalar("SELECT wallet_address FROM users WHERE id = 0").fetch_one(&pool).await.unwrap();
    assert_eq!(company, format!("0x{}", "0".repeat(40)));
}

#[tokio::test]
async fn a_schema_of_the_future_asks_for_the_newer_program() {
    let database = migrated_database().await.unwrap();
    let owner = connect(database.url(), "test", 1).await.unwrap();
    sqlx::raw_sql("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 6")
        .execute(&owner)
        .await
        .unwrap();
    let error = refusal(database.url()).await;
    assert!(matches!(error, LedgerError::Newer { found: 9000, .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_url_is_refused() {
    assert!(matches!(refusal("banyan at home").await, LedgerError::Url(_)));
}

#[tokio::test]
async fn a_server_with_too_little_room_for_the_months_is_noticed() {
    let scene = crate::scene::Scene::booked().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let months = "SELECT ensure_journal_months('1971-01-01Z', '1976-12-01Z')";
    sqlx::raw_sql(months).execute(&mut *connection).await.unwrap();
    let room = lock_room(&mut connection).await.unwrap();
    let said = async |setting: &'static str| -> u64 {
        let show = format!("SHOW {setting}");
        let value: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(show)).fetch_one(&scene.pool).await.unwrap();
        value.parse().unwrap()
    };
    let sessions = said("max_connections").await + said("max_prepared_transactions").await;
    let locks = said("max_locks_per_transaction").await;
    assert_eq!(room, LockRoom { months: 73, locks, sessions }, "1970-01, and six years");
    assert_eq!(room.lacks(1).unwrap(), None);
    let most = u32::try_from(locks * sessions / (73 * 7)).unwrap();
    assert!(room.lacks(most).unwrap().unwrap().contains("max_locks_per_transaction"), "a year from now");

    // What a question takes of the server, as it counts it itself.
    let mut work = scene.pool.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM journal_transactions JOIN postings USING (cause, ref, at)")
        .execute(&mut *work)
        .await
        .unwrap();
    let held: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
         AND relation::regclass::text ~ '_[0-9]{4}_[0-9]{2}'",
    )
    .fetch_one(&mut *work)
    .await
    .unwrap();
    assert_eq!(held, 73 * 7, "seven locks a month");
}
