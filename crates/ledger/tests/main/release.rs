//! A database as the release of migrations 1 to 6 left it: a dump of one that the whole product ran on, with its worked
//! example and more registrations, retopups, batches settled, abandoned and under way, an account that was owed its
//! money, a freeze, a claim, forced ether and reconciliations.

use std::io::Read as _;

use banyan_ledger::store::Pool;
use banyan_testkit::postgres::{Database, Postgres, unique_name};
use flate2::read::GzDecoder;

const DUMP: &[u8] = include_bytes!("../fixtures/release-0006.sql.gz");
/// Roles belong to the cluster, so a dump of a database does not have them.
const ROLES: &str = "
    DO $$
    DECLARE
        role_name text;
    BEGIN
        FOREACH role_name IN ARRAY ARRAY ['banyan_app', 'banyan_read'] LOOP
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', role_name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END LOOP;
    END
    $$;";

/// The old database, restored and not migrated.
pub async fn restored() -> Database {
    let server = tokio::task::spawn_blocking(Postgres::shared).await.unwrap().unwrap();
    let database = server.create_database(&unique_name()).await.unwrap();
    let mut sql = String::new();
    GzDecoder::new(DUMP).read_to_string(&mut sql).unwrap();
    let owner = Pool::connect(database.url()).await.unwrap();
    sqlx::raw_sql(ROLES).execute(&owner).await.unwrap();
    // The dump empties the search path, so the connection is of no further use.
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&owner).await.unwrap();
    owner.close().await;
    database
}
