//! What can go wrong with the books, and what to do about it.

use crate::Cause;

/// Why the books could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The URL is none.
    #[error(
        "expected a URL like postgres://user@host:5432/banyan, got one that PostgreSQL's client refuses: {0}"
    )]
    Url(String),
    /// Nobody answers.
    #[error("PostgreSQL does not answer at {host}:{port} ({reason}): start it, or correct database.url")]
    Unreachable {
        /// Host of the URL.
        host: String,
        /// Port of the URL.
        port: u16,
        /// What the system says.
        reason: String,
    },
    /// The server has no such database.
    #[error(
        "PostgreSQL at {host}:{port} has no database {database:?}: create it (createdb {database}), then run `banyan migrate`"
    )]
    NoDatabase {
        /// Host of the URL.
        host: String,
        /// Port of the URL.
        port: u16,
        /// The database of the URL.
        database: String,
    },
    /// The server does not let the role in.
    #[error(
        "PostgreSQL does not let {role:?} in ({reason}): run `banyan migrate`, which makes the roles, or correct database.url"
    )]
    Role {
        /// The role of the URL.
        role: String,
        /// What the server says.
        reason: String,
    },
    /// The server is too old.
    #[error("expected PostgreSQL 15 or later, got {found}: use a newer server")]
    TooOld {
        /// The server's version.
        found: String,
    },
    /// The schema is missing or older than this program.
    #[error("expected the schema of migration {expected}, got {found}: run `banyan migrate`")]
    NotMigrated {
        /// The newest migration that this program knows.
        expected: i64,
        /// The newest one applied, or "none".
        found: String,
    },
    /// The server has no room for the locks that reading all months takes.
    #[error(
        "expected max_locks_per_transaction = {wanted} or more, got {found}: the journal has {months} months, and not even one question about all of them gets its locks; set it in postgresql.conf and restart the server"
    )]
    TooFewLocks {
        /// Months of the journal.
        months: u64,
        /// The server's setting.
        found: u64,
        /// What this program needs.
        wanted: u64,
    },
    /// The schema is newer than this program.
    #[error(
        "the database has migration {found}, which this program does not know (its last is {expected}): use the newer program"
    )]
    Newer {
        /// The newest migration that this program knows.
        expected: i64,
        /// The newest one applied.
        found: i64,
    },
    /// A migration failed.
    #[error(
        "migration failed: {0}; nothing of it is left behind. Migrate as the database's owner (database.owner_url)"
    )]
    Migration(String),
    /// The transaction is none.
    #[error("{cause} cannot be booked: {reason}")]
    Unbookable {
        /// Its cause.
        cause: Cause,
        /// What was expected and what came.
        reason: String,
    },
    /// The cause has been booked with another content.
    #[error(
        "{cause} is booked already with another content: {field} is {booked}, now {given} is asked; book a correction under a cause of its own"
    )]
    Conflict {
        /// The cause.
        cause: Cause,
        /// The first field that differs.
        field: String,
        /// What the journal says.
        booked: String,
        /// What was to be booked.
        given: String,
    },
    /// The listener has not read the contract's first entry yet.
    #[error(
        "the books are empty: the contract's first entry has not been booked; start `banyan listen` and ask again"
    )]
    NothingBooked,
    /// Somebody asks about what the books do not know yet.
    #[error(
        "expected a moment up to block {block} (time {time}), where the books stand, got {asked}: wait until the chain has finalized it, or ask about an earlier one"
    )]
    NotYet {
        /// What was asked about.
        asked: String,
        /// The last block in the books.
        block: u64,
        /// Its time in seconds since 1970.
        time: u64,
    },
    /// Somebody asks about what was before the contract.
    #[error(
        "expected a moment from block {block} (time {time}) on, where the contract's history begins, got {asked}"
    )]
    BeforeStart {
        /// What was asked about.
        asked: String,
        /// The block of the contract's first entry.
        block: u64,
        /// Its time in seconds since 1970.
        time: u64,
    },
    /// A row says something that the schema should make impossible.
    #[error(
        "the books hold {found}, expected {expected}: do not go on, compare with the chain (`banyan reconcile`)"
    )]
    Corrupt {
        /// What the schema promises.
        expected: &'static str,
        /// What the row says.
        found: String,
    },
    /// Somebody else kept a lock for too long.
    #[error(
        "another session holds what is needed here ({reason}): it is tried again; if it stays so, see who waits for whom with `SELECT pid, application_name, state, pg_blocking_pids(pid), query FROM pg_stat_activity`, and end the session that holds with pg_terminate_backend(pid)"
    )]
    Held {
        /// PostgreSQL's words.
        reason: String,
    },
    /// PostgreSQL undid the transaction, because it could not be had together with another's.
    #[error(
        "PostgreSQL undid what was to be written, for the sake of another session ({reason}): nothing of it is left, and it is tried again"
    )]
    Undone {
        /// PostgreSQL's words.
        reason: String,
    },
    /// The clerk could book nothing of those who waited together.
    #[error("nothing was booked of what waited together: {reason}")]
    Unserved {
        /// What the booking of all met.
        reason: String,
    },
    /// PostgreSQL refused or failed in the middle.
    #[error("PostgreSQL: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}
