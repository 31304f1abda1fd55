//! A database of the release before the journal had months keeps all that it says, and its guarantees.

use banyan_ledger::migrate;
use banyan_ledger::store::{Booked, book, connect, seal, trial_balance};
use banyan_testkit::postgres::{Database, database_at_migration};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::scene::{FACTS, entry, outflow};

/// What that release wrote for [`entry`] and [`outflow`], and for two batches built in months of their own.
const BOOKED: &str = "
    INSERT INTO journal_transactions VALUES
        ('entry', 1, to_timestamp(1000), 10, 2, '\\x{entry}'),
        ('outflow', 1, to_timestamp(1020), 12, 0, '\\x{outflow}'),
        ('batch_built', 1, '1970-02-01T00:00:00Z', 13, 0, decode(repeat('aa', 32), 'hex')),
        ('batch_closed', 1, '1970-03-31T23:59:59Z', 14, 0, decode(repeat('bb', 32), 'hex'));
    INSERT INTO postings VALUES
        ('entry', 1, 0, 'funds', 0, 'payable', 1, 13),
        ('entry', 1, 1, 'funds', 0, 'reserved', 4402341478401, 4),
        ('entry', 1, 2, 'funds', 0, 'payable', 0, 3),
        ('outflow', 1, 0, 'payable', 1, 'funds', 0, 2),
        ('batch_built', 1, 0, 'payable', 1, 'in_batch', 1, 5),
        ('batch_closed', 1, 0, 'in_batch', 1, 'payable', 1, 1);
";

async fn release_before() -> Database {
    let database = database_at_migration(6).await.unwrap();
    let mut owner = PgConnection::connect(database.url()).await.unwrap();
    sqlx::raw_sql(FACTS).execute(&mut owner).await.unwrap();
    let hash = |hash: banyan_types::B256| format!("{hash:x}");
    let booked = BOOKED
        .replace("{entry}", &hash(entry().content_hash()))
        .replace("{outflow}", &hash(outflow().content_hash()));
    sqlx::raw_sql(AssertSqlSafe(booked)).execute(&mut owner).await.unwrap();
    database
}

async fn picture(database: &Database, sql: &'static str) -> String {
    let mut owner = PgConnection::connect(database.url()).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut owner).await.unwrap()
}

const ACCOUNTS: &str = "SELECT json_agg(a ORDER BY kind, owner)::text FROM accounts a";
const JOURNAL: &str = "
    SELECT concat(
        (SELECT json_agg(t ORDER BY cause, ref) FROM (
            SELECT cause, ref, at, block_number, last_ordinal, content_hash FROM journal_transactions) t),
        (SELECT json_agg(p ORDER BY cause, ref, ordinal) FROM (
            SELECT cause, ref, ordinal, debit_kind, debit_owner, credit_kind, credit_owner, amount FROM postings) p))";

#[tokio::test]
async fn a_journal_of_the_release_before_moves_into_its_months_and_says_what_it_said() {
    let database = release_before().await;
    let (accounts, journal) = (picture(&database, ACCOUNTS).await, picture(&database, JOURNAL).await);
    migrate(database.url()).await.unwrap();
    assert_eq!(picture(&database, ACCOUNTS).await, accounts);
    assert_eq!(picture(&database, JOURNAL).await, journal);
    let months =
        "SELECT string_agg(tableoid::regclass || ' ' || cause, ', ' ORDER BY at) FROM journal_transactions";
    assert_eq!(
        picture(&database, months).await,
        "journal_transactions_1970_01 entry, journal_transactions_1970_01 outflow, \
         journal_transactions_1970_02 batch_built, journal_transactions_1970_03 batch_closed"
    );
    let placed = "SELECT bool_and(p.at = t.at AND p.block_number = t.block_number)::text
                  FROM postings p JOIN journal_transactions t USING (cause, ref)";
    assert_eq!(picture(&database, placed).await, "true");
}

#[tokio::test]
async fn what_the_release_before_booked_is_known_balanced_sealed_and_closed_to_changes() {
    let database = release_before().await;
    migrate(database.url()).await.unwrap();
    let pool = connect(&database.url_as("banyan_app"), "test", 2).await.unwrap();
    let mut work = pool.begin().await.unwrap();
    let booked = book(&mut work, &[entry(), outflow()]).await.unwrap();
    assert_eq!(booked, Booked { new: 0, known: 2 });
    work.commit().await.unwrap();
    let balance = trial_balance(&mut pool.acquire().await.unwrap()).await.unwrap();
    assert!(balance.imbalances.is_empty() && balance.totals.funds == crate::scene::bnb(18), "{balance:?}");
    let sealed = seal(&pool).await.unwrap();
    assert_eq!((sealed.number, sealed.sealed), (4, 4));
    let mut owner = PgConnection::connect(database.url()).await.unwrap();
    for change in ["DELETE FROM postings", "UPDATE journal_transactions_1970_02 SET block_number = 1"] {
        let error = sqlx::raw_sql(change).execute(&mut owner).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "23001", "{change}");
    }
}
