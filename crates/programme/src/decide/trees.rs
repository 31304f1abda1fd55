//! Trees and seats that a range touches.

use std::collections::{BTreeMap, HashMap};

use banyan_engine::Seat as Taken;
use banyan_entitlement::Entitlements;
use banyan_ledger::Seat;
use banyan_types::Amount;
use banyan_types::history::Entry;

use super::rewards::place;
use super::signed;
use crate::ProgrammeError;
use crate::rows::{PoolRow, SeatEnd, SeatRow};

/// The trees and seats of a range, as far as it is decided.
#[derive(Debug, Default)]
pub(super) struct Trees {
    pools: BTreeMap<i64, PoolRow>,
    seats: Vec<SeatRow>,
    /// Where in `seats` a seat's row is.
    new: HashMap<i64, usize>,
    /// Ends of seats that were taken before the range.
    ends: BTreeMap<i64, SeatEnd>,
}

/// The rows of a whole range.
pub(super) struct TreeRows {
    pub pools: Vec<PoolRow>,
    pub seats: Vec<SeatRow>,
    pub ends: Vec<SeatEnd>,
}

impl Trees {
    /// A seat was taken.
    pub fn seat(&mut self, taken: &Taken, entry: &Entry) -> Result<(), ProgrammeError> {
        let seat = place(taken.seat)?;
        let (user, at) = (i64::from(taken.user.0), signed("time", entry.time)?);
        let pool = self.pool(seat, at)?;
        pool.seats += 1;
        pool.last_seat_at = at;
        if seat.index == 1 {
            pool.root = Some(user);
        }
        let row = SeatRow {
            id: signed("seat", seat.id())?,
            pool: signed("pool", seat.pool_id())?,
            index: i64::from(seat.index),
            user,
            seq: signed("seq", entry.seq)?,
            manual: taken.manual,
            price: taken.price,
            at,
            end: None,
        };
        self.new.insert(row.id, self.seats.len());
        self.seats.push(row);
        Ok(())
    }

    /// A seat's board filled; what became of its reserve is said apart, if there was any.
    pub fn complete(&mut self, seat: Seat, entry: &Entry) -> Result<(), ProgrammeError> {
        self.pool(seat, signed("time", entry.time)?)?.completions += 1;
        self.end_of(seat)?.completed_seq = Some(signed("seq", entry.seq)?);
        Ok(())
    }

    /// A seat's reserve became this.
    pub fn end(&mut self, seat: Seat, spent: Amount, released: Amount) -> Result<(), ProgrammeError> {
        let end = self.end_of(seat)?;
        (end.spent, end.released) = (spent, released);
        Ok(())
    }

    /// The rows, with each tree's next place as the engine has it after the range.
    pub fn into_rows(mut self, entitlements: &Entitlements) -> Result<TreeRows, ProgrammeError> {
        for pool in self.pools.values_mut() {
            close(pool, entitlements)?;
        }
        let (pools, ends) = (self.pools.into_values().collect(), self.ends.into_values().collect());
        Ok(TreeRows { pools, seats: self.seats, ends })
    }

    fn pool(&mut self, seat: Seat, at: i64) -> Result<&mut PoolRow, ProgrammeError> {
        let id = signed("pool", seat.pool_id())?;
        Ok(self.pools.entry(id).or_insert(PoolRow {
            id,
            level: i32::from(seat.level),
            tree: i32::from(seat.tree),
            root: None,
            seats: 0,
            completions: 0,
            next_index: 1,
            created_at: at,
            completed_at: None,
            last_seat_at: at,
        }))
    }

    fn end_of(&mut self, seat: Seat) -> Result<&mut SeatEnd, ProgrammeError> {
        let id = signed("seat", seat.id())?;
        let fresh = || SeatEnd { id, completed_seq: None, spent: Amount::ZERO, released: Amount::ZERO };
        Ok(match self.new.get(&id) {
            Some(row) => self.seats[*row].end.get_or_insert_with(fresh),
            None => self.ends.entry(id).or_insert_with(fresh),
        })
    }
}

/// The tree's next place; a tree that the engine does not offer any more is full, since its last seat.
fn close(pool: &mut PoolRow, entitlements: &Entitlements) -> Result<(), ProgrammeError> {
    let quote = entitlements.quote(pool.level.unsigned_abs());
    match quote.filter(|quote| quote.tree == pool.tree.unsigned_abs()) {
        Some(quote) => pool.next_index = signed("seat index", quote.index)?,
        None => {
            let capacity = entitlements.plan().and_then(|plan| plan.pool().capacity).unwrap_or_default();
            pool.next_index = signed("seat index", capacity)? + 1;
            pool.completed_at = Some(pool.last_seat_at);
        }
    }
    Ok(())
}
