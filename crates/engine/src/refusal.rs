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
    /// The sum of all money that came in would reach 10^38.
    #[error("the sum of all payments would reach 10^38 smallest units, which no amount holds")]
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
