//! Replay: the raw logs derived anew into an empty schema, and what came of them compared row by row with the live tables.
//!
//! The empty schema is the temporary one of a single connection: a table of the same name for each of the programme's,
//! found before the live ones, so that the programme's own statements fill it, no right on the live tables is needed,
//! and a process that dies leaves nothing. Everything is derived from the genesis on, for a state needs all that came
//! before it; compared is what came from the blocks that were asked for, with accounts and trees as they are now.
//!
//! What payout batches took and gave back, and forced ether that was booked, is no chain's doing: these journal
//! transactions are copied at the blocks where the books have them, and a reward that a batch holds counts as payable.

mod derive;
mod error;
mod logs;
mod tables;

use banyan_chain::ContractView;
use banyan_entitlement::Plans;
use banyan_ledger::store::Pool;
use banyan_programme::Deployment;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::store::replay::{self as store, Session};
use derive::{Derivation, End};
pub use error::ReplayError;
pub(crate) use tables::{Numbers, TABLES, Table};

/// Differences that are kept of one replay; their number says how many there were.
pub const KEPT_DIFFERENCES: usize = 1_000;

/// A closed range of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// First block.
    pub from: u64,
    /// Last block.
    pub to: u64,
}

/// A row that is not what follows from the logs, one column of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowDifference {
    /// The table.
    pub table: String,
    /// The row's key in words of its columns.
    pub key: String,
    /// The column; `None`: the row is not there, or should not be.
    pub column: Option<String>,
    /// What follows from the logs, as PostgreSQL writes it.
    pub expected: String,
    /// What the live table has.
    pub found: String,
}

/// What was compared of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Rows of the range that follow from the logs.
    pub derived: i64,
    /// Rows of the range that the live table has.
    pub found: i64,
    /// Rows that differ, are missing, or should not be.
    pub differing: i64,
}

/// The result of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: Uuid,
    /// What was asked for.
    pub blocks: Blocks,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it was done.
    pub finished_at: OffsetDateTime,
    /// Logs that were derived, from the genesis on.
    pub events: u64,
    /// The last block that was derived.
    pub read_to: u64,
    /// Where the books stood when they were compared.
    pub block: u64,
    /// The last entry of the history that was derived; −1: none.
    pub seq: i64,
    /// Each table, in the order of the comparison; none if the logs could not be derived to their end.
    pub tables: Vec<TableCount>,
    /// What differs: the first thousand.
    pub differences: Vec<RowDifference>,
    /// How many rows differ.
    pub differing: i64,
    /// Why the logs of the range could not be compared with the node's; `None`: they were.
    pub node_silent: Option<String>,
}

/// Replays the logs of one contract, one replay at a time in one database.
#[derive(Clone, Debug)]
pub struct Replayer {
    pool: Pool,
    view: ContractView,
    deployment: Deployment,
    plans: Plans,
}

/// A replay that has begun: it holds the right to replay until it is dropped.
#[derive(Debug)]
pub struct Running {
    /// Its id.
    pub id: Uuid,
    blocks: Blocks,
    started_at: OffsetDateTime,
    replayer: Replayer,
    session: Session,
}

impl Replayer {
    /// Replays the programme of `deployment` in the database of `pool`; `view` is asked for the logs of the range.
    pub fn new(pool: Pool, view: ContractView, deployment: Deployment, plans: Plans) -> Replayer {
        Replayer { pool, view, deployment, plans }
    }

    /// Checks the range, takes the right to replay, and notes the run.
    ///
    /// # Errors
    /// [`ReplayError::Range`], [`ReplayError::Beyond`], [`ReplayError::Empty`], [`ReplayError::Running`], or the database's.
    pub async fn start(&self, blocks: Blocks, requested_by: &str) -> Result<Running, ReplayError> {
        let Blocks { from, to } = blocks;
        if from > to {
            return Err(ReplayError::Range { from, to });
        }
        let last = store::books_stand_at(&self.pool).await?.ok_or(ReplayError::Empty)?;
        if to > last {
            return Err(ReplayError::Beyond { to, last });
        }
        let session = Session::open(&self.pool).await?.ok_or(ReplayError::Running)?;
        let (id, started_at) = (Uuid::now_v7(), OffsetDateTime::now_utc());
        store::begin(&self.pool, id, blocks, requested_by, started_at).await?;
        Ok(Running { id, blocks, started_at, replayer: self.clone(), session })
    }
}

impl Running {
    /// Derives, compares, and stores the result.
    ///
    /// # Errors
    /// The database's, or a log that the programme cannot take though it is proven; the run is noted as failed.
    pub async fn finish(self) -> Result<Replay, ReplayError> {
        let (id, pool) = (self.id, &self.replayer.pool);
        let result = self.derive_and_compare().await;
        match &result {
            Ok(replay) => store::finish(pool, replay).await?,
            Err(error) => store::fail(pool, id, &error.to_string()).await?,
        }
        report(id, &result);
        // Only now: who asks meanwhile sees a run under way, and not one that was interrupted.
        self.session.close().await;
        result
    }

    async fn derive_and_compare(&self) -> Result<Replay, ReplayError> {
        let Running { id, blocks, started_at, replayer, session } = self;
        let (id, blocks) = (*id, *blocks);
        let mut derivation = Derivation::open(replayer, session, blocks).await?;
        // Where the last comparison found more to derive; the same again is what no deriving takes away.
        let mut before = None;
        let mut replay = loop {
            match derivation.go_on(&replayer.pool, id).await? {
                End::Reached => {}
                End::Broken(difference) => break stopped(difference, blocks),
            }
            let here = (derivation.read_to(), derivation.copied());
            let settled = before.replace(here) == Some(here);
            if let Some(compared) = store::compare(session, blocks, here, settled).await? {
                break compared;
            }
        };
        (replay.id, replay.started_at, replay.finished_at) = (id, *started_at, OffsetDateTime::now_utc());
        (replay.events, replay.read_to) = (derivation.events(), derivation.read_to());
        replay.seq = derivation.seq();
        replay.block = replay.block.max(replay.read_to);
        replay.node_silent = derivation.node_silent();
        Ok(replay)
    }
}

/// The logs cannot be derived beyond the one that is named: nothing else is compared.
fn stopped(difference: RowDifference, blocks: Blocks) -> Replay {
    Replay { differences: vec![difference], differing: 1, ..Replay::empty(blocks) }
}

impl Replay {
    /// A replay of which nothing is known yet.
    pub(crate) fn empty(blocks: Blocks) -> Replay {
        Replay {
            id: Uuid::nil(),
            blocks,
            started_at: OffsetDateTime::UNIX_EPOCH,
            finished_at: OffsetDateTime::UNIX_EPOCH,
            events: 0,
            read_to: 0,
            block: 0,
            seq: -1,
            tables: Vec::new(),
            differences: Vec::new(),
            differing: 0,
            node_silent: None,
        }
    }

    /// Nothing differs.
    pub fn clean(&self) -> bool {
        self.differing == 0
    }
}

fn report(id: Uuid, result: &Result<Replay, ReplayError>) {
    match result {
        Ok(replay) if replay.clean() => {
            tracing::info!(%id, events = replay.events, "the live rows are what the logs give");
        }
        Ok(replay) => {
            let first = replay.differences.first();
            let (table, key) = (first.map(|it| it.table.as_str()), first.map(|it| it.key.as_str()));
            tracing::error!(%id, differing = replay.differing, table, key, "rows are not what the logs give");
        }
        Err(error) => tracing::error!(%id, %error, "the replay failed"),
    }
}
