//! What the machine has forgotten and an explanation may want to name: by which event somebody's fact came about.
//!
//! The machine keeps what decides, such as that there was a retopup; which event it was decides nothing. Whoever wants
//! explanations lets a chronicle see every event and its records before.

use std::collections::BTreeMap;

use crate::{Event, EventBody, EventId, RankId, Record, SeatRef, UserId};

/// Events by what they brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronicle {
    first_retopups: BTreeMap<UserId, EventId>,
    /// The last decision about somebody.
    statuses: BTreeMap<UserId, EventId>,
    ranks: BTreeMap<(UserId, RankId), EventId>,
    seats: BTreeMap<SeatRef, EventId>,
    /// The event with which a purchase vested.
    vested: BTreeMap<EventId, EventId>,
    /// The event that gave a purchase back.
    refunds: BTreeMap<EventId, EventId>,
}

impl Chronicle {
    /// Nothing has happened yet.
    pub fn new() -> Chronicle {
        Chronicle::default()
    }

    /// Notes an event that the plan took (`applied`) or returned, and what it did.
    pub fn note(&mut self, event: &Event, applied: bool, records: &[Record]) {
        if applied {
            self.note_event(event);
        }
        for record in records {
            match record {
                Record::Seat(seat) => {
                    self.seats.insert(seat.seat, event.id);
                }
                Record::Rank { user, rank } => {
                    self.ranks.insert((*user, *rank), event.id);
                }
                Record::Vested { purchase } => {
                    self.vested.insert(*purchase, event.id);
                }
                Record::Reward(_) | Record::Completed(_) | Record::Reserve(_) | Record::Order(_) => {}
            }
        }
    }

    fn note_event(&mut self, event: &Event) {
        match event.body {
            EventBody::Retopup { user, .. } => {
                self.first_retopups.entry(user).or_insert(event.id);
            }
            EventBody::Status { user, .. } => {
                self.statuses.insert(user, event.id);
            }
            EventBody::Refund { purchase } => {
                self.refunds.insert(purchase, event.id);
            }
            EventBody::Registered { .. }
            | EventBody::Place { .. }
            | EventBody::Grant { .. }
            | EventBody::Purchase { .. }
            | EventBody::Stake { .. }
            | EventBody::Unstake { .. }
            | EventBody::Order { .. }
            | EventBody::OrderCompleted { .. }
            | EventBody::OrderRefunded { .. }
            | EventBody::WindUp
            | EventBody::Tick => {}
        }
    }

    pub(crate) fn first_retopup(&self, user: UserId) -> Option<EventId> {
        self.first_retopups.get(&user).copied()
    }

    pub(crate) fn status(&self, user: UserId) -> Option<EventId> {
        self.statuses.get(&user).copied()
    }

    pub(crate) fn rank(&self, user: UserId, rank: RankId) -> Option<EventId> {
        self.ranks.get(&(user, rank)).copied()
    }

    pub(crate) fn seat(&self, seat: SeatRef) -> Option<EventId> {
        self.seats.get(&seat).copied()
    }

    pub(crate) fn vested(&self, purchase: EventId) -> Option<EventId> {
        self.vested.get(&purchase).copied()
    }

    pub(crate) fn refund(&self, purchase: EventId) -> Option<EventId> {
        self.refunds.get(&purchase).copied()
    }
}
