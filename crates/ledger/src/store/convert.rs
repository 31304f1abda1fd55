//! Numbers and names between the database's types and ours.

use crate::{Account, AccountKind, Cause, CauseKind, LedgerError};

/// A number of ours as the database's `bigint`.
pub(super) fn to_i64(number: u64) -> Result<i64, LedgerError> {
    i64::try_from(number)
        .map_err(|_| LedgerError::Corrupt { expected: "numbers below 2^63", found: number.to_string() })
}

/// A `bigint` that the schema keeps from falling below zero.
pub(super) fn to_u64(number: i64) -> Result<u64, LedgerError> {
    u64::try_from(number)
        .map_err(|_| LedgerError::Corrupt { expected: "numbers from 0 on", found: number.to_string() })
}

pub(super) fn account(kind: &str, owner: i64) -> Result<Account, LedgerError> {
    let kind = AccountKind::from_name(kind).ok_or_else(|| LedgerError::Corrupt {
        expected: "a known kind of account",
        found: kind.to_owned(),
    })?;
    Ok(Account { kind, owner: to_u64(owner)? })
}

pub(super) fn cause(kind: &str, reference: i64) -> Result<Cause, LedgerError> {
    let kind = CauseKind::from_name(kind)
        .ok_or_else(|| LedgerError::Corrupt { expected: "a known kind of cause", found: kind.to_owned() })?;
    Ok(Cause { kind, reference: to_u64(reference)? })
}

/// A sum that left the range of an amount.
pub(super) fn too_large() -> LedgerError {
    LedgerError::Corrupt { expected: "sums below 10^38 wei", found: "a larger one".to_owned() }
}
