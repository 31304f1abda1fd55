//! From a range of blocks to all its rows, without a database: events in order, each to its part.
//!
//! The memory moves on while a range is decided, so after an error it is of no use any more.

mod entries;
mod outflows;
mod people;
mod rewards;
mod telling;
#[cfg(test)]
mod tests;
mod trees;

use std::collections::BTreeMap;

use banyan_types::Amount;
use banyan_types::history::{BlockRange, ChainEvent, Fact};

use crate::ProgrammeError;
use crate::memory::Memory;
use crate::rows::{EventRow, RootRow, Rows};
pub(crate) use entries::outcome_name;
use outflows::Outflows;
use people::People;
use trees::Trees;

/// What an account that money goes out of has: read under the books' lock, by `users.id`.
pub(crate) type Holdings = BTreeMap<u64, Holding>;

/// What one account has where a payment can take it from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    pub in_batch: Amount,
    pub payable: Amount,
    pub owed: Amount,
}

/// Everything that `range` writes. `holdings` has each account that a payment of the range names and that had an id
/// before it.
pub(crate) fn decide(
    memory: &mut Memory,
    range: &BlockRange,
    holdings: Holdings,
) -> Result<Rows, ProgrammeError> {
    check_place(memory, range)?;
    let mut deciding = Deciding {
        memory,
        rows: Rows::default(),
        people: People::default(),
        trees: Trees::default(),
        outflows: Outflows::new(holdings),
    };
    for event in &range.events {
        deciding.event(event)?;
    }
    let cursor = &mut deciding.memory.cursor;
    (cursor.block, cursor.block_hash) = (range.to, range.to_hash);
    deciding.finish()
}

/// The range follows the cursor; the first one may begin later, for there is nothing before the contract.
fn check_place(memory: &Memory, range: &BlockRange) -> Result<(), ProgrammeError> {
    let expected = memory.cursor.block + 1;
    let begun = !memory.cursor.block_hash.is_zero();
    let follows = if begun { range.from == expected } else { range.from + 1 >= expected };
    if follows && range.from <= range.to {
        return Ok(());
    }
    Err(ProgrammeError::Range { expected, from: range.from, to: range.to })
}

/// A range half decided.
struct Deciding<'a> {
    memory: &'a mut Memory,
    rows: Rows,
    people: People,
    trees: Trees,
    outflows: Outflows,
}

impl Deciding<'_> {
    fn event(&mut self, event: &ChainEvent) -> Result<(), ProgrammeError> {
        self.rows.events.push(raw(event)?);
        match &event.fact {
            Fact::Entry { entry, head } => self.entry(event, entry, *head),
            Fact::Outflow(outflow) => {
                self.outflow(event, outflow)?;
                self.tell_outflow(event, outflow)
            }
            Fact::Frozen { account, frozen } => {
                // Somebody who never registered may be frozen too; there is nobody to mark.
                if let Some(user) = self.memory.id(*account) {
                    self.people.freeze(signed("user", user)?, *frozen, seconds(event)?);
                    self.tell_freeze(event, user, *account, *frozen)?;
                }
                Ok(())
            }
            Fact::RootPublished { seq, root } => {
                self.tell_root(event, Some((*seq, *root)))?;
                let (block, log_index) = place(event)?;
                let (seq, at) = (signed("seq", *seq)?, seconds(event)?);
                self.rows.roots.push(RootRow { block, log_index, seq, root: *root, at, voided: false });
                Ok(())
            }
            Fact::RootVoided => {
                self.rows.earlier_roots_voided = true;
                self.rows.roots.iter_mut().for_each(|root| root.voided = true);
                self.tell_root(event, None)
            }
            Fact::Other { topic: _ } => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Rows, ProgrammeError> {
        (self.rows.users, self.rows.user_changes) = self.people.into_rows();
        let trees = self.trees.into_rows(&self.memory.entitlements)?;
        (self.rows.pools, self.rows.seats, self.rows.seat_ends) = (trees.pools, trees.seats, trees.ends);
        let (transactions, settlements, withdrawals) = self.outflows.into_rows();
        self.rows.journal.extend(transactions);
        (self.rows.settlements, self.rows.withdrawals) = (settlements, withdrawals);
        Ok(self.rows)
    }
}

fn raw(event: &ChainEvent) -> Result<EventRow, ProgrammeError> {
    let (block, log_index) = place(event)?;
    Ok(EventRow {
        block,
        log_index,
        block_hash: event.block_hash,
        at: seconds(event)?,
        tx_hash: event.tx_hash,
        topics: event.topics.clone(),
        data: event.data.to_vec(),
    })
}

/// Block and log index as the database's numbers.
fn place(event: &ChainEvent) -> Result<(i64, i64), ProgrammeError> {
    Ok((signed("block", event.block)?, signed("log index", event.log_index)?))
}

fn seconds(event: &ChainEvent) -> Result<i64, ProgrammeError> {
    signed("time", event.block_time)
}

/// A number of ours as the database's `bigint`.
fn signed(what: &'static str, number: u64) -> Result<i64, ProgrammeError> {
    i64::try_from(number).map_err(|_| ProgrammeError::Beyond { what, number })
}
