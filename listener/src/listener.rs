//! The loop: bring a range, apply it, do what [`next`] says.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use banyan_chain::follower::FollowSettings;
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, FollowError, Follower, Node};
use banyan_programme::{Programme, ProgrammeError};
use banyan_types::history::BlockRange;
use banyan_types::{Address, PlanHash};

use crate::next::{self, Next, Seen};
use crate::{ListenError, Metrics, Settings, Status};

/// Which contract is followed, and by which node.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The node.
    pub node: Node,
    /// The chain's id.
    pub chain_id: u64,
    /// The contract.
    pub contract: Address,
    /// Which blocks are final.
    pub finality: Finality,
    /// Hashes of the plan files at hand.
    pub plans: Vec<PlanHash>,
}

/// The listener of one contract.
#[derive(Clone, Debug)]
pub struct Listener {
    deployment: Deployment,
    settings: Settings,
    metrics: Metrics,
}

/// Programme and follower at the same block.
struct Session {
    programme: Programme,
    follower: Follower,
    /// The follower's faults that are counted already.
    counted: BTreeMap<&'static str, u64>,
}

/// How a session ended.
enum End {
    /// It was told to.
    Told,
    /// Programme and follower must be opened anew after a while.
    Reopen(Duration),
}

impl Listener {
    /// A listener that tells `metrics` how it goes.
    pub fn new(deployment: Deployment, settings: Settings, metrics: Metrics) -> Listener {
        Listener { deployment, settings, metrics }
    }

    /// Follows the contract until `until` is over; a range under way is applied to its end first. `open` opens the
    /// programme, at the start and after every failed range.
    ///
    /// # Errors
    /// At the start: configuration, node, contract and database do not belong together. Later: another process has
    /// taken over. When it refuses to step over something it stands still until `until` is over, and then says so.
    pub async fn run<O, F>(self, open: O, until: impl Future<Output = ()>) -> Result<(), ListenError>
    where
        O: Fn() -> F,
        F: Future<Output = Result<Programme, ProgrammeError>>,
    {
        tokio::pin!(until);
        let mut failures = 0;
        loop {
            let opened = tokio::select! {
                biased;
                () = until.as_mut() => return Ok(()),
                opened = self.open(&open) => opened,
            };
            let pause = match opened {
                Ok(mut session) => match self.follow(&mut session, &mut failures, until.as_mut()).await? {
                    End::Told => {
                        end_sealed(&mut session.programme).await;
                        return Ok(());
                    }
                    End::Reopen(pause) => pause,
                },
                Err(error) if error.is_passing() => {
                    tracing::error!(%error, "the listener cannot begin; it tries again");
                    failures += 1;
                    next::pause(failures, self.settings.poll())
                }
                Err(error) => return Err(error),
            };
            if over(until.as_mut(), pause).await {
                return Ok(());
            }
        }
    }

    async fn open<O, F>(&self, open: &O) -> Result<Session, ListenError>
    where
        O: Fn() -> F,
        F: Future<Output = Result<Programme, ProgrammeError>>,
    {
        self.metrics.enters(Status::Opening);
        let programme = open().await?;
        let deployment = &self.deployment;
        let view = ContractView::new(deployment.node.clone(), deployment.contract);
        let settings = FollowSettings {
            chain_id: deployment.chain_id,
            finality: deployment.finality,
            max_blocks: self.settings.max_blocks_per_request.get(),
            plans: deployment.plans.clone(),
        };
        let follower = Follower::open(view, settings, programme.cursor().clone()).await?;
        let (block, seq) = (programme.cursor().block, programme.cursor().seq);
        tracing::info!(contract = %deployment.contract, node = deployment.node.host(), block, seq, "following");
        Ok(Session { programme, follower, counted: BTreeMap::new() })
    }

    async fn follow(
        &self,
        session: &mut Session,
        failures: &mut u32,
        mut until: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<End, ListenError> {
        self.metrics.enters(Status::Following);
        loop {
            let brought = tokio::select! {
                biased;
                () = until.as_mut() => return Ok(End::Told),
                brought = session.follower.next(self.settings.events_per_transaction.get()) => brought,
            };
            let seen = self.apply(session, brought).await;
            *failures = if seen.is_failure() { failures.saturating_add(1) } else { 0 };
            match next::next(seen, *failures, self.settings.poll()) {
                Next::Go => {}
                Next::Wait(pause) => {
                    if over(until.as_mut(), pause).await {
                        return Ok(End::Told);
                    }
                }
                Next::Reopen(pause) => return Ok(End::Reopen(pause)),
                Next::Halt(reason) => {
                    self.halt(&session.programme, &reason).await;
                    until.await;
                    return Err(ListenError::Halted(reason));
                }
                Next::Leave(error) => return Err(error.into()),
            }
        }
    }

    /// Applies what the follower brought, and tells the metrics.
    async fn apply(&self, session: &mut Session, brought: Result<Option<BlockRange>, FollowError>) -> Seen {
        self.metrics.faults(&mut session.counted, session.follower.faults());
        let seen = match brought {
            Err(error) => Seen::NotFollowed(error),
            Ok(None) => Seen::Nothing,
            Ok(Some(range)) => match session.programme.apply(&range).await {
                Err(error) => Seen::NotApplied(error),
                Ok(applied) => {
                    tracing::debug!(from = range.from, to = range.to, entries = applied.entries, "applied");
                    self.metrics.applied(&applied);
                    Seen::Applied
                }
            },
        };
        if let Some(trouble) = seen.trouble() {
            self.metrics.failed();
            tracing::warn!(%trouble, "a range is not applied");
        }
        let finalized = session.follower.finalized().map(|block| block.number);
        self.metrics.stands(session.programme.cursor(), finalized);
        seen
    }

    /// The alarm: in the log, in the metrics, and in the database for the API and the operators.
    async fn halt(&self, programme: &Programme, reason: &str) {
        tracing::error!(reason, "the listener stands still: a person must look, then start it again");
        self.metrics.enters(Status::Halted);
        if let Err(error) = programme.halt(reason).await {
            tracing::error!(%error, "the reason could not be written to the database");
        }
    }
}

/// The end of the work in hand is the last range's seal; what cannot be sealed now is the next listener's first work.
async fn end_sealed(programme: &mut Programme) {
    if let Err(error) = programme.sealed().await {
        tracing::error!(%error, "the last range could not be sealed");
    }
}

/// Waits for that long; `true` if the end came first.
async fn over(until: Pin<&mut impl Future<Output = ()>>, pause: Duration) -> bool {
    tokio::select! {
        biased;
        () = until => true,
        () = tokio::time::sleep(pause) => false,
    }
}
