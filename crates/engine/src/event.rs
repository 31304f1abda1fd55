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

/// An event that was applied, as a dense number in order of application.
///
/// Later events name it: a refund its purchase, and so on. Callers keep the ids that these numbers stand for; numbers
/// must grow from event to event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

impl EventId {
    /// What a reference to an event that does not exist is read as: no event has this number.
    pub const NONE: EventId = EventId(u32::MAX);
}

/// One event, with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number.
    pub id: EventId,
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
    /// A participant buys.
    Purchase {
        /// Who buys.
        user: UserId,
        /// What was paid.
        amount: Amount,
    },
    /// A purchase is given back.
    Refund {
        /// The purchase's event.
        purchase: EventId,
    },
    /// A participant stakes money.
    Stake {
        /// Whose money.
        user: UserId,
        /// The principal.
        amount: Amount,
    },
    /// A staked position is closed.
    Unstake {
        /// The position's event.
        stake: EventId,
    },
    /// The operators set a participant active or inactive.
    Status {
        /// Whom.
        user: UserId,
        /// What.
        active: bool,
    },
    /// A participant orders.
    Order {
        /// Who orders.
        user: UserId,
        /// The list price.
        amount: Amount,
    },
    /// An order was delivered.
    OrderCompleted {
        /// The order's event.
        order: EventId,
    },
    /// An order is given back.
    OrderRefunded {
        /// The order's event.
        order: EventId,
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
            EventBody::Retopup { user, amount }
            | EventBody::Purchase { user, amount }
            | EventBody::Stake { user, amount }
            | EventBody::Order { user, amount } => Some((user, amount)),
            EventBody::Place { amount, .. } | EventBody::Grant { amount, .. } => {
                Some((UserId::COMPANY, amount))
            }
            EventBody::Refund { .. }
            | EventBody::Unstake { .. }
            | EventBody::Status { .. }
            | EventBody::OrderCompleted { .. }
            | EventBody::OrderRefunded { .. }
            | EventBody::WindUp
            | EventBody::Tick => None,
        }
    }

    /// The type's name in the interchange format.
    pub const fn name(&self) -> &'static str {
        match self {
            EventBody::Registered { .. } => "registered",
            EventBody::Retopup { .. } => "retopup",
            EventBody::Place { .. } => "place",
            EventBody::Grant { .. } => "grant",
            EventBody::Purchase { .. } => "purchase",
            EventBody::Refund { .. } => "refund",
            EventBody::Stake { .. } => "stake",
            EventBody::Unstake { .. } => "unstake",
            EventBody::Status { .. } => "status",
            EventBody::Order { .. } => "order",
            EventBody::OrderCompleted { .. } => "order_completed",
            EventBody::OrderRefunded { .. } => "order_refunded",
            EventBody::WindUp => "wind_up",
            EventBody::Tick => "tick",
        }
    }
}
