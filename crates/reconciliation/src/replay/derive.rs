//! The derivation under way: logs read a chunk at a time, proven, and applied by the programme to the empty schema.

use std::collections::BTreeSet;
use std::time::Duration;

use banyan_chain::eip712::Domain;
use banyan_chain::node::{NodeError, RawLog};
use banyan_chain::{BlockSource, start_cursor};
use banyan_ledger::store::Pool;
use banyan_programme::Programme;
use uuid::Uuid;

use super::logs::{Proven, believe, proves};
use super::{Blocks, ReplayError, Replayer, RowDifference};
use crate::store::replay::{self as store, Booked, Session};

/// Logs that are read, proven and applied at once; a block is never divided.
const CHUNK: i64 = 1_000;
/// How often a node that does not answer is asked.
const TRIES: u32 = 3;
/// Logs after which the empty schema's statistics are taken for the first time; then each time there are twice as many.
const FIRST_STATISTICS: u64 = 2_000;

/// How the logs came to their end.
#[derive(Debug)]
pub(super) enum End {
    /// Everything that the books have read is derived.
    Reached,
    /// A log does not continue the history, and the node cannot help.
    Broken(RowDifference),
}

/// A derivation from the genesis on.
#[derive(Debug)]
pub(super) struct Derivation<'a> {
    replayer: &'a Replayer,
    session: &'a Session,
    blocks: Blocks,
    source: BlockSource,
    programme: Programme,
    /// The last block whose logs were read.
    read_to: u64,
    /// What was booked by nobody on the chain, and is copied.
    copied: BTreeSet<Booked>,
    events: u64,
    next_statistics: u64,
    node_silent: Option<String>,
}

impl<'a> Derivation<'a> {
    /// Opens a programme on the empty schema.
    pub(super) async fn open(
        replayer: &'a Replayer,
        session: &'a Session,
        blocks: Blocks,
    ) -> Result<Derivation<'a>, ReplayError> {
        let deployment = replayer.deployment;
        let domain = Domain { chain_id: deployment.chain_id, contract: deployment.contract };
        let source = BlockSource::new(domain, start_cursor(deployment.start_block));
        let programme = Programme::open(session.pool(), replayer.plans.clone(), deployment).await?;
        Ok(Derivation {
            replayer,
            session,
            blocks,
            read_to: source.cursor().block,
            source,
            programme,
            copied: BTreeSet::new(),
            events: 0,
            next_statistics: FIRST_STATISTICS,
            node_silent: None,
        })
    }

    pub(super) fn read_to(&self) -> u64 {
        self.read_to
    }

    pub(super) fn copied(&self) -> usize {
        self.copied.len()
    }

    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn seq(&self) -> i64 {
        self.source.cursor().seq.map_or(-1, |seq| i64::try_from(seq).unwrap_or(i64::MAX))
    }

    pub(super) fn node_silent(&self) -> Option<String> {
        self.node_silent.clone()
    }

    /// Derives until nothing that the books have is left; notes its progress as the run `id`.
    pub(super) async fn go_on(&mut self, pool: &Pool, id: Uuid) -> Result<End, ReplayError> {
        loop {
            let stops = [self.blocks.from.saturating_sub(1), self.blocks.to];
            let chunk = store::chunk(
                pool,
                self.replayer.deployment.contract,
                self.read_to,
                &self.copied,
                stops,
                CHUNK,
            )
            .await?;
            if chunk.last <= self.read_to && chunk.booked.is_empty() {
                // The last range's sealing would go on writing beside the comparison.
                self.programme.sealed().await?;
                return Ok(End::Reached);
            }
            if let Some(difference) = self.derive(chunk.logs, chunk.last).await? {
                return Ok(End::Broken(difference));
            }
            self.session.copy(&chunk.booked).await?;
            self.copied.extend(chunk.booked);
            self.read_to = self.read_to.max(chunk.last);
            store::progress(pool, id, self.events, self.read_to).await?;
        }
    }

    /// Derives the logs of the blocks up to `last`; what is returned is where they break off.
    async fn derive(&mut self, stored: Vec<RawLog>, last: u64) -> Result<Option<RowDifference>, ReplayError> {
        let first = self.read_to + 1;
        // A node that was silent once is asked again only where the stored logs alone do not do.
        let within = first >= self.blocks.from && last <= self.blocks.to;
        let asked = within && self.node_silent.is_none();
        let node = if last >= first && (asked || !proves(&self.source, &stored)) {
            self.ask(first, last).await
        } else {
            None
        };
        let (proven, against) = believe(&mut self.source, stored, node);
        if let Some(fault) = against {
            self.node_silent = Some(format!("what it says is not proven: {fault}"));
        }
        match proven {
            Proven::Nothing => Ok(None),
            Proven::Broken(difference) => Ok(Some(*difference)),
            Proven::Range(range) => {
                self.programme.apply(&range).await?;
                self.events += range.events.len() as u64;
                if self.events >= self.next_statistics {
                    self.next_statistics = self.events.saturating_mul(2);
                    self.session.take_statistics().await?;
                }
                Ok(None)
            }
        }
    }

    /// The node's logs of these blocks; `None` if it does not give them. Asked for in pieces as small as it wants.
    async fn ask(&mut self, first: u64, last: u64) -> Option<Vec<RawLog>> {
        let (view, mut logs) = (&self.replayer.view, Vec::new());
        let (mut from, mut blocks, mut tries) = (first, last - first + 1, 0);
        while from <= last {
            let to = last.min(from + blocks - 1);
            match view.node().logs(view.contract(), from, to).await {
                Ok(more) => {
                    logs.extend(more);
                    (from, tries) = (to + 1, 0);
                }
                Err(NodeError::RangeTooLarge { .. }) if to > from => blocks = (to - from).div_ceil(2),
                Err(error) if error.is_passing() && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(200) * tries).await;
                }
                Err(error) => {
                    self.node_silent = Some(error.to_string());
                    return None;
                }
            }
        }
        Some(logs)
    }
}
