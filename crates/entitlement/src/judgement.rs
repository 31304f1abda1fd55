//! What one entry of the history did.

use banyan_engine::{AdoptError, Record, Refusal, UserId};
use banyan_types::{Address, Amount, PlanHash};

use crate::DirectiveFault;

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The entry.
    pub seq: u64,
    /// Its block time, in seconds since 1970.
    pub time: u64,
    /// Whom the entry is about: who registered, paid, or is named by the directive, if she has a number.
    pub user: Option<UserId>,
    /// Whether the plan took it.
    pub outcome: Outcome,
    /// What it did, in order; a reward's ordinal is its place among those effects that are rewards.
    pub effects: Vec<Effect>,
}

/// Whether the plan took an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It came into effect.
    Applied,
    /// A payment that the plan refuses: it went back to its payer as `REFUSED`. Raise an alarm.
    Refused(RefusedReason),
    /// It changed nothing but that its value, if any, is the company's. Raise an alarm.
    Recorded(RecordedReason),
}

/// Why a payment went back to its payer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedReason {
    /// The plan says no.
    #[error(transparent)]
    Plan(Refusal),
    /// The payment was made under a plan that the engine does not judge by.
    #[error("expected a payment under the plan {judging} that judges now, got one under {came}")]
    OtherPlan {
        /// The plan that the engine judges by.
        judging: PlanHash,
        /// The plan that the payment names.
        came: PlanHash,
    },
    /// A directive names a wallet that never registered.
    #[error("expected a registered wallet as the directive's user, got {0}")]
    Stranger(Address),
}

/// Why a directive had no effect but on the company.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordedReason {
    /// The directive cannot be read.
    #[error(transparent)]
    Unreadable(DirectiveFault),
    /// The new plan does not fit the participants' seats: the old one goes on judging.
    #[error("the plan {hash} cannot come into force: {reason}")]
    PlanDoesNotFit {
        /// The new plan.
        hash: PlanHash,
        /// Why.
        reason: AdoptError,
    },
    /// The plan refuses a directive that is no payment.
    #[error(transparent)]
    Refused(Refusal),
    /// `PLAN` and `WIND_UP` bring no money; this one did.
    #[error("expected a directive without value, got one with {0} wei")]
    UnexpectedValue(Amount),
}

/// One effect of an entry, with the credit that follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What happened.
    pub cause: Cause,
    /// Who is entitled to more because of it.
    pub credit: Option<Credit>,
}

/// What an [`Effect`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The engine's record.
    Record(Record),
    /// The value of a directive without effect, which is the company's.
    Directive {
        /// The value.
        amount: Amount,
    },
}

/// An account's entitlement grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Whose.
    pub user: UserId,
    /// By how much; always above 0.
    pub amount: Amount,
    /// What the account has earned in all with this credit.
    pub cumulative: Amount,
}

impl Judgement {
    /// The engine's records among the effects, in order.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.effects.iter().filter_map(|effect| match &effect.cause {
            Cause::Record(record) => Some(record),
            Cause::Directive { .. } => None,
        })
    }

    /// The credits, in order.
    pub fn credits(&self) -> impl Iterator<Item = &Credit> {
        self.effects.iter().filter_map(|effect| effect.credit.as_ref())
    }

    /// Why the entry did not come into effect as its sender meant it; `None` if it did.
    pub fn reason(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Applied => None,
            Outcome::Refused(reason) => Some(reason.to_string()),
            Outcome::Recorded(reason) => Some(reason.to_string()),
        }
    }
}
