//! Opening the database, and telling people what to do when that fails.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};

use super::{Pool, lock_room};
use crate::LedgerError;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");
/// Oldest major version of PostgreSQL that the schema is written for.
const OLDEST: i32 = 15;

/// How a service's session behaves, whatever the server, the database or the role says. Nobody waits for a lock without
/// end, and nobody who went silent in the middle of a transaction keeps the books: the server gives them back. It asks whether
/// a client is still there (after half a minute, three times), for one that is silent within a COPY is not idle.
const SESSION: [(&str, &str); 7] = [
    ("default_transaction_isolation", "read committed"),
    ("lock_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "120s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "60s"),
];

/// Connects to a migrated database; `application` is the name that the server's `pg_stat_activity` shows.
///
/// # Errors
/// A server that does not answer, a database that does not exist, a role that is not let in, a schema that is older or
/// newer than this program, a server without room for the journal's months: each says what to do. Room that will not do
/// for long is a warning in the log.
pub async fn connect(url: &str, application: &str, max_connections: u32) -> Result<Pool, LedgerError> {
    let options = parse(url)?.application_name(application).options(SESSION);
    // A first connection of its own gives the server's own reason; a pool would only say that it timed out.
    let mut first = open(&options).await?;
    check_version(&mut first).await?;
    check_schema(&mut first).await?;
    if let Some(lacks) = lock_room(&mut first).await?.lacks(max_connections)? {
        tracing::warn!(alarm = "too_few_locks", "{lacks}");
    }
    first.close().await?;
    let pool = PgPoolOptions::new().max_connections(max_connections).acquire_timeout(Duration::from_secs(10));
    Ok(pool.connect_with(options).await?)
}

/// Brings the database of `owner_url` to this program's schema; does nothing if it is there already.
///
/// # Errors
/// As [`connect`], and a migration that fails or was changed after it was applied.
pub async fn migrate(owner_url: &str) -> Result<(), LedgerError> {
    let mut connection = open(&parse(owner_url)?.application_name("banyan migrate")).await?;
    check_version(&mut connection).await?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| LedgerError::Migration(error.to_string()))?;
    Ok(connection.close().await?)
}

fn parse(url: &str) -> Result<PgConnectOptions, LedgerError> {
    PgConnectOptions::from_str(url).map_err(|error| LedgerError::Url(error.to_string()))
}

async fn open(options: &PgConnectOptions) -> Result<PgConnection, LedgerError> {
    let unreachable = |reason: String| LedgerError::Unreachable {
        host: options.get_host().to_owned(),
        port: options.get_port(),
        reason,
    };
    let connecting = within_ten_seconds(PgConnection::connect_with(options)).await;
    connecting.ok_or_else(|| unreachable("no answer within 10 s".to_owned()))?.map_err(|error| match error {
        sqlx::Error::Io(io) => unreachable(io.to_string()),
        sqlx::Error::Database(refusal) => refused(options, refusal.code().as_deref(), refusal.message()),
        other => LedgerError::from(other),
    })
}

/// The future's result, or `None` after ten seconds.
async fn within_ten_seconds<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(10), future).await.ok()
}

/// What the server's refusal of a connection means, by its SQLSTATE.
fn refused(options: &PgConnectOptions, code: Option<&str>, message: &str) -> LedgerError {
    match code {
        Some("3D000") => LedgerError::NoDatabase {
            host: options.get_host().to_owned(),
            port: options.get_port(),
            database: options.get_database().unwrap_or(options.get_username()).to_owned(),
        },
        Some("28000" | "28P01" | "42501") => {
            LedgerError::Role { role: options.get_username().to_owned(), reason: message.to_owned() }
        }
        Some(_) | None => LedgerError::Unreachable {
            host: options.get_host().to_owned(),
            port: options.get_port(),
            reason: message.to_owned(),
        },
    }
}

async fn check_version(connection: &mut PgConnection) -> Result<(), LedgerError> {
    let version: i32 =
        sqlx::query_scalar!("SELECT current_setting('server_version_num')::int AS \"version!\"")
            .fetch_one(&mut *connection)
            .await?;
    if version / 10_000 >= OLDEST {
        return Ok(());
    }
    Err(LedgerError::TooOld { found: (version / 10_000).to_string() })
}

/// Compares the newest applied migration with the newest that this program has embedded.
async fn check_schema(connection: &mut PgConnection) -> Result<(), LedgerError> {
    let expected = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let table: bool = sqlx::query_scalar!("SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS \"there!\"")
        .fetch_one(&mut *connection)
        .await?;
    if !table {
        return Err(LedgerError::NotMigrated { expected, found: "none".to_owned() });
    }
    // Not a checked query: the migrator makes this table, so that a build's database need not have it.
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(&mut *connection)
        .await?;
    match found {
        Some(found) if found == expected => Ok(()),
        Some(found) if found > expected => Err(LedgerError::Newer { expected, found }),
        Some(found) => Err(LedgerError::NotMigrated { expected, found: found.to_string() }),
        None => Err(LedgerError::NotMigrated { expected, found: "none".to_owned() }),
    }
}
