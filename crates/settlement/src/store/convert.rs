//! Values between the database's types and ours.

use alloy::primitives::Bytes;
use banyan_ledger::LedgerError;
use banyan_types::{Address, B256};
use time::OffsetDateTime;

use super::Result;
use crate::batch::{Outcome, State};

fn corrupt(expected: &'static str, found: impl ToString) -> LedgerError {
    LedgerError::Corrupt { expected, found: found.to_string() }
}

pub(super) fn to_i64(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| corrupt("numbers below 2^63", number))
}

pub(super) fn to_u64(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| corrupt("numbers from 0 on", number))
}

pub(super) fn address(text: &str) -> Result<Address> {
    text.parse().map_err(|_| corrupt("wallets of 20 bytes in hex", text))
}

/// How an address lies in the database: lower-case hex.
pub(super) fn address_text(address: Address) -> String {
    format!("{address:#x}")
}

pub(super) fn hash(bytes: &[u8]) -> Result<B256> {
    B256::try_from(bytes).map_err(|_| corrupt("hashes of 32 bytes", format!("{} bytes", bytes.len())))
}

/// A root, or nothing where the database has zeros.
pub(super) fn root(bytes: &[u8]) -> Result<Option<B256>> {
    hash(bytes).map(|root| (root != B256::ZERO).then_some(root))
}

pub(super) fn hash_of_text(text: &str) -> Result<B256> {
    text.parse().map_err(|_| corrupt("hashes of 32 bytes in hex", text))
}

/// How a transaction's hash lies in the database.
pub(super) fn hash_text(hash: B256) -> String {
    format!("{hash:#x}")
}

pub(super) fn state(word: &str) -> Result<State> {
    State::of_word(word).ok_or_else(|| corrupt("a known state of a batch", word))
}

pub(super) fn outcome(word: &str, refusal: Option<&str>) -> Result<Outcome> {
    Outcome::of_words(word, refusal)
        .ok_or_else(|| corrupt("a known outcome of an attempt", format!("{word} {refusal:?}")))
}

/// Seconds since 1970.
pub(super) fn seconds(at: OffsetDateTime) -> Result<u64> {
    to_u64(at.unix_timestamp())
}

pub(super) fn bytes(bytes: Vec<u8>) -> Bytes {
    Bytes::from(bytes)
}
