//! Our four services: what each is started with, and where it says that it is ready.

use std::net::SocketAddr;
use std::path::Path;

use super::settings::{self, Addresses};
use crate::error::Result;
use crate::process::{self, Program};

/// A service of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// `banyan-signer serve`: signs only what chain and plan justify.
    Signer,
    /// `banyan listen`: brings the chain's events into the ledger.
    Listen,
    /// `banyan serve`: the API.
    Serve,
    /// `banyan settle`: sends batches and follows them.
    Settle,
}

impl Service {
    /// The order in which they are started.
    pub const IN_ORDER: [Self; 4] = [Self::Signer, Self::Listen, Self::Serve, Self::Settle];

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Signer => "the signer",
            Self::Listen => "the listener",
            Self::Serve => "the API",
            Self::Settle => "settlement",
        }
    }

    /// The name of its log file.
    fn name(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Listen => "listen",
            Self::Serve => "serve",
            Self::Settle => "settle",
        }
    }

    pub(super) fn program(self, folder: &Path, logs: &Path) -> Result<Program> {
        let (binary, command, file) = match self {
            Self::Signer => ("banyan-signer", "serve", settings::SIGNER),
            Self::Listen => ("banyan", "listen", settings::BANYAN),
            Self::Serve => ("banyan", "serve", settings::BANYAN),
            Self::Settle => ("banyan", "settle", settings::BANYAN),
        };
        let log = logs.join(format!("{}.log", self.name()));
        let program = Program::new(self.title(), process::binary(binary)?, log);
        Ok(program.arg(command).arg("--config").arg(folder.join(file)))
    }

    /// Where `/healthz` is, and `/metrics` for those that have one.
    pub(super) fn health(self, addresses: &Addresses) -> SocketAddr {
        match self {
            Self::Signer => addresses.signer,
            Self::Listen => addresses.listener_metrics,
            Self::Serve => addresses.api_metrics,
            Self::Settle => addresses.settlement_metrics,
        }
    }
}
