//! The empty schema: the temporary one of a single connection, with a table of the same name for each live one.
//!
//! PostgreSQL looks for a table in a session's temporary schema first, so the programme's statements find these. They have
//! the live tables' columns, defaults and unique keys, but no triggers and no checks; balances are kept by a trigger that
//! is made here, for the live one names the live accounts. Should the connection break, its successor is as empty.

use std::collections::BTreeSet;

use banyan_ledger::LedgerError;
use banyan_ledger::store::Pool;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, PgConnection};

use super::Booked;
use crate::replay::{ReplayError, TABLES};

/// The advisory lock of replays: "replay" in ASCII. A replay that is noted as under way is so while somebody holds it.
pub const REPLAY_LOCK: i64 = 0x72_65_70_6c_61_79;

/// An empty table for each live one that may be read; partitions are reached through their parents.
const SHADOWS: &str = r#"
SET temp_buffers = '64MB';
DO $shadow$
DECLARE
    live record;
BEGIN
    FOR live IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
          AND has_table_privilege(oid, 'SELECT')
    LOOP
        EXECUTE format('CREATE TEMPORARY TABLE %1$I (LIKE public.%1$I INCLUDING DEFAULTS INCLUDING GENERATED '
                       'INCLUDING IDENTITY INCLUDING INDEXES)', live.relname);
    END LOOP;
END
$shadow$;
-- The one row that is there before the genesis: the company.
INSERT INTO pg_temp.users (id, wallet_address, participant, created_at, updated_at)
VALUES (0, '0x0000000000000000000000000000000000000000', true, 'epoch', 'epoch');
CREATE FUNCTION pg_temp.keep_balances() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    INSERT INTO pg_temp.accounts AS a (kind, owner, balance)
    SELECT kind, owner, sum(change)
    FROM (
        SELECT debit_kind AS kind, debit_owner AS owner,
               CASE debit_kind WHEN 'funds' THEN amount ELSE -amount END AS change
        FROM fresh
        UNION ALL
        SELECT credit_kind, credit_owner, CASE credit_kind WHEN 'funds' THEN -amount ELSE amount END
        FROM fresh
    ) AS legs
    GROUP BY kind, owner
    ON CONFLICT (kind, owner) DO UPDATE SET balance = a.balance + excluded.balance;
    RETURN NULL;
END
$keep$;
CREATE TRIGGER keep_balances AFTER INSERT ON pg_temp.postings
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.keep_balances();
"#;

/// A connection with an empty schema, and the right to replay.
#[derive(Debug)]
pub(crate) struct Session {
    pool: Pool,
}

impl Session {
    /// Connects as `pool` does; `None` if another replay is under way.
    pub(crate) async fn open(pool: &Pool) -> Result<Option<Session>, LedgerError> {
        let options = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| Box::pin(shadow(connection)));
        let own = options.connect_with((*pool.connect_options()).clone()).await?;
        let taken = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "taken!""#, REPLAY_LOCK)
            .fetch_one(&own)
            .await?;
        if taken {
            return Ok(Some(Session { pool: own }));
        }
        own.close().await;
        Ok(None)
    }

    /// The connection, as a pool of one.
    pub(crate) fn pool(&self) -> Pool {
        self.pool.clone()
    }

    /// Gives the right to replay back and ends the connection, and with it everything that was derived. Should giving back
    /// fail, the connection is gone, and the right with it.
    pub(crate) async fn close(self) {
        let given_back = sqlx::query_scalar!("SELECT pg_advisory_unlock($1)", REPLAY_LOCK);
        if let Err(error) = given_back.fetch_one(&self.pool).await {
            tracing::warn!(%error, "the connection of a replay broke before it was ended");
        }
        self.pool.close().await;
    }

    /// Copies what was booked by nobody on the chain.
    pub(crate) async fn copy(&self, booked: &BTreeSet<Booked>) -> Result<(), ReplayError> {
        if booked.is_empty() {
            return Ok(());
        }
        let causes: Vec<&str> = booked.iter().map(|it| it.cause.as_str()).collect();
        let references: Vec<i64> = booked.iter().map(|it| it.reference).collect();
        let mut work = self.pool.begin().await?;
        for table in ["journal_transactions", "postings"] {
            let columns = columns(&mut work, table).await?;
            let columns: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
            let columns = columns.join(", ");
            // Not a checked query: it names the table twice, the empty one and the live one.
            let sql = format!(
                "INSERT INTO pg_temp.{table} ({columns}) SELECT {columns} FROM public.{table}
                 WHERE (cause, ref) IN (SELECT cause::cause_kind, ref FROM unnest($1::text[], $2::bigint[]) AS it (cause, ref))"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&causes).bind(&references).execute(&mut *work).await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// Temporary tables are not looked after by the server: without statistics every plan would be one for empty tables.
    pub(crate) async fn take_statistics(&self) -> Result<(), ReplayError> {
        let names: Vec<String> = TABLES.iter().map(|table| format!("pg_temp.{}", table.name)).collect();
        let sql = format!("ANALYZE {}", names.join(", "));
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&self.pool).await?;
        Ok(())
    }
}

async fn shadow(connection: &mut PgConnection) -> sqlx::Result<()> {
    connection.execute(SHADOWS).await.map(|_| ())
}

/// A live table's columns that are written, in order.
pub(super) async fn columns(connection: &mut PgConnection, table: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT attname::text AS "name!" FROM pg_attribute
           WHERE attrelid = ('public.' || $1)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
           ORDER BY attnum"#,
        table
    )
    .fetch_all(connection)
    .await
}
