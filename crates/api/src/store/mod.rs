//! The API's SQL: its own records (sign-ins, prepared transactions, kept answers, the log of actions) and the read
//! models of the books. Everything about money is read in one snapshot together with the cursor, so that an answer can
//! say as of which block it is true.

pub mod actions;
pub mod directives;
pub mod idempotency;
pub mod intake;
pub mod monitoring;
pub mod payouts;
pub mod people;
pub mod pool;
pub mod rewards;
pub mod sessions;
pub mod snapshot;
pub mod sweep;
pub mod timeline;

use banyan_types::Address;

pub use snapshot::Snapshot;

use crate::problem::{Answer, Kind, Problem};

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Problem {
        match error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Problem::unavailable(Kind::StorageUnavailable, "PostgreSQL", error),
            other => Problem::internal(other),
        }
    }
}

/// How the tables write an address: lower-case hex with 0x.
pub fn wallet_text(wallet: Address) -> String {
    format!("{wallet:#x}")
}

/// Reads an address column back.
pub fn wallet(text: &str) -> Answer<Address> {
    text.parse()
        .map_err(|_| Problem::internal(format!("expected an address in a row of the database, got {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets_are_kept_in_lower_case() {
        let text = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
        assert_eq!(wallet_text(text.parse().unwrap()), text);
        assert_eq!(wallet_text(Address::ZERO), format!("0x{}", "0".repeat(40)));
    }
}
