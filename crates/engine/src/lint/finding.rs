//! What the lint says: one finding for each fault, in a form that people and machines read.

use banyan_types::Amount;
use serde::Serialize;
use serde_json::Value;

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The plan cannot do what it says.
    Error,
    /// The plan does what it says, and that may hurt.
    Warning,
}

/// Which fault it is. The names are stable; `docs/lint.md` has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The file is no plan.
    Unreadable,
    /// Shares of one payment exceed it.
    SharesAboveWhole,
    /// An amount is no multiple of the smallest unit, or a share of a plan's own amount is less than one.
    BelowSmallestUnit,
    /// No path leads to a level.
    LevelUnfunded,
    /// A higher rank's differential share is lower.
    ShareFallsWithRank,
    /// The change is refused while the programme runs.
    ChangeRefused,
    /// A full board's reserve never pays the next ticket.
    ReserveTooSmall,
    /// Too much of what is promised to sponsors finds none.
    Breakage,
    /// A tree is paid more than it pays.
    PayoutAboveIncome,
    /// Interest is owed that no payment funds.
    InterestUnfunded,
    /// One smallest unit makes active.
    UnitBuysActivity,
    /// One smallest unit opens a position.
    UnitBuysPosition,
    /// Chains of sponsors cost nothing and are walked to their end.
    FreeDepth,
    /// What everybody is promised leaves the range of amounts before many have joined.
    PromisesBeyondRange,
}

impl Code {
    /// Every code, errors first.
    pub const ALL: [Code; 14] = [
        Code::Unreadable,
        Code::SharesAboveWhole,
        Code::BelowSmallestUnit,
        Code::LevelUnfunded,
        Code::ShareFallsWithRank,
        Code::ChangeRefused,
        Code::ReserveTooSmall,
        Code::Breakage,
        Code::PayoutAboveIncome,
        Code::InterestUnfunded,
        Code::UnitBuysActivity,
        Code::UnitBuysPosition,
        Code::FreeDepth,
        Code::PromisesBeyondRange,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Code::Unreadable => "unreadable",
            Code::SharesAboveWhole => "shares-above-whole",
            Code::BelowSmallestUnit => "below-smallest-unit",
            Code::LevelUnfunded => "level-unfunded",
            Code::ShareFallsWithRank => "share-falls-with-rank",
            Code::ChangeRefused => "change-refused",
            Code::ReserveTooSmall => "reserve-too-small",
            Code::Breakage => "breakage",
            Code::PayoutAboveIncome => "payout-above-income",
            Code::InterestUnfunded => "interest-unfunded",
            Code::UnitBuysActivity => "unit-buys-activity",
            Code::UnitBuysPosition => "unit-buys-position",
            Code::FreeDepth => "free-depth",
            Code::PromisesBeyondRange => "promises-beyond-range",
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Code::Unreadable
            | Code::SharesAboveWhole
            | Code::BelowSmallestUnit
            | Code::LevelUnfunded
            | Code::ShareFallsWithRank
            | Code::ChangeRefused => Severity::Error,
            Code::ReserveTooSmall
            | Code::Breakage
            | Code::PayoutAboveIncome
            | Code::InterestUnfunded
            | Code::UnitBuysActivity
            | Code::UnitBuysPosition
            | Code::FreeDepth
            | Code::PromisesBeyondRange => Severity::Warning,
        }
    }
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// The key in the file, such as `pool.reserve_last` or `infinity.shares[1].share`; places in lists count from 0.
    pub key: String,
    /// Line of that key in the file, 1-based.
    pub line: Option<usize>,
    /// What is wrong, with the numbers in words.
    pub says: String,
    /// The numbers by name.
    pub numbers: Vec<Number>,
    /// What an owner can do about it.
    pub mend: String,
    /// The change of the file that makes this finding go away, if one is known.
    pub edits: Vec<Edit>,
    /// The tree that shows it.
    pub example: Option<Example>,
}

/// A number behind a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Number {
    /// What it is.
    pub name: &'static str,
    /// As the file would write it: amounts in the currency, shares as percentages.
    pub value: String,
}

/// A change of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The key, or a whole section.
    pub key: String,
    /// Its new value as TOML; without one the key is taken away.
    pub to: Option<String>,
}

/// Participants and payments that show what a plan can do; the figures are the engine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Who takes part, sponsors first.
    pub members: Vec<Member>,
    /// What kind of payment [`Member::pays`] is: a type of event.
    pub payment: &'static str,
    /// What came in and is nobody's deposit, in smallest units.
    pub income: Amount,
    /// What participants have earned by it, in smallest units.
    pub payout: Amount,
    /// What that was, by kind of reward.
    pub rewards: Vec<Paid>,
    /// The whole story in the interchange format, for `banyan simulate`.
    pub events: Vec<Value>,
}

/// What participants have earned of one kind in an [`Example`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// Name of the kind, such as `UNILEVEL`.
    pub kind: &'static str,
    /// How much, in smallest units.
    pub amount: Amount,
}

/// A participant of an [`Example`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Her name.
    pub user: String,
    /// Her sponsor's.
    pub sponsor: String,
    /// What she pays besides an entry, in smallest units.
    pub pays: Amount,
}

impl Finding {
    /// A finding about a key, so far without numbers, edits and example.
    pub(crate) fn new(code: Code, key: impl Into<String>, says: impl Into<String>) -> Finding {
        Finding {
            code,
            severity: code.severity(),
            key: key.into(),
            line: None,
            says: says.into(),
            numbers: Vec::new(),
            mend: String::new(),
            edits: Vec::new(),
            example: None,
        }
    }

    pub(crate) fn number(mut self, name: &'static str, value: impl ToString) -> Finding {
        self.numbers.push(Number { name, value: value.to_string() });
        self
    }

    pub(crate) fn mend(mut self, how: impl Into<String>) -> Finding {
        self.mend = how.into();
        self
    }

    pub(crate) fn set(mut self, key: impl Into<String>, to: impl ToString) -> Finding {
        self.edits.push(Edit { key: key.into(), to: Some(to.to_string()) });
        self
    }

    pub(crate) fn remove(mut self, key: impl Into<String>) -> Finding {
        self.edits.push(Edit { key: key.into(), to: None });
        self
    }

    pub(crate) fn example(mut self, example: Option<Example>) -> Finding {
        self.example = example;
        self
    }
}
