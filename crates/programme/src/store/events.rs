//! Raw events and the judged history.

use banyan_ledger::store::Column::{BigInt, Bytes, Hashes, Hex, Numeric, Text, Time, Word};
use banyan_ledger::store::Table;
use banyan_types::B256;

use crate::rows::{EventRow, HistoryRow};

pub(super) const EVENTS: Table<EventRow> = Table {
    name: "chain_events",
    columns: &[
        ("block_number", BigInt(|row| Some(row.block))),
        ("log_index", BigInt(|row| Some(row.log_index))),
        ("block_hash", Bytes(|row| Some(row.block_hash.as_slice()))),
        ("block_time", Time(|row| row.at)),
        ("tx_hash", Bytes(|row| Some(row.tx_hash.as_slice()))),
        ("topics", Hashes(|row| &row.topics)),
        ("data", Bytes(|row| Some(&row.data))),
    ],
};

pub(super) const HISTORY: Table<HistoryRow> = Table {
    name: "history",
    columns: &[
        ("seq", BigInt(|row| Some(row.seq))),
        ("kind", Word("history_kind", |row| row.kind)),
        ("at", Time(|row| row.at)),
        ("head", Bytes(|row| Some(row.head.as_slice()))),
        ("wallet_address", Hex(|row| row.wallet.as_ref().map(|address| address.as_slice()))),
        ("sponsor", Hex(|row| row.sponsor.as_ref().map(|address| address.as_slice()))),
        ("plan", Bytes(|row| row.plan.as_ref().map(B256::as_slice))),
        ("amount", Numeric(|row| Some(row.amount))),
        ("directive", Text(|row| row.directive.as_deref())),
        ("data", Bytes(|row| row.data.as_deref())),
        ("outcome", Word("history_outcome", |row| row.outcome)),
        ("reason", Text(|row| row.reason.as_deref())),
        ("block_number", BigInt(|row| Some(row.block))),
        ("log_index", BigInt(|row| Some(row.log_index))),
        ("tx_hash", Hex(|row| Some(row.tx_hash.as_slice()))),
    ],
};
