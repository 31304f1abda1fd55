//! The driver: opens the programme, and takes each range through one database transaction.

use banyan_entitlement::Plans;
use banyan_ledger::store::{Pool, Sealing, seal};
use banyan_types::Address;
use banyan_types::history::{BlockRange, Cursor};

use crate::decide::{Holdings, decide};
use crate::memory::Memory;
use crate::rows::Rows;
use crate::{Alarm, ProgrammeError, store};

/// How often a range is written again that PostgreSQL undid, before the programme is closed and must be rebuilt.
const AGAIN: u32 = 3;

/// Which contract's programme this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The chain's id.
    pub chain_id: u64,
    /// The contract.
    pub contract: Address,
    /// A block at or before that of the contract's first event.
    pub start_block: u64,
}

/// A running programme: the memory that follows from the stored history, and the right to go on with it.
#[derive(Debug)]
pub struct Programme {
    pool: Pool,
    epoch: i64,
    memory: Memory,
    /// A range failed, or its future was dropped half way: the memory is not to be trusted.
    closed: bool,
    /// The sealing of the last range, while the next one is decided and written.
    sealing: Option<Sealing>,
    /// Why the range before the last could not be sealed: whoever goes on is told.
    unsealed: Option<ProgrammeError>,
}

/// What a range brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Entries of the history.
    pub entries: usize,
    /// Rewards.
    pub rewards: usize,
    /// Payments, amounts that became owed, and withdrawals.
    pub outflows: usize,
    /// What a person must hear of; each is logged too.
    pub alarms: Vec<Alarm>,
}

impl Programme {
    /// Takes over the programme of `deployment`: from now on no other process can write to it. Rebuilds the memory from
    /// the stored history and compares every head and judgement with what is stored. Seals what a process that died left
    /// unsealed.
    ///
    /// # Errors
    /// A database of another chain or contract, a plan that is not among `plans`, a history that was changed.
    pub async fn open(pool: Pool, plans: Plans, deployment: Deployment) -> Result<Programme, ProgrammeError> {
        store::check_tables(&pool).await?;
        let epoch = store::take_over(&pool, &deployment).await?;
        seal(&pool).await?;
        let memory = store::recover(&pool, Memory::new(plans, deployment.start_block), &deployment).await?;
        Ok(Programme { pool, epoch, memory, closed: false, sealing: None, unsealed: None })
    }

    /// Where the next range goes on: right after `block`.
    pub fn cursor(&self) -> &Cursor {
        &self.memory.cursor
    }

    /// Applies the next range of blocks in one database transaction. It is sealed beside what comes next; whoever must
    /// know waits for [`Programme::sealed`].
    ///
    /// # Errors
    /// A range that does not follow, events that contradict each other, a lost race, PostgreSQL's refusal, and that what
    /// was applied earlier could not be sealed. Nothing of the range is written then (unless the connection broke in the
    /// middle of the commit), and the programme is closed: open it anew. A deadlock or a serialization failure
    /// is no error before it came four times.
    pub async fn apply(&mut self, range: &BlockRange) -> Result<Applied, ProgrammeError> {
        if std::mem::replace(&mut self.closed, true) {
            return Err(ProgrammeError::Closed);
        }
        if let Some(error) = self.unsealed.take() {
            return Err(error);
        }
        let rows = self.write(range).await?;
        for alarm in &rows.alarms {
            tracing::error!(block = range.to, "{alarm}");
        }
        // The range stands, and who hears of it must not hear instead that an earlier one has no seal yet.
        self.unsealed = self.sealed().await.err();
        self.sealing = Some(Sealing::start(self.pool.clone()));
        self.closed = false;
        let (entries, rewards, outflows) = (rows.history.len(), rows.rewards.len(), rows.payouts.len());
        Ok(Applied { entries, rewards, outflows, alarms: rows.alarms })
    }

    /// Decides once, and writes what was decided. A transaction that PostgreSQL undid for another session's sake is written
    /// again, a few times at once; whatever else fails, and that in the end, closes the programme.
    async fn write(&mut self, range: &BlockRange) -> Result<Rows, ProgrammeError> {
        let from = self.memory.cursor.clone();
        let mut decided = None;
        let mut again = AGAIN;
        loop {
            match self.try_to_write(range, &from, &mut decided).await {
                Ok(()) => return decided.map(|(_, rows)| rows).ok_or(ProgrammeError::Closed),
                Err(ProgrammeError::Ledger(error)) if error.is_undone() && again > 0 => {
                    again -= 1;
                    tracing::warn!(%error, from = range.from, to = range.to, "the range is written again");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// One database transaction. What was decided in an earlier one is written only if it rests on the same balances.
    async fn try_to_write(
        &mut self,
        range: &BlockRange,
        from: &Cursor,
        decided: &mut Option<(Holdings, Rows)>,
    ) -> Result<(), ProgrammeError> {
        let mut work = store::begin(&self.pool).await?;
        store::move_cursor(&mut work, from, self.epoch, range).await?;
        let holdings = store::holdings(&mut work, &self.memory, range).await?;
        if decided.as_ref().is_some_and(|(earlier, _)| *earlier != holdings) {
            return Err(ProgrammeError::Closed);
        }
        let (_, rows) = match decided {
            Some(decided) => decided,
            None => {
                let rows = decide(&mut self.memory, range, holdings.clone())?;
                decided.insert((holdings, rows))
            }
        };
        store::write(&mut work, rows).await?;
        store::commit(work).await
    }

    /// Waits until everything that was applied is sealed.
    ///
    /// # Errors
    /// When PostgreSQL fails, or the journal lacks what waits for its seal.
    pub async fn sealed(&mut self) -> Result<(), ProgrammeError> {
        if let Some(sealing) = self.sealing.take() {
            sealing.end().await?;
        }
        self.unsealed.take().map_or(Ok(()), Err)
    }

    /// Writes down, for people, why the programme stands still; the next range that is applied clears it.
    ///
    /// # Errors
    /// When another process has taken over, or PostgreSQL fails.
    pub async fn halt(&self, reason: &str) -> Result<(), ProgrammeError> {
        store::halt(&self.pool, self.epoch, &self.memory.cursor, reason).await
    }
}
