//! Looking: at the chain, at the fate of each attempt, at the books.

use banyan_chain::NodeError;
use banyan_chain::contract::revert_reason;
use banyan_chain::node::{BlockTag, NonceAt, TransactionState};
use banyan_types::B256;

use super::{Result, Settler};
use crate::batch::{Block, BooksView, ChainView, Fate, Observation, Simulation, State};
use crate::fees::Price;
use crate::payouts::{calldata, stopped_in_words};
use crate::store::{self, Leader, OpenBatch};

impl Settler {
    /// The chain and the executor; `None` if the node does not answer all of it.
    pub(super) async fn chain(&self) -> Option<ChainView> {
        match self.ask_chain().await {
            Ok(view) => view,
            Err(error) => {
                self.fault(&error);
                None
            }
        }
    }

    async fn ask_chain(&self) -> std::result::Result<Option<ChainView>, NodeError> {
        let (node, executor) = (&self.parts.node, self.parts.executor.address());
        let Some(finalized) = node.finalized_block(self.parts.finality).await? else { return Ok(None) };
        let head = node.head_block().await?;
        let fees = node.fees().await?;
        let price = |wei: u128| u64::try_from(wei).unwrap_or(u64::MAX);
        Ok(Some(ChainView {
            finalized: Block { number: finalized.number, time: finalized.time },
            head: Block { number: head.number, time: head.time },
            finalized_nonce: node.nonce(executor, NonceAt::Block(finalized.number)).await?,
            latest_nonce: node.nonce(executor, NonceAt::Latest).await?,
            price: Price {
                base_fee: price(fees.base_fee),
                tip: price(fees.gas_price.saturating_sub(fees.base_fee)),
            },
        }))
    }

    fn fault(&self, error: &NodeError) {
        self.parts.metrics.node_fault(error.class());
        tracing::warn!(%error, "the node does not answer");
    }

    /// Everything that is seen of a batch, but for the simulation.
    pub(super) async fn observe(
        &self,
        leader: &mut Leader,
        open: &OpenBatch,
        chain: Option<ChainView>,
    ) -> Result<Observation> {
        let connection = leader.connection();
        let hold = store::hold(connection).await?;
        self.parts.metrics.is_held(hold.is_some());
        let read = store::point(connection).await?;
        let read = read.map_or(Block { number: 0, time: 0 }, |at| Block { number: at.block, time: at.time });
        let outbid = match chain {
            Some(chain) => store::outbid(connection, open.id, chain.latest_nonce).await?,
            None => None,
        };
        Ok(Observation {
            chain,
            // The cursor is read before the events: what it promises is there.
            books: BooksView { read, executed: store::executed(connection, open).await? },
            behind: store::under_way(connection, open.id).await?,
            fates: self.fates(open).await,
            simulation: Simulation::NotAsked,
            held: hold.map(|hold| hold.to_string()),
            stopped: stopped_in_words(&store::stopped(connection, open.id).await?),
            outbid,
            age: open.age,
            quiet: open.quiet,
        })
    }

    /// The fate of each attempt; once a batch is final nobody has to be asked.
    async fn fates(&self, open: &OpenBatch) -> Vec<Fate> {
        let mut fates = Vec::with_capacity(open.batch.attempts.len());
        for attempt in &open.batch.attempts {
            let fate = match open.batch.state {
                State::Final => Fate::Unknown,
                State::Building
                | State::Signed
                | State::Queued
                | State::Broadcast
                | State::Included
                | State::Settled
                | State::Expired
                | State::Abandoned => self.fate(attempt.tx_hash).await,
            };
            fates.push(fate);
        }
        fates
    }

    async fn fate(&self, tx_hash: B256) -> Fate {
        match self.ask_fate(tx_hash).await {
            Ok(fate) => fate,
            Err(error) => {
                self.fault(&error);
                Fate::Unknown
            }
        }
    }

    async fn ask_fate(&self, tx_hash: B256) -> std::result::Result<Fate, NodeError> {
        if let Some(receipt) = self.parts.node.receipt(tx_hash).await? {
            // A receipt of a branch that was left, such as from another node behind the same address, says nothing.
            let block = self.parts.node.block(BlockTag::Number(receipt.block)).await?;
            return Ok(match block {
                Some(block) if block.hash == receipt.block_hash => {
                    Fate::Mined { block: receipt.block, success: receipt.success }
                }
                Some(_) | None => Fate::Unknown,
            });
        }
        Ok(match self.parts.node.transaction(tx_hash).await? {
            TransactionState::Unknown => Fate::Absent,
            TransactionState::Pending => Fate::Pending,
            // In a block, and no receipt yet: the next look will have it.
            TransactionState::Included { .. } => Fate::Unknown,
        })
    }

    /// What the contract would do with the batch now. A revert costs nothing here.
    pub(super) async fn simulate(&self, leader: &mut Leader, open: &OpenBatch) -> Result<Simulation> {
        let detail = store::detail(leader.connection(), open.id).await?;
        let data = match &detail {
            Some(detail) => calldata(detail)?,
            None => None,
        };
        let Some(data) = data else { return Ok(Simulation::Unknown) };
        match self.parts.node.try_call(&self.parts.executor.call(data)).await {
            Ok(_) => Ok(Simulation::Runs),
            Err(NodeError::Reverted { data, .. }) => Ok(Simulation::Reverts(revert_reason(&data))),
            Err(error) => {
                self.fault(&error);
                Ok(Simulation::Unknown)
            }
        }
    }
}
