//! The outbox: what a range tells others, in the order in which it happened.

use banyan_ledger::store::Column::{BigInt, Hex, Json, Text, Time};
use banyan_ledger::store::Table;

use crate::rows::OutboxRow;

pub(super) const OUTBOX: Table<OutboxRow> = Table {
    name: "outbox",
    columns: &[
        ("topic", Text(|row| Some(row.topic))),
        ("reference", BigInt(|row| Some(row.reference))),
        ("wallet_address", Hex(|row| row.wallet.as_ref().map(|address| address.as_slice()))),
        ("body", Json(|row| row.body.to_string())),
        ("at", Time(|row| row.at)),
        ("block_number", BigInt(|row| Some(row.block))),
    ],
};
