//! The signer's own reading of the contract's history: a task that follows the final blocks over its own RPC
//! connection, and what it has made of them so far.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use alloy::primitives::B256;
use banyan_chain::ContractView;
use banyan_chain::follower::{FollowError, FollowSettings, Follower};
use banyan_chain::node::Finality;
use banyan_chain::source::start_cursor;
use banyan_entitlement::{EntitlementError, Entitlements, Plans};
use banyan_types::history::{BlockRange, Fact};
use tokio::sync::{Notify, watch};

/// Most events that are read at once.
const EVENTS_AT_ONCE: usize = 2_000;
/// Most blocks that are asked for at once: what common providers allow.
const BLOCKS_AT_ONCE: u64 = 5_000;
/// How long to wait before a node that failed is asked again.
const PAUSE_AFTER_FAULT: Duration = Duration::from_secs(1);

/// How far the reading has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last final block.
    pub block: u64,
    /// The last entry; `None` before the genesis.
    pub seq: Option<u64>,
    /// The head after it.
    pub head: B256,
    /// Why the reading cannot go on; `None` while it can.
    pub halted: Option<String>,
}

/// What has been read, shared with those who decide.
#[derive(Clone, Debug)]
pub struct History {
    entitlements: Arc<RwLock<Entitlements>>,
    progress: watch::Receiver<Progress>,
    wake: Arc<Notify>,
}

/// Where and how to read.
#[derive(Clone, Debug)]
pub struct Source {
    /// The contract on our own node.
    pub view: ContractView,
    /// The chain's id.
    pub chain_id: u64,
    /// How the node is asked for the final block.
    pub finality: Finality,
    /// Where to start.
    pub start_block: u64,
    /// How often to ask.
    pub poll: Duration,
    /// The plans that may come into force.
    pub plans: Plans,
}

/// Why the history could not be read up to a point.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReached {
    /// The reading has halted.
    #[error("the signer cannot follow the contract any further: {0}")]
    Halted(String),
    /// It takes longer than we may wait.
    #[error("the signer has read the contract's history up to {}, but {wanted} is final: ask again in a moment",
        .read.map_or("nothing".to_owned(), |seq| format!("entry {seq}")))]
    Behind {
        /// The last entry read.
        read: Option<u64>,
        /// The entry that is final.
        wanted: u64,
    },
}

/// The writing side: runs until the history cannot be followed.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    entitlements: Arc<RwLock<Entitlements>>,
    progress: watch::Sender<Progress>,
    wake: Arc<Notify>,
}

/// An empty history, and the reader that fills it.
pub fn open(source: Source) -> (History, Reader) {
    let entitlements = Arc::new(RwLock::new(Entitlements::new(source.plans.clone())));
    let (sender, progress) = watch::channel(Progress::default());
    let wake = Arc::new(Notify::new());
    let history = History { entitlements: entitlements.clone(), progress, wake: wake.clone() };
    (history, Reader { source, entitlements, progress: sender, wake })
}

impl History {
    /// Lets `ask` see the entitlements as they stand.
    pub fn ask<T>(&self, ask: impl FnOnce(&Entitlements) -> T) -> T {
        // A reader that panicked has left an entry unread, never half an entry: the entitlements change last.
        ask(&self.entitlements.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How far the reading has come.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits, `within` a time, until entry `seq` has been read.
    ///
    /// # Errors
    /// The reading has halted, or takes longer.
    pub async fn reach(&self, seq: u64, within: Duration) -> Result<(), NotReached> {
        let mut progress = self.progress.clone();
        let arrived = |now: &Progress| now.seq >= Some(seq) || now.halted.is_some();
        if !arrived(&progress.borrow()) {
            self.wake.notify_one();
            // Too late or never again: what the progress says then is the answer.
            tokio::time::timeout(within, progress.wait_for(arrived)).await.ok();
        }
        let now = self.progress();
        match now.halted {
            Some(reason) => Err(NotReached::Halted(reason)),
            None if now.seq >= Some(seq) => Ok(()),
            None => Err(NotReached::Behind { read: now.seq, wanted: seq }),
        }
    }
}

impl Reader {
    /// Follows the contract until it cannot be followed any further, which is then also the history's progress.
    ///
    /// # Errors
    /// When the configuration does not fit the chain: nothing has been read, and nothing ever will be.
    pub async fn run(self) -> Result<String, FollowError> {
        let mut follower = self.open_follower().await?;
        let reason = loop {
            match follower.next(EVENTS_AT_ONCE).await {
                Ok(Some(range)) => {
                    if let Err(error) = self.apply(&range) {
                        break error.to_string();
                    }
                }
                Ok(None) => self.rest(self.source.poll).await,
                Err(error) if error.is_passing() => {
                    tracing::warn!(%error, "the node does not answer as it should");
                    self.rest(PAUSE_AFTER_FAULT).await;
                }
                Err(error) => break error.to_string(),
            }
        };
        tracing::error!(reason, "the history cannot be followed any further: nothing is signed until it can");
        self.progress.send_modify(|progress| progress.halted = Some(reason.clone()));
        Ok(reason)
    }

    async fn open_follower(&self) -> Result<Follower, FollowError> {
        let source = &self.source;
        let settings = FollowSettings {
            chain_id: source.chain_id,
            finality: source.finality,
            max_blocks: BLOCKS_AT_ONCE,
            plans: source.plans.hashes().collect(),
        };
        loop {
            let cursor = start_cursor(source.start_block);
            match Follower::open(source.view.clone(), settings.clone(), cursor).await {
                Ok(follower) => return Ok(follower),
                Err(error) if error.is_passing() => {
                    tracing::warn!(%error, "the contract cannot be read yet");
                    tokio::time::sleep(PAUSE_AFTER_FAULT).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Until it is time, or somebody waits for the next block.
    async fn rest(&self, time: Duration) {
        tokio::time::timeout(time, self.wake.notified()).await.ok();
    }

    fn apply(&self, range: &BlockRange) -> Result<(), EntitlementError> {
        let mut entitlements = self.entitlements.write().unwrap_or_else(PoisonError::into_inner);
        for event in &range.events {
            if let Fact::Entry { entry, .. } = &event.fact {
                let judged = entitlements.apply(entry)?;
                if let Some(reason) = judged.reason() {
                    tracing::warn!(seq = entry.seq, reason, "the plan did not take an entry as it was meant");
                }
            }
        }
        let (seq, head) = (entitlements.seq(), entitlements.head());
        drop(entitlements);
        self.progress.send_replace(Progress { block: range.to, seq, head, halted: None });
        Ok(())
    }
}
