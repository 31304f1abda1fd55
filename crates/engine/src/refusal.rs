//! Why an event or a change of plan is refused.

use banyan_types::Amount;

/// Why the plan refuses an event. A refused event changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Events come in order of time.
    #[error(
        "expected a time not before the last event's ({last} s after 1970), got {came} s: sort the events by time"
    )]
    TimeWentBack {
        /// Time of the last event.
        last: i64,
        /// Time of this one.
        came: i64,
    },
    /// The plan knows no such event.
    #[error("expected an event that the plan knows: it has no section for `{event}`")]
    NotInPlan {
        /// The type of the event.
        event: &'static str,
    },
    /// The programme has ended.
    #[error("the programme was wound up: only `tick` may follow")]
    WoundUp,
    /// The company takes part in nothing.
    #[error("expected a participant as `user`, got the company: it is the root sponsor only")]
    CompanyAsUser,
    /// A second registration.
    #[error("expected a user who has not registered yet: this one has")]
    AlreadyRegistered,
    /// Nobody refers herself.
    #[error("expected another participant or the company as `sponsor`, got the user's own name")]
    OwnSponsor,
    /// The sponsor has not registered.
    #[error("expected a registered participant or the company as `sponsor`: this sponsor has not registered")]
    UnknownSponsor,
    /// The user has not registered.
    #[error("expected a registered participant as `user`: this one has not registered")]
    UnknownUser,
    /// The plan's registration costs something.
    #[error("expected the plan's entry of {expected} smallest units as `amount`, got none")]
    MissingAmount {
        /// The entry.
        expected: Amount,
    },
    /// The plan's registration is free.
    #[error("expected no `amount`, because registration is free under this plan, got {came}")]
    UnexpectedAmount {
        /// What came.
        came: Amount,
    },
    /// No such purchase.
    #[error("expected the id of an earlier purchase as `purchase`: no purchase has this one")]
    UnknownPurchase,
    /// A purchase is given back once.
    #[error("expected a purchase that was not refunded yet: this one was")]
    AlreadyRefunded,
    /// The purchase has vested.
    #[error("expected a purchase less than {days} days old, because older ones cannot be refunded")]
    TooLateToRefund {
        /// The plan's days.
        days: u32,
    },
    /// No such position.
    #[error("expected the id of an earlier stake as `stake`: no stake has this one")]
    UnknownStake,
    /// A position is closed once.
    #[error("expected a position that is open: this one was closed")]
    StakeClosed,
    /// No such order.
    #[error("expected the id of an earlier order as `order`: no order has this one")]
    UnknownOrder,
    /// An order is completed or refunded once.
    #[error("expected an open order: this one was {how}")]
    OrderClosed {
        /// `completed` or `refunded`.
        how: &'static str,
    },
    /// The payment is not what the plan asks.
    #[error("expected exactly {expected} smallest units as `amount`, got {came}")]
    WrongAmount {
        /// What the plan asks.
        expected: Amount,
        /// What came.
        came: Amount,
    },
    /// A payment of nothing, or less.
    #[error("expected an `amount` above 0, got {came}")]
    NoAmount {
        /// What came.
        came: Amount,
    },
    /// The pool has no such level.
    #[error("expected a `level` from 1 to {levels}, got {came}")]
    NoSuchLevel {
        /// Levels of the plan.
        levels: u32,
        /// What came.
        came: u64,
    },
    /// Seats are placed in the level's newest tree only.
    #[error("expected the number of the level's newest tree, {newest}, as `tree`, got {came}")]
    NotNewestTree {
        /// The newest tree's number; 1 while the level is empty.
        newest: u32,
        /// What came.
        came: u64,
    },
    /// The index lies outside the tree.
    #[error("expected an `index` from 1 to {limit}, got {came}")]
    IndexOutside {
        /// The plan's capacity, or 2^63 − 1 if there is none.
        limit: u64,
        /// What came.
        came: u64,
    },
    /// Somebody sits there.
    #[error("expected a free `index`: seat {index} is taken")]
    SeatTaken {
        /// The index.
        index: u64,
    },
    /// Seats grow from the root.
    #[error("expected an `index` whose parent is seated: seat {parent} is free")]
    ParentFree {
        /// Index of the parent.
        parent: u64,
    },
    /// All money that came in and all that was promised on top of it would reach 10^38.
    #[error("the sum of all payments and promises would reach 10^38 smallest units, which no amount holds")]
    Overflow,
}

/// Why a plan cannot take over from another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// What gives the trees their shape cannot change under seated participants.
    #[error("expected `{key}` to stay {before} because participants are seated, got {after}: restore it")]
    Shape {
        /// The key in the plan file.
        key: &'static str,
        /// Its value in the plan in force.
        before: String,
        /// Its value in the new plan.
        after: String,
    },
    /// Promises under the keys of this section still stand.
    #[error(
        "expected the section [{section}] to stay as it is because what happened under it is not over: restore it"
    )]
    Standing {
        /// The section in the plan file.
        section: &'static str,
    },
    /// Amounts cannot change their currency.
    #[error("expected the currency to stay {before}, got {after}")]
    Currency {
        /// Symbol and decimals of the plan in force.
        before: String,
        /// Symbol and decimals of the new plan.
        after: String,
    },
    /// The programme has ended.
    #[error("the programme was wound up: no plan comes into force any more")]
    WoundUp,
}
