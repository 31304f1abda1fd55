//! Which logs to derive from: the stored ones, or the node's where these are proven and the stored ones are not the same.

use std::collections::BTreeMap;

use banyan_chain::BlockSource;
use banyan_chain::node::{Block, RawLog, ReceiptLog};
use banyan_chain::source::{Fetched, SourceFault};
use banyan_types::B256;
use banyan_types::history::BlockRange;

use super::RowDifference;

/// What can be derived of some blocks.
#[derive(Debug)]
pub(super) enum Proven {
    /// There is nothing in them.
    Nothing,
    /// These events.
    Range(Box<BlockRange>),
    /// Neither the stored logs nor the node's continue the history.
    Broken(Box<RowDifference>),
}

/// Takes what is proven into `source`: the node's logs where they are at hand, proven and others than the stored ones (the
/// comparison of `chain_events` then names each row that differs), else the stored ones. The second value is what speaks
/// against the node.
pub(super) fn believe(
    source: &mut BlockSource,
    stored: Vec<RawLog>,
    node: Option<Vec<RawLog>>,
) -> (Proven, Option<SourceFault>) {
    let mut against = None;
    if let Some(logs) = node.filter(|logs| *logs != stored) {
        match accept(source, logs) {
            Ok(proven) => return (proven, None),
            Err(fault) => against = Some(fault),
        }
    }
    match accept(source, stored) {
        Ok(proven) => (proven, against),
        Err(fault) => (Proven::Broken(Box::new(broken(&fault))), against),
    }
}

/// Whether the stored logs alone would do.
pub(super) fn proves(source: &BlockSource, stored: &[RawLog]) -> bool {
    accept(&mut source.clone(), stored.to_vec()).is_ok()
}

fn accept(source: &mut BlockSource, logs: Vec<RawLog>) -> Result<Proven, SourceFault> {
    let Some(last) = logs.last() else { return Ok(Proven::Nothing) };
    let to = Block { number: last.block, hash: last.block_hash, time: last.block_time };
    let from = source.cursor().block + 1;
    let receipts = receipts(&logs);
    let examined = source.examine(Fetched { from, to, logs, standing: None })?;
    source.accept(examined, &receipts).map(|range| Proven::Range(Box::new(range)))
}

/// The logs by transaction. They are their own receipts: what is missing of one, the numbers that follow tell.
fn receipts(logs: &[RawLog]) -> BTreeMap<B256, Vec<ReceiptLog>> {
    let mut receipts: BTreeMap<_, Vec<ReceiptLog>> = BTreeMap::new();
    for log in logs {
        receipts.entry(log.tx_hash).or_default().push(ReceiptLog {
            block: log.block,
            block_hash: log.block_hash,
            log_index: log.log_index,
            topics: log.topics.clone(),
            data: log.data.clone(),
        });
    }
    receipts
}

/// The stored logs break off here.
fn broken(fault: &SourceFault) -> RowDifference {
    let key = fault.place().map_or_else(
        || "the logs that follow".to_owned(),
        |at| format!("block_number {}, log_index {}", at.block, at.log_index),
    );
    RowDifference {
        table: "chain_events".to_owned(),
        key,
        column: None,
        expected: "logs that continue the contract's history".to_owned(),
        found: format!("{fault}; nothing from here on was derived or compared"),
    }
}
