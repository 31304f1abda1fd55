//! The driver of the block source: asks one node for the next final blocks, as many at once as the node gives, and
//! hands out what the source has proven. A fault is fetched again; if it stays, the follower says so and stops.

mod error;
mod span;

use std::collections::BTreeMap;
use std::time::Duration;

use alloy::primitives::B256;
use banyan_types::PlanHash;
use banyan_types::history::{BlockRange, Cursor, EntryBody, Fact};

pub use error::FollowError;

use crate::eip712::Domain;
use crate::node::{Block, BlockTag, Finality, NodeError, RawLog, ReceiptLog};
use crate::source::{BlockSource, Fetched, SourceFault};
use crate::view::{ContractView, Standing};
use span::Span;

/// How often a range is fetched before a fault in it is believed.
const TRIES: u32 = 4;
/// Pause before the second try; each further one is three times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What a follower is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowSettings {
    /// The chain's id.
    pub chain_id: u64,
    /// Which blocks are final.
    pub finality: Finality,
    /// Most blocks asked for at once; fewer if the node wants fewer.
    pub max_blocks: u64,
    /// Hashes of the plan files at hand.
    pub plans: Vec<PlanHash>,
}

/// Follows one contract on one node.
#[derive(Debug)]
pub struct Follower {
    view: ContractView,
    settings: FollowSettings,
    source: BlockSource,
    span: Span,
    finalized: Option<Block>,
    /// What was asked for the range under way: kept when the node fails half way through a range of many claims.
    receipts: BTreeMap<B256, Vec<ReceiptLog>>,
    faults: BTreeMap<&'static str, u64>,
}

impl Follower {
    /// Goes on from `cursor`, after making sure that node, contract and plan files belong together.
    ///
    /// # Errors
    /// What does not belong together, and what to do; or what kept the node from answering.
    pub async fn open(
        view: ContractView,
        settings: FollowSettings,
        cursor: Cursor,
    ) -> Result<Follower, FollowError> {
        view.node().expect_chain(settings.chain_id).await?;
        let contract = view.contract();
        if view.node().code(contract).await?.is_empty() {
            return Err(FollowError::NoContract { contract, chain_id: settings.chain_id });
        }
        let head = view.node().head_block().await?;
        let plan = view.plan(head.hash).await.map_err(|error| FollowError::no_settlement(contract, error))?;
        if plan != PlanHash::NONE {
            expect_plan(&settings.plans, plan)?;
        }
        let domain = Domain { chain_id: settings.chain_id, contract };
        let span = Span::new(settings.max_blocks);
        let source = BlockSource::new(domain, cursor);
        let (receipts, faults) = (BTreeMap::new(), BTreeMap::new());
        Ok(Follower { view, settings, source, span, finalized: None, receipts, faults })
    }

    /// How far it has come.
    pub fn cursor(&self) -> &Cursor {
        self.source.cursor()
    }

    /// The contract's readers on the node that is followed.
    pub fn view(&self) -> &ContractView {
        &self.view
    }

    /// The newest final block that the node has named.
    pub fn finalized(&self) -> Option<Block> {
        self.finalized
    }

    /// Faults so far, by class: of the node, and of what it answered.
    pub fn faults(&self) -> &BTreeMap<&'static str, u64> {
        &self.faults
    }

    /// The next range of final blocks, with about `max_events` events at most (a block is never divided); `None` when
    /// nothing new is final.
    ///
    /// # Errors
    /// If it [is passing](FollowError::is_passing), wait and call again; else halt.
    pub async fn next(&mut self, max_events: usize) -> Result<Option<BlockRange>, FollowError> {
        let result = self.proven(max_events).await;
        if let Err(FollowError::Node(error)) = &result {
            self.count(error.class());
        }
        result
    }

    async fn proven(&mut self, max_events: usize) -> Result<Option<BlockRange>, FollowError> {
        let Some(finalized) = self.advance().await? else { return Ok(None) };
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.attempt(finalized, max_events).await? {
                Ok(range) => return self.checked(range).map(Some),
                Err(fault) => self.disbelieve(&fault, pause).await,
            }
            pause *= 3;
        }
        match self.attempt(finalized, max_events).await? {
            Ok(range) => self.checked(range).map(Some),
            Err(fault) => {
                self.count(fault.class());
                Err(FollowError::Source { fault: Box::new(fault), tries: TRIES })
            }
        }
    }

    /// The newest final block, if it lies beyond the cursor. Where it is the cursor's block or beyond, that block is
    /// still there.
    async fn advance(&mut self) -> Result<Option<Block>, FollowError> {
        let node = self.view.node();
        let finalized = node.finalized_block(self.settings.finality).await?;
        let cursor = self.source.cursor();
        let Some(finalized) = finalized.filter(|block| block.number >= cursor.block) else { return Ok(None) };
        let here = finalized.number == cursor.block;
        if !cursor.block_hash.is_zero() {
            let found = if here { finalized } else { self.block(cursor.block).await? };
            if found.hash != cursor.block_hash {
                let (block, expected) = (cursor.block, cursor.block_hash);
                return Err(FollowError::Reorganized { block, expected, found: found.hash });
            }
        }
        if here {
            return Ok(None);
        }
        self.finalized = Some(finalized);
        Ok(Some(finalized))
    }

    async fn attempt(
        &mut self,
        finalized: Block,
        max_events: usize,
    ) -> Result<Result<BlockRange, SourceFault>, FollowError> {
        let fetched = self.fetch(finalized, max_events).await?;
        let examined = match self.source.examine(fetched) {
            Ok(examined) => examined,
            Err(fault) => {
                self.receipts.clear();
                return Ok(Err(fault));
            }
        };
        for &tx_hash in examined.claims() {
            self.ask_receipt(tx_hash).await?;
        }
        let receipts = std::mem::take(&mut self.receipts);
        Ok(self.source.accept(examined, &receipts))
    }

    /// A node that gives a transaction's logs has its receipt too, now or soon.
    async fn ask_receipt(&mut self, tx_hash: B256) -> Result<(), NodeError> {
        if !self.receipts.contains_key(&tx_hash) {
            let logs = self.view.node().receipt_logs(tx_hash, self.view.contract()).await?;
            let missing = || NodeError::missing("eth_getTransactionReceipt", &format!("that of {tx_hash}"));
            self.receipts.insert(tx_hash, logs.ok_or_else(missing)?);
        }
        Ok(())
    }

    /// As many blocks as the node gives, cut where there are enough events.
    async fn fetch(&mut self, finalized: Block, max_events: usize) -> Result<Fetched, NodeError> {
        let from = self.source.cursor().block + 1;
        let (mut last, mut logs) = self.logs_from(from, finalized.number).await?;
        if let Some(cut) = cut_after(&logs, max_events) {
            logs.retain(|log| log.block <= cut);
            self.span.cut(cut - from + 1);
            last = cut;
        } else {
            self.span.succeeded(logs.len(), max_events);
        }
        let to = if last == finalized.number { finalized } else { self.block(last).await? };
        let standing = self.standing(&to, logs.is_empty()).await;
        let standing = match standing {
            Err(NodeError::NoState { .. }) if to.number < finalized.number => None,
            answer => answer?,
        };
        Ok(Fetched { from, to, logs, standing })
    }

    async fn logs_from(&mut self, from: u64, finalized: u64) -> Result<(u64, Vec<RawLog>), NodeError> {
        loop {
            let last = finalized.min(from + self.span.blocks() - 1);
            match self.view.node().logs(self.view.contract(), from, last).await {
                Ok(logs) => return Ok((last, logs)),
                Err(error @ NodeError::RangeTooLarge { .. }) if last > from => {
                    self.count(error.class());
                    self.span.refused(last - from + 1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn block(&self, number: u64) -> Result<Block, NodeError> {
        let block = self.view.node().block(BlockTag::Number(number)).await?;
        block.ok_or_else(|| NodeError::missing("eth_getBlockByNumber", "a block below finality"))
    }

    /// What the contract states after `block`; nothing before its creation. A node without old states has none of long
    /// ago: then a missing end is noticed with the next event, or at the newest final block, whose state it has.
    async fn standing(&self, block: &Block, empty: bool) -> Result<Option<Standing>, NodeError> {
        let unborn = empty && self.source.cursor().seq.is_none();
        if unborn && self.view.node().code_at(block.hash, self.view.contract()).await?.is_empty() {
            return Ok(None);
        }
        self.view.standing(block.hash).await.map(Some)
    }

    /// A proven range may still be one of a programme whose plan is not at hand.
    fn checked(&self, range: BlockRange) -> Result<BlockRange, FollowError> {
        if let Some(Fact::Entry { entry, .. }) = range.events.iter().map(|event| &event.fact).find(is_entry)
            && let EntryBody::Genesis { plan, .. } = &entry.body
        {
            expect_plan(&self.settings.plans, *plan)?;
        }
        Ok(range)
    }

    async fn disbelieve(&mut self, fault: &SourceFault, pause: Duration) {
        self.count(fault.class());
        tracing::warn!(class = fault.class(), %fault, "the node's answer is not proven; it is fetched again");
        tokio::time::sleep(pause).await;
    }

    fn count(&mut self, class: &'static str) {
        *self.faults.entry(class).or_default() += 1;
    }
}

fn is_entry(fact: &&Fact) -> bool {
    matches!(fact, Fact::Entry { .. })
}

fn expect_plan(known: &[PlanHash], plan: PlanHash) -> Result<(), FollowError> {
    if known.contains(&plan) {
        return Ok(());
    }
    Err(FollowError::UnknownPlan { plan, known: known.to_vec() })
}

/// The last block to take, if there are more than `max_events` logs: the one before the block of the first log too
/// many, or that block itself when it is the first.
fn cut_after(logs: &[RawLog], max_events: usize) -> Option<u64> {
    let first = logs.first()?.block;
    let beyond = logs.get(max_events)?.block;
    let cut = if beyond > first { beyond - 1 } else { beyond };
    (logs.last()?.block > cut).then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{Address, B256, Bytes};

    fn log_in(block: u64) -> RawLog {
        RawLog {
            address: Address::ZERO,
            block,
            block_hash: B256::ZERO,
            block_time: 0,
            tx_hash: B256::ZERO,
            log_index: 0,
            topics: Vec::new(),
            data: Bytes::new(),
            removed: false,
        }
    }

    #[test]
    fn a_range_is_cut_between_blocks() {
        for (blocks, max_events, cut) in [
            (&[5, 6, 7][..], 3, None),
            (&[5, 6, 7], 2, Some(6)),
            (&[5, 5, 6], 2, Some(5)),
            (&[5, 5, 9], 2, Some(8)),
            (&[5, 5, 5, 6], 2, Some(5)),
            (&[5, 5, 5], 2, None),
            (&[], 2, None),
        ] {
            let logs: Vec<RawLog> = blocks.iter().copied().map(log_in).collect();
            assert_eq!(cut_after(&logs, max_events), cut, "{blocks:?} at {max_events}");
        }
    }
}
