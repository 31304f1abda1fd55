//! From the release before to this one: every row is still there and says the same, and nothing happens by halves.

use std::collections::BTreeMap;

use banyan_ledger::store::{Pool, connect, proof, seal, trial_balance};
use banyan_ledger::{LedgerError, migrate};
use banyan_testkit::paths;
use banyan_testkit::postgres::Database;
use sqlx::AssertSqlSafe;
use sqlx::migrate::Migrator;

use crate::release;

/// The last migration of the release that the dump is of.
const RELEASED: i64 = 6;

/// Rows of each table as JSON, sorted, with those columns that the table had in the old release.
type Picture = BTreeMap<String, Vec<String>>;

async fn columns(pool: &Pool) -> BTreeMap<String, Vec<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in rows {
        columns.entry(table).or_default().push(column);
    }
    columns
}

async fn picture(pool: &Pool, columns: &BTreeMap<String, Vec<String>>) -> Picture {
    let mut picture = Picture::new();
    for (table, columns) in columns {
        let filter =
            if table == "_sqlx_migrations" { format!("WHERE version <= {RELEASED}") } else { String::new() };
        let rows = format!(
            "SELECT to_jsonb(t)::text AS row FROM (SELECT {} FROM {table} {filter}) AS t ORDER BY row",
            columns.join(", ")
        );
        picture.insert(table.clone(), sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(pool).await.unwrap());
    }
    picture
}

async fn owner(database: &Database) -> Pool {
    Pool::connect(database.url()).await.unwrap()
}

#[tokio::test]
async fn released_migrations_are_as_they_were_released() {
    let database = release::restored().await;
    let released: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&owner(&database).await)
            .await
            .unwrap();
    assert_eq!(released.last().unwrap().0, RELEASED);
    let now = Migrator::new(paths::migrations()).await.unwrap();
    for (version, checksum) in released {
        let file = now.iter().find(|migration| migration.version == version);
        let file = file.unwrap_or_else(|| panic!("migration {version} is released: it cannot be taken away"));
        assert!(
            file.checksum.as_ref() == checksum.as_slice(),
            "migration {version} ({}) is released: write a new file instead of changing it",
            file.description
        );
    }
}

#[tokio::test]
async fn the_release_before_is_migrated_with_every_row_and_every_balance_as_it_was() {
    let database = release::restored().await;
    let before = owner(&database).await;
    let old_columns = columns(&before).await;
    let old = picture(&before, &old_columns).await;
    before.close().await;
    assert!(old["postings"].len() > 200 && old["rewards"].len() > 200, "the dump has lived");

    migrate(database.url()).await.unwrap();
    let after = owner(&database).await;
    let new = picture(&after, &old_columns).await;
    for (table, rows) in &old {
        let first = rows.iter().zip(&new[table]).position(|(old, new)| old != new);
        assert_eq!(first.map(|row| (&rows[row], &new[table][row])), None, "{table}");
        assert_eq!(rows.len(), new[table].len(), "{table}");
    }
    let app = connect(&database.url_as("banyan_app"), "test", 2).await.unwrap();
    let mut connection = app.acquire().await.unwrap();
    let proof = proof(&mut connection).await.unwrap();
    assert!(proof.holds(), "{proof:?}");
    assert_eq!(proof.accounts, old["accounts"].len() as u64);
    assert!(trial_balance(&mut connection).await.unwrap().balanced());
    let sealed = seal(&app).await.unwrap();
    assert_eq!(sealed.number, old["journal_transactions"].len() as u64, "what was carried over is sealed");

    let whole = columns(&after).await;
    let migrated = picture(&after, &whole).await;
    migrate(database.url()).await.expect("a second migration does nothing");
    assert_eq!(picture(&after, &whole).await, migrated);
}

#[tokio::test]
async fn a_migrated_database_has_the_schema_of_a_fresh_one() {
    let old = release::restored().await;
    migrate(old.url()).await.unwrap();
    let fresh = banyan_testkit::postgres::migrated_database().await.unwrap();
    let schema = async |database: &Database| -> Vec<String> {
        let pool = owner(database).await;
        sqlx::query_scalar(SCHEMA).fetch_all(&pool).await.unwrap()
    };
    let (old, fresh) = (schema(&old).await, schema(&fresh).await);
    assert_eq!(
        old.iter().find(|line| !fresh.contains(line)),
        None,
        "only after the migration of the old one"
    );
    assert_eq!(fresh.iter().find(|line| !old.contains(line)), None, "only in the fresh one");
}

/// Columns, constraints, indexes, triggers, functions and rights. Partitions come with the months of the data, so they are
/// left out.
const SCHEMA: &str = "
    WITH ours AS (
        SELECT c.oid, c.relname, c.relkind, c.relacl FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
    )
    SELECT format('%s %s column %s %s %s %s', relname, relkind, attname, atttypid::regtype, attnotnull, attacl)
    FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid WHERE attnum > 0 AND NOT attisdropped
    UNION ALL SELECT format('%s rights %s', relname, relacl) FROM ours
    UNION ALL SELECT format('%s constraint %s', relname, pg_get_constraintdef(k.oid))
    FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid
    UNION ALL SELECT format('%s', pg_get_indexdef(i.indexrelid)) FROM ours JOIN pg_index i ON i.indrelid = ours.oid
    UNION ALL SELECT format('%s', pg_get_triggerdef(t.oid)) FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid
    WHERE NOT t.tgisinternal
    UNION ALL SELECT format('%s %s', pg_get_functiondef(p.oid), p.proacl) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', relname, pg_get_viewdef(oid)) FROM ours WHERE relkind = 'v'
    ORDER BY 1";

/// Each migration is one transaction: one whose session is ended in the middle leaves nothing of itself.
#[tokio::test]
async fn a_migration_that_is_cut_off_leaves_the_old_state() {
    let database = release::restored().await;
    let pool = owner(&database).await;
    let old_columns = columns(&pool).await;
    let old = picture(&pool, &old_columns).await;
    let schema: Vec<String> = sqlx::query_scalar(SCHEMA).fetch_all(&pool).await.unwrap();
    // Whoever migrates is killed when the second of the new migrations is written down as done.
    let trap = format!(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
         CREATE TRIGGER die BEFORE INSERT ON _sqlx_migrations FOR EACH ROW
         WHEN (NEW.version > {RELEASED}) EXECUTE FUNCTION die()"
    );
    sqlx::raw_sql(AssertSqlSafe(trap)).execute(&pool).await.unwrap();
    let error = migrate(database.url()).await.unwrap_err();
    assert!(matches!(error, LedgerError::Migration(_)), "{error}");
    sqlx::raw_sql("DROP TRIGGER die ON _sqlx_migrations; DROP FUNCTION die").execute(&pool).await.unwrap();
    assert_eq!(picture(&pool, &old_columns).await, old);
    let now: Vec<String> = sqlx::query_scalar(SCHEMA).fetch_all(&pool).await.unwrap();
    assert_eq!(now, schema);
    migrate(database.url()).await.unwrap();
    assert!(trial_balance(&mut pool.acquire().await.unwrap()).await.unwrap().balanced());
}
