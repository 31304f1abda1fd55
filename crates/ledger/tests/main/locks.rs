//! Who may only read keeps nobody waiting, nobody waits without end, and months do not multiply.

use std::time::Duration;

use banyan_ledger::store::{connect, seal};
use banyan_ledger::{Account, Cause, LedgerError, Transaction};
use sqlx::{Connection as _, PgConnection};

use crate::attacks::strike;
use crate::scene::{Scene, entry, outflow, posting};

/// What a reader can still take, and holds while the services work.
const ADVISORY: &str = "SELECT pg_advisory_lock(422960361331), pg_advisory_lock(422776367987), pg_advisory_lock(1936025964),
                               pg_advisory_lock(hashtext('journal_months')), pg_advisory_lock(126943839775845)";

#[tokio::test]
async fn a_reader_keeps_nobody_waiting() {
    let scene = Scene::facts().await;
    let mut reader = PgConnection::connect(&scene.database.url_as("banyan_read")).await.unwrap();
    sqlx::raw_sql(ADVISORY).execute(&mut reader).await.unwrap();
    let mut holding = reader.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE seal_head, journal_transactions, postings, accounts IN ACCESS SHARE MODE")
        .execute(&mut *holding)
        .await
        .unwrap();
    let working = async {
        Scene::book(&scene.pool, &[entry(), outflow()]).await;
        seal(&scene.pool).await.unwrap()
    };
    let sealed =
        tokio::time::timeout(Duration::from_secs(60), working).await.expect("the reader is in the way");
    assert_eq!(sealed.number, 2);
    holding.rollback().await.unwrap();
    for table in ["books_lock", "seal_head", "settlement_lead", "payout_batches"] {
        let lock = match table {
            "books_lock" => "SELECT FROM books_lock FOR SHARE",
            "seal_head" => "SELECT FROM seal_head FOR SHARE",
            "settlement_lead" => "SELECT FROM settlement_lead FOR SHARE",
            _ => "SELECT FROM payout_batches FOR SHARE",
        };
        assert_eq!(strike(&mut reader, lock).await[0].as_deref(), Some("42501"), "{table}");
    }
}

#[tokio::test]
async fn a_reader_makes_no_temporary_table_and_the_replay_can() {
    // A database of one's own migration: what a database's rights are is not copied with a template.
    let database = crate::release::restored().await;
    banyan_ledger::store::migrate(database.url()).await.unwrap();
    let sql = "CREATE TEMPORARY TABLE mine (n int)";
    let mut reader = PgConnection::connect(&database.url_as("banyan_read")).await.unwrap();
    assert_eq!(strike(&mut reader, sql).await[0].as_deref(), Some("42501"));
    let mut app = PgConnection::connect(&database.url_as("banyan_app")).await.unwrap();
    assert_eq!(strike(&mut app, sql).await, [None, None]);
}

#[tokio::test]
async fn a_service_s_session_waits_for_a_while_whatever_its_role_says() {
    let scene = Scene::booked().await;
    let sql = format!(
        "ALTER ROLE banyan_app IN DATABASE {} SET default_transaction_isolation = 'repeatable read'",
        scene.database.name()
    );
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    let pool = connect(&scene.database.url_as("banyan_app"), "test", 1).await.unwrap();
    let said: (String, String, String) = sqlx::query_as(
        "SELECT current_setting('transaction_isolation'), current_setting('lock_timeout'),
                current_setting('idle_in_transaction_session_timeout')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(said, ("read committed".to_owned(), "30s".to_owned(), "2min".to_owned()));

    // Somebody holds the books; whoever waits is told so, and may try again.
    let mut holding = owner.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM books_lock FOR UPDATE").execute(&mut *holding).await.unwrap();
    let mut work = pool.begin().await.unwrap();
    sqlx::raw_sql("SET LOCAL lock_timeout = '100ms'").execute(&mut *work).await.unwrap();
    let error = banyan_ledger::store::lock_books(&mut work).await.unwrap_err();
    assert!(matches!(error, LedgerError::Held { .. }) && error.is_passing(), "{error:?}");
    assert!(error.to_string().contains("pg_blocking_pids"), "{error}");
}

#[tokio::test]
async fn months_are_those_of_the_programme() {
    let scene = Scene::facts().await;
    let mut app = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let late = "SELECT ensure_journal_months('2150-01-01Z', '2150-01-01Z')";
    assert_eq!(strike(&mut app, late).await[1].as_deref(), Some("months_are_of_the_programme"));
    let many = "DO $$ BEGIN FOR year IN 1970..2020 LOOP
                    PERFORM ensure_journal_months(make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'),
                                                  make_timestamptz(year, 12, 1, 0, 0, 0, 'UTC'));
                END LOOP; END $$";
    assert_eq!(strike(&mut app, many).await[1].as_deref(), Some("months_are_of_the_programme"));
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let other = "CREATE TABLE postings_1980_01 (n int)";
    sqlx::raw_sql(other).execute(&mut owner).await.unwrap();
    let taken = "SELECT ensure_journal_months('1980-01-01Z', '1980-01-01Z')";
    assert_eq!(strike(&mut app, taken).await[0].as_deref(), Some("42P07"), "a table that is no month");
}

#[tokio::test]
async fn the_clerk_tries_nobody_alone_when_nothing_can_be_booked() {
    let scene = Scene::booked().await;
    let clerk = banyan_ledger::store::Clerk::start(scene.pool.clone());
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    // Each attempt would wait for the books, and the server ends the wait.
    let sql = format!("ALTER DATABASE {} SET lock_timeout = '1s'", scene.database.name());
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    let pool = banyan_ledger::store::Pool::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let short = banyan_ledger::store::Clerk::start(pool);
    let mut holding = owner.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM books_lock FOR UPDATE").execute(&mut *holding).await.unwrap();
    let callers: Vec<_> = (1..=200)
        .map(|number| {
            let clerk = short.clone();
            let postings = vec![posting(Account::payable(1), Account::in_batch(1), 1)];
            let one = Transaction { cause: Cause::batch_built(number), at: 1_030, block: 12, postings };
            tokio::spawn(async move { clerk.book(one).await })
        })
        .collect();
    let all = async {
        for caller in callers {
            let error = caller.await.unwrap().unwrap_err();
            assert!(error.is_passing(), "{error}");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("each was tried alone");
    drop(clerk);
}
