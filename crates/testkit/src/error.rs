//! What can go wrong while the parts of a test are brought up. Every message ends with what to do about it.

use std::path::PathBuf;

/// Result of bringing something up.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a part of the test bed is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program that must be on the machine is not, and cannot be installed from here.
    #[error("{what} is missing. {remedy}")]
    Missing {
        /// The program or package.
        what: String,
        /// The command to run.
        remedy: String,
    },
    /// An installing command ended with an error.
    #[error("`{command}` failed ({status}); it printed:\n{tail}")]
    Install {
        /// The command as typed.
        command: String,
        /// Its exit status.
        status: String,
        /// The beginning and the end of what it printed.
        tail: String,
    },
    /// A child process ended, or was not ready in time.
    #[error("{name} {what}; its last lines (from {}):\n{tail}", log.display())]
    Child {
        /// The program's name.
        name: String,
        /// What happened.
        what: String,
        /// Where its output went.
        log: PathBuf,
        /// The end of that output.
        tail: String,
    },
    /// A port that was asked for by number is taken.
    #[error(
        "port {port} on 127.0.0.1 is in use. Stop what listens there (`ss -ltnp 'sport = :{port}'` names it)"
    )]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The operating system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// PostgreSQL refused something.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done.
        doing: String,
        /// PostgreSQL's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The chain's node refused a call.
    #[error("{method}: {reason}")]
    Rpc {
        /// The JSON-RPC method.
        method: String,
        /// The node's reason.
        reason: String,
    },
    /// A file or an answer is not as expected.
    #[error("{what}: expected {expected}, got {got}")]
    Unexpected {
        /// Where it was read.
        what: String,
        /// What should have been there.
        expected: String,
        /// What was.
        got: String,
    },
}

/// Names what was being done when the operating system refused it.
pub(crate) trait Doing<T> {
    /// Adds `doing()` to the error.
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { doing: doing(), source })
    }
}

impl<T> Doing<T> for std::result::Result<T, sqlx::Error> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Database { doing: doing(), source: source.into() })
    }
}
