//! The settlement process: a loop with nothing to decide. It observes every open batch, asks [`next`] what to do, and
//! does it. Whatever it knows is on disk, so it can be killed anywhere and another one goes on.

mod apply;
mod observe;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use banyan_chain::Node;
use banyan_chain::node::Finality;
use banyan_ledger::store::Pool;
use uuid::Uuid;

use crate::batch::{ChainView, Policy, Simulation, Step, Waiting, next};
use crate::error::SettlementError;
use crate::executor::Executor;
use crate::metrics::Metrics;
use crate::payouts::{Filter, Payouts};
use crate::store::{self, Leader, OpenBatch};

/// Who requests the batches that the process builds by itself.
pub const AUTOMATIC: &str = "settle";
/// Steps of one batch in one turn; more wait for the next turn, so that a fault cannot turn into a busy loop.
const STEPS_A_TURN: usize = 8;

type Result<T> = std::result::Result<T, SettlementError>;

/// A moment between two effects, where a process may die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// A batch was built.
    Built,
    /// The signer's answer is on disk.
    Signed,
    /// The batch may be sent.
    Queued,
    /// An attempt is on disk and was not sent.
    Written,
    /// An attempt was sent, and the answer is not on disk.
    Sent,
    /// The answer is on disk.
    Answered,
    /// The batch is known to be in a block.
    Included,
    /// The batch is known to be final.
    Finalized,
    /// The batch is about to be closed; nothing of it is committed.
    Closing,
    /// The batch is closed.
    Closed,
}

/// What a settlement process is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub pool: Pool,
    /// The node that transactions are sent to.
    pub node: Node,
    /// Which blocks are final.
    pub finality: Finality,
    /// The key that sends.
    pub executor: Executor,
    /// Building and signing, for automatic mode.
    pub payouts: Payouts,
    /// The bounds of the decisions.
    pub policy: Policy,
    /// In automatic mode: the time between two batches.
    pub automatic: Option<Duration>,
    /// How often open batches are looked at.
    pub poll: Duration,
    /// Where the figures go.
    pub metrics: Metrics,
}

/// The settlement process.
pub struct Settler {
    parts: Parts,
    /// The last batch built by itself.
    built: Option<Instant>,
    /// What each batch waits for, so that the log says it once.
    waiting: HashMap<Uuid, Waiting>,
    passing: fn(Milestone),
}

impl Settler {
    /// A process made of these parts.
    pub fn new(parts: Parts) -> Settler {
        Settler { parts, built: None, waiting: HashMap::new(), passing: |_| {} }
    }

    /// Calls `passing` at each [`Milestone`], as a test does that kills the process there.
    #[must_use]
    pub fn passing(self, passing: fn(Milestone)) -> Settler {
        Settler { passing, ..self }
    }

    /// Runs until `until` is over. Of several processes on one database one works and the others stand by. Faults of
    /// the node, the signer and the database are logged, and it goes on when they are over.
    ///
    /// # Errors
    /// Only what waiting does not mend: a node on another chain than the executor's.
    pub async fn run(mut self, chain_id: u64, until: impl Future<Output = ()>) -> Result<()> {
        match self.parts.node.expect_chain(chain_id).await {
            Err(error) if !error.is_passing() => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "the node does not answer yet"),
            Ok(()) => {}
        }
        let mut leader = None;
        tokio::pin!(until);
        loop {
            if let Err(error) = self.work(&mut leader).await {
                tracing::error!(%error, "settlement begins anew");
                leader = None;
            }
            self.parts.metrics.leads(leader.is_some());
            tokio::select! {
                () = &mut until => break,
                () = tokio::time::sleep(self.parts.poll) => {}
            }
        }
        if let Some(leader) = leader {
            leader.leave().await?;
        }
        Ok(())
    }

    async fn work(&mut self, leader: &mut Option<Leader>) -> Result<()> {
        if leader.is_none() {
            *leader = Leader::take(&self.parts.pool).await?;
            if leader.is_some() {
                tracing::info!(executor = %self.parts.executor.address(), "this process sends batches");
            }
        }
        match leader {
            Some(leader) => self.turn(leader).await,
            None => Ok(()),
        }
    }

    /// Looks at every open batch once.
    ///
    /// # Errors
    /// PostgreSQL's: then the lock may be gone, and the leader must be dropped.
    pub async fn turn(&mut self, leader: &mut Leader) -> Result<()> {
        let open = store::open_numbers(leader.connection()).await?;
        self.build_when_due(leader).await?;
        self.waiting.retain(|id, _| open.iter().any(|(open, _)| open == id));
        if !open.is_empty() {
            let chain = self.chain().await;
            for (id, number) in open {
                self.advance(leader, id, number, chain).await?;
            }
        }
        let figures = store::figures(leader.connection()).await?;
        self.parts.metrics.show(&figures);
        Ok(())
    }

    /// In automatic mode: builds a batch when it is time and the last one is on its way.
    async fn build_when_due(&mut self, leader: &mut Leader) -> Result<()> {
        let Some(interval) = self.parts.automatic else { return Ok(()) };
        if self.built.is_some_and(|built| built.elapsed() < interval)
            || store::has_unsent(leader.connection(), AUTOMATIC).await?
        {
            return Ok(());
        }
        self.built = Some(Instant::now());
        let filter = Filter { publish_root: true, ..Filter::default() };
        match self.parts.payouts.build_batch(&filter, AUTOMATIC).await {
            Ok(_) => (self.passing)(Milestone::Built),
            Err(SettlementError::NothingToPay { .. } | SettlementError::BooksNotReady) => {}
            Err(SettlementError::Held(hold)) => tracing::warn!(%hold, "no batch is built"),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Takes one batch as far as it goes now.
    async fn advance(
        &mut self,
        leader: &mut Leader,
        id: Uuid,
        number: i64,
        chain: Option<ChainView>,
    ) -> Result<()> {
        let mut simulation = Simulation::NotAsked;
        for _ in 0..STEPS_A_TURN {
            let Some(open) = store::open_batch(leader.connection(), id, AUTOMATIC).await? else { break };
            let mut seen = self.observe(leader, &open, chain).await?;
            seen.simulation = std::mem::replace(&mut simulation, Simulation::NotAsked);
            match next(&open.batch, &seen, &self.parts.policy) {
                Step::Wait(reason) => {
                    self.note(&open, reason);
                    break;
                }
                Step::Simulate => simulation = self.simulate(leader, &open).await?,
                step => {
                    tracing::info!(number, state = open.batch.state.word(), ?step, "batch");
                    if !self.apply(leader, &open, &seen, step).await? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Logs what a batch waits for, when that changes.
    fn note(&mut self, open: &OpenBatch, reason: Waiting) {
        if self.waiting.get(&open.id) == Some(&reason) {
            return;
        }
        let (number, state) = (open.number, open.batch.state.word());
        match &reason {
            Waiting::BooksDisagree => {
                tracing::error!(
                    number,
                    state,
                    "the node says that the batch ran, and the books have its block without it: run a reconciliation"
                );
            }
            Waiting::Held(reason) => tracing::warn!(number, state, reason, "batch held"),
            Waiting::ForCheaperGas => {
                tracing::warn!(number, state, "gas costs more than settlement.max_fee_gwei allows");
            }
            Waiting::Ended
            | Waiting::ForSignature
            | Waiting::ForQueueing
            | Waiting::Behind(_)
            | Waiting::ForNode
            | Waiting::ForBlock
            | Waiting::ForMempool
            | Waiting::ForFinality
            | Waiting::ForBooks
            | Waiting::ForDeadline => tracing::debug!(number, state, ?reason, "batch waits"),
        }
        self.waiting.insert(open.id, reason);
    }
}
