//! What can happen to a programme.

use banyan_types::Amount;

/// A participant, as a dense number in order of first appearance; the company is 0.
///
/// The callers intern names or wallets; the engine keeps its state in vectors indexed by this number, so it must not
/// be sparse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u32);

impl UserId {
    /// The root above all participants.
    pub const COMPANY: UserId = UserId(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One event, with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Seconds since 1970; never less than that of the event before.
    pub at: i64,
    /// What happened.
    pub body: EventBody,
}

/// What an [`Event`] says. Numbers of level, tree and index are as they came, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventBody {
    /// Somebody joins under a sponsor.
    Registered {
        /// Who joins.
        user: UserId,
        /// Under whom; the company is possible.
        sponsor: UserId,
        /// What was paid, where the programme's registrations cost something.
        amount: Option<Amount>,
    },
    /// A participant pays for level income.
    Retopup {
        /// Who pays.
        user: UserId,
        /// What was paid.
        amount: Amount,
    },
    /// The operators seat a participant at a free index and bring the seat's price.
    Place {
        /// Who is seated.
        user: UserId,
        /// Level of the pool, 1-based.
        level: u64,
        /// Tree of the level, 1-based; only the newest takes seats.
        tree: u64,
        /// Index in the tree, 1-based, breadth-first.
        index: u64,
        /// What the operators bring.
        amount: Amount,
    },
    /// The operators give a participant what they bring.
    Grant {
        /// Who receives it.
        user: UserId,
        /// What the operators bring.
        amount: Amount,
    },
    /// The programme ends: reserves are released, nothing but time comes after.
    WindUp,
    /// Time passes.
    Tick,
}

impl EventBody {
    /// Who paid how much, if this event is a payment; `place` and `grant` are paid by the company.
    pub fn payment(&self) -> Option<(UserId, Amount)> {
        match *self {
            EventBody::Registered { user, amount, .. } => amount.map(|amount| (user, amount)),
            EventBody::Retopup { user, amount } => Some((user, amount)),
            EventBody::Place { amount, .. } | EventBody::Grant { amount, .. } => {
                Some((UserId::COMPANY, amount))
            }
            EventBody::WindUp | EventBody::Tick => None,
        }
    }
}
