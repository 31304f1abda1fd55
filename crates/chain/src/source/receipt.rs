//! The second word on transactions that pay outside of a batch: their receipts, log by log.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{B256, Bytes};
use banyan_types::history::ChainEvent;

use super::fault::{Place, SourceFault};
use crate::node::ReceiptLog;

/// A log's place and all that it says.
type Said<'a> = (Place, B256, &'a [B256], &'a Bytes);

/// Each of `claims` has the same logs in its receipt as in the range.
pub(super) fn compare(
    claims: &BTreeSet<B256>,
    events: &[ChainEvent],
    receipts: &BTreeMap<B256, Vec<ReceiptLog>>,
) -> Result<(), SourceFault> {
    let mut came: BTreeMap<B256, BTreeSet<Said<'_>>> = BTreeMap::new();
    for event in events.iter().filter(|event| claims.contains(&event.tx_hash)) {
        came.entry(event.tx_hash).or_default().insert(in_range(event));
    }
    for (&tx_hash, came) in &came {
        let emitted = receipts.get(&tx_hash).into_iter().flatten().map(in_receipt).collect();
        if let Some(&(at, ..)) = came.symmetric_difference(&emitted).next() {
            return Err(SourceFault::Receipt { tx_hash, at });
        }
    }
    Ok(())
}

fn in_range(event: &ChainEvent) -> Said<'_> {
    let at = Place { block: event.block, log_index: event.log_index };
    (at, event.block_hash, &event.topics, &event.data)
}

fn in_receipt(log: &ReceiptLog) -> Said<'_> {
    let at = Place { block: log.block, log_index: log.log_index };
    (at, log.block_hash, &log.topics, &log.data)
}
