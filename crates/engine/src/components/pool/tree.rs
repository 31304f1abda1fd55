//! One binary tree of the pool, filled breadth-first, with seats that operators placed ahead of the queue.
//!
//! Seat `i` has the parent `i >> 1`. Every seat before the first free index lies in a vector; seats placed beyond it
//! wait in an ordered map, however far out they are, until the queue reaches them.

use std::collections::BTreeMap;

use banyan_types::Amount;

use crate::UserId;

/// What a tree knows of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seated {
    pub(super) owner: UserId,
    /// Seats taken in the last layer of this seat's board. A parent is seated before its children, so the board is
    /// full when its last layer is.
    pub(super) outer: u32,
    /// What the board has put by.
    pub(super) reserve: Amount,
}

/// A tree: indexes from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tree {
    /// Seats 1 … n, without a gap.
    filled: Vec<Seated>,
    /// Placed seats beyond n + 1.
    ahead: BTreeMap<u64, Seated>,
}

impl Tree {
    /// The lowest free index.
    pub(super) fn next_free(&self) -> u64 {
        self.filled.len() as u64 + 1
    }

    pub(super) fn get(&self, index: u64) -> Option<&Seated> {
        if index < self.next_free() { self.filled.get(slot(index)?) } else { self.ahead.get(&index) }
    }

    pub(super) fn get_mut(&mut self, index: u64) -> Option<&mut Seated> {
        if index < self.next_free() { self.filled.get_mut(slot(index)?) } else { self.ahead.get_mut(&index) }
    }

    /// Seats `owner` at a free index.
    pub(super) fn seat(&mut self, index: u64, owner: UserId) {
        let seated = Seated { owner, outer: 0, reserve: Amount::ZERO };
        if index != self.next_free() {
            let before = self.ahead.insert(index, seated);
            assert!(before.is_none(), "a seat is taken once");
            return;
        }
        self.filled.push(seated);
        while !self.ahead.is_empty() {
            match self.ahead.remove(&self.next_free()) {
                Some(placed) => self.filled.push(placed),
                None => break,
            }
        }
    }

    /// All seats in order of index.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Seated)> {
        (1..).zip(&self.filled).chain(self.ahead.iter().map(|(index, seated)| (*index, seated)))
    }

    /// All seats in order of index.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u64, &mut Seated)> {
        (1..).zip(&mut self.filled).chain(self.ahead.iter_mut().map(|(index, seated)| (*index, seated)))
    }
}

fn slot(index: u64) -> Option<usize> {
    usize::try_from(index.checked_sub(1)?).ok()
}
