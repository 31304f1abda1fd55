//! Databases on a server: a fresh one for each test, copied from a template that was migrated once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::cluster::Postgres;
use super::programs::OLDEST;
use crate::error::{Doing, Error, Result};
use crate::paths;

/// Held while a template is made, so that two test processes do not make it at once.
const TEMPLATE_LOCK: i64 = 0x62_61_6e_79_61_6e;

/// A database of one test. Dropping it drops the database, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    maintenance: String,
}

impl Database {
    /// Its URL, as the server's superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its URL as another role, which our own clusters let in without a password.
    #[must_use]
    pub fn url_as(&self, role: &str) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self.url.clone() };
        let host = rest.split_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{role}@{host}")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Leaves the database on the server when this value goes.
    pub fn keep(mut self) -> String {
        self.maintenance.clear();
        std::mem::take(&mut self.url)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.maintenance.is_empty() {
            return;
        }
        let (maintenance, name) = (self.maintenance.clone(), self.name.clone());
        // A thread, because a test's own runtime cannot be waited for from inside itself.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(run(&maintenance, &format!("DROP DATABASE {name} WITH (FORCE)")))
            })
        });
        // The server may be gone before its databases; then there is nothing left to drop.
        let _ = dropped.join();
    }
}

impl Postgres {
    /// Creates an empty database called `name`, dropping one of that name first.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn create_database(&self, name: &str) -> Result<Database> {
        run(self.url(), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        run(self.url(), &format!("CREATE DATABASE {name}")).await?;
        Ok(self.database(name))
    }

    /// Creates a database of our schema (`migrations/`), empty but for what the migrations put in.
    ///
    /// # Errors
    /// When the server cannot be reached, is too old, or a migration fails.
    pub async fn migrated_database(&self) -> Result<Database> {
        let template = self.template(&paths::migrations()).await?;
        let name = unique_name();
        run(self.url(), &format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(self.database(&name))
    }

    fn database(&self, name: &str) -> Database {
        Database { name: name.to_owned(), url: self.url_of(name), maintenance: self.url().to_owned() }
    }

    /// The name of the migrated template, made first if this server has none for these migrations.
    async fn template(&self, migrations: &Path) -> Result<String> {
        let name = format!("banyan_template_{:016x}", fingerprint(migrations)?);
        let mut connection = connect(self.url()).await?;
        check_version(&mut connection).await?;
        let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK);
        lock.execute(&mut connection)
            .await
            .doing(|| "waiting for the lock of the template database".to_owned())?;
        let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .doing(|| "looking for the template database".to_owned())?;
        if !known {
            self.make_template(migrations, &name).await?;
        }
        // Closing the connection gives the lock back.
        connection.close().await.doing(|| "closing the connection of the template lock".to_owned())?;
        Ok(name)
    }

    /// Migrates under another name first, so that a half-made template is never taken for a whole one.
    async fn make_template(&self, migrations: &Path, name: &str) -> Result<()> {
        let unfinished = self.create_database(&format!("{name}_unfinished")).await?;
        migrate_from(unfinished.url(), migrations).await?;
        run(self.url(), &format!("ALTER DATABASE {} RENAME TO {name}", unfinished.name())).await?;
        let _ = unfinished.keep();
        Ok(())
    }
}

/// A database of our schema on the server that all tests of this process share.
///
/// # Errors
/// When the server cannot be reached or started, or a migration fails.
pub async fn migrated_database() -> Result<Database> {
    let server =
        tokio::task::spawn_blocking(Postgres::shared).await.expect("starting a server does not panic")?;
    server.migrated_database().await
}

/// A database on the shared server as a release left it whose newest migration was `last`, for tests of upgrades.
///
/// # Errors
/// When the server cannot be reached or started, a migration cannot be read, or it fails.
pub async fn database_at_migration(last: u32) -> Result<Database> {
    let server =
        tokio::task::spawn_blocking(Postgres::shared).await.expect("starting a server does not panic")?;
    let doing = || format!("collecting the migrations up to {last}");
    let folder = tempfile::tempdir().doing(doing)?;
    for entry in std::fs::read_dir(paths::migrations()).doing(doing)?.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.split('_').next()?.parse::<u32>().ok());
        if number.is_some_and(|number| number <= last) {
            std::fs::copy(entry.path(), folder.path().join(&name)).doing(doing)?;
        }
    }
    let database = server.create_database(&unique_name()).await?;
    migrate_from(database.url(), folder.path()).await?;
    Ok(database)
}

async fn migrate_from(url: &str, migrations: &Path) -> Result<()> {
    let doing = || format!("migrating with {}", migrations.display());
    let failed =
        |source: sqlx::migrate::MigrateError| Error::Database { doing: doing(), source: source.into() };
    let migrator = Migrator::new(migrations.to_owned()).await.map_err(failed)?;
    let mut connection = connect(url).await?;
    migrator.run(&mut connection).await.map_err(failed)?;
    connection.close().await.doing(doing)
}

async fn check_version(connection: &mut PgConnection) -> Result<()> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(connection)
        .await
        .doing(|| "asking for PostgreSQL's version".to_owned())?;
    if version.unsigned_abs() / 10_000 >= OLDEST {
        return Ok(());
    }
    Err(Error::Unexpected {
        what: "the server that DATABASE_URL names".to_owned(),
        expected: format!("PostgreSQL {OLDEST} or later (unset DATABASE_URL to have one started)"),
        got: format!("{}", version / 10_000),
    })
}

async fn run(url: &str, statement: &str) -> Result<()> {
    let mut connection = connect(url).await?;
    connection.execute(AssertSqlSafe(statement.to_owned())).await.doing(|| statement.to_owned())?;
    connection.close().await.doing(|| statement.to_owned())
}

async fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::connect(url).await.doing(|| format!("connecting to {}", without_password(url)))
}

/// `url` with another database name; what follows a `?` stays.
pub(super) fn url_of(url: &str, database: &str) -> String {
    let (address, options) =
        url.split_once('?').map_or((url, None), |(address, options)| (address, Some(options)));
    let host_from = address.find("://").map_or(0, |at| at + 3);
    let host_to = address[host_from..].find('/').map_or(address.len(), |at| host_from + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{database}{options}", &address[..host_to])
}

fn without_password(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    let user =
        before.rfind(':').filter(|at| !before[*at..].starts_with("://")).map_or(before, |at| &before[..at]);
    format!("{user}@{host}")
}

/// Names of databases are unique over the processes that use one server, and over its restarts of them.
#[must_use]
pub fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("banyan_test_{}_{}_{count}", std::process::id(), now.as_millis())
}

/// Changes whenever the name or the content of a migration does.
fn fingerprint(migrations: &Path) -> Result<u64> {
    let doing = || format!("reading {}", migrations.display());
    let entries = std::fs::read_dir(migrations).doing(doing)?;
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        std::fs::read(&file).doing(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_a_url_keeps_host_and_options() {
        assert_eq!(url_of("postgres://a@h:1/postgres", "x"), "postgres://a@h:1/x");
        assert_eq!(url_of("postgres://a:p@h:1", "x"), "postgres://a:p@h:1/x");
        assert_eq!(url_of("postgres://a@h/y?sslmode=disable", "x"), "postgres://a@h/x?sslmode=disable");
    }

    #[test]
    fn a_password_never_reaches_a_message() {
        assert_eq!(without_password("postgres://a:secret@h:1/x"), "postgres://a@h:1/x");
        assert_eq!(without_password("postgres://a@h/x"), "postgres://a@h/x");
        assert_eq!(without_password("postgres://h/x"), "postgres://h/x");
    }

    #[test]
    fn a_role_replaces_user_and_password() {
        let url = "postgres://a:secret@h:1/x".to_owned();
        let database = Database { name: "x".to_owned(), url, maintenance: String::new() };
        assert_eq!(database.url_as("app"), "postgres://app@h:1/x");
    }

    #[test]
    fn a_changed_migration_changes_the_template() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0001_a.sql"), "SELECT 1").unwrap();
        let before = fingerprint(folder.path()).unwrap();
        assert_eq!(before, fingerprint(folder.path()).unwrap());
        std::fs::write(folder.path().join("0001_a.sql"), "SELECT 2").unwrap();
        assert_ne!(before, fingerprint(folder.path()).unwrap());
    }
}
