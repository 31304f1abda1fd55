//! What the node said, put through the block source range by range: contiguous, head by head, payment by payment. What
//! is not proven is asked for again in smaller pieces, and then believed no more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use banyan_chain::NodeError;
use banyan_chain::node::ReceiptLog;
use banyan_chain::source::{BlockSource, Examined, Fetched, SourceFault};
use banyan_types::B256;
use banyan_types::history::BlockRange;
use futures::stream::{self, StreamExt as _};

use crate::AuditError;
use crate::reading::{Faults, Piece, Reading, add};

/// In how many pieces a range is asked for again, each time.
const AGAIN: [u64; 2] = [2, 16];
/// Receipts asked for at once.
const RECEIPTS_AT_ONCE: usize = 8;

/// The block source and what it has cost.
pub(crate) struct Proving {
    reading: Reading,
    /// Out of the house while a range is being examined.
    source: Option<BlockSource>,
    pub(crate) faults: Faults,
    pub(crate) time: Duration,
    pub(crate) ranges: u64,
}

impl Proving {
    pub(crate) fn new(reading: Reading, source: BlockSource) -> Proving {
        let (faults, time, ranges) = Default::default();
        Proving { reading, source: Some(source), faults, time, ranges }
    }

    /// The last outflow that came.
    pub(crate) fn out(&self) -> u64 {
        self.source.as_ref().map_or(0, |source| source.cursor().out)
    }

    /// The range, proven.
    pub(crate) async fn prove(&mut self, piece: Piece) -> Result<BlockRange, AuditError> {
        let (from, to) = (piece.fetched.from, piece.fetched.to.number);
        let mut last = match self.attempt(piece).await? {
            Ok(range) => return Ok(range),
            Err(fault) => fault,
        };
        for pieces in AGAIN {
            if let SourceFault::NoGenesis { found, .. } = last {
                return Err(AuditError::LateStart { from, found });
            }
            *self.faults.entry(last.class()).or_default() += 1;
            tracing::warn!(class = last.class(), fault = %last, from, to, "the node's answer is not proven; it is asked in pieces");
            let piece = self.reading.fetch_in_pieces(from, to, pieces).await?;
            match self.attempt(piece).await? {
                Ok(range) => return Ok(range),
                Err(fault) => last = fault,
            }
        }
        Err(AuditError::Unproven { from, to, fault: Box::new(last), tries: 1 + AGAIN.len() as u32 })
    }

    async fn attempt(&mut self, piece: Piece) -> Result<Result<BlockRange, SourceFault>, AuditError> {
        add(&mut self.faults, &piece.faults);
        self.ranges += 1;
        let examined = match self.examine(piece.fetched).await? {
            Ok(examined) => examined,
            Err(fault) => return Ok(Err(fault)),
        };
        let receipts = self.receipts(examined.claims()).await?;
        let start = Instant::now();
        let source = self.source.as_mut().ok_or(AuditError::Broken("the proving"))?;
        let range = source.accept(examined, &receipts);
        self.time += start.elapsed();
        Ok(range)
    }

    /// Decoding and hashing, on a thread that may be busy.
    async fn examine(&mut self, fetched: Fetched) -> Result<Result<Examined, SourceFault>, AuditError> {
        let source = self.source.take().ok_or(AuditError::Broken("the proving"))?;
        let examining = tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            let examined = source.examine(fetched);
            (source, examined, start.elapsed())
        });
        let (source, examined, time) = examining.await.map_err(|_| AuditError::Broken("the proving"))?;
        self.time += time;
        self.source = Some(source);
        Ok(examined)
    }

    /// The second word on payments outside of a batch.
    async fn receipts(
        &mut self,
        claims: &BTreeSet<B256>,
    ) -> Result<BTreeMap<B256, Vec<ReceiptLog>>, NodeError> {
        let reading = &self.reading;
        let ask = |hash: B256| async move {
            let mut faults = Faults::new();
            let view = &reading.view;
            let logs =
                reading.patiently(&mut faults, || view.node().receipt_logs(hash, view.contract())).await;
            (hash, logs, faults)
        };
        let mut answers = stream::iter(claims.iter().copied().map(ask)).buffer_unordered(RECEIPTS_AT_ONCE);
        let mut receipts = BTreeMap::new();
        while let Some((hash, logs, faults)) = answers.next().await {
            add(&mut self.faults, &faults);
            // A receipt that the node does not have says nothing, which the source does not take for the claim's logs.
            receipts.insert(hash, logs?.unwrap_or_default());
        }
        Ok(receipts)
    }
}
