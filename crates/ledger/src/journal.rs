//! Transactions of the journal as values, and what makes two of them the same.
//!
//! A transaction is identified by its cause. Booked again with the same content it is the same transaction; with another
//! content it is an error, and [`Transaction::difference`] says in which field.

use std::fmt;

use banyan_types::{Amount, B256, keccak256};

use crate::{Account, AccountKind, LedgerError};

/// What kind of thing caused a transaction; with a number it is a [`Cause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseKind {
    /// An entry of the contract's history.
    Entry,
    /// Money that left the contract, or became owed.
    Outflow,
    /// A payout batch took payable amounts.
    BatchBuilt,
    /// A payout batch gave back what it did not pay.
    BatchClosed,
    /// A reconciliation booked forced ether.
    Excess,
}

impl CauseKind {
    /// Every kind, in the database's order.
    pub const ALL: [CauseKind; 5] = [
        CauseKind::Entry,
        CauseKind::Outflow,
        CauseKind::BatchBuilt,
        CauseKind::BatchClosed,
        CauseKind::Excess,
    ];

    /// The kind's name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            CauseKind::Entry => "entry",
            CauseKind::Outflow => "outflow",
            CauseKind::BatchBuilt => "batch_built",
            CauseKind::BatchClosed => "batch_closed",
            CauseKind::Excess => "excess",
        }
    }

    /// Whether a posting of this kind may go from where to where it goes; the database's `legs_fit_the_cause`.
    pub fn allows(self, posting: &Posting) -> bool {
        use AccountKind::{Excess, Funds, InBatch, Owed, Payable, Reserved, Suspense};
        let same_owner = posting.debit.owner == posting.credit.owner;
        let legs = (posting.debit.kind, posting.credit.kind);
        match self {
            CauseKind::Entry => {
                matches!(legs, (Funds | Reserved, Payable | Reserved)) && posting.debit != posting.credit
            }
            CauseKind::Outflow => {
                matches!(legs, (InBatch | Payable | Owed | Suspense, Funds) | (Suspense, Owed))
                    || (matches!(legs, (InBatch | Payable, Owed)) && same_owner)
            }
            CauseKind::BatchBuilt => legs == (Payable, InBatch) && same_owner,
            CauseKind::BatchClosed => legs == (InBatch, Payable) && same_owner,
            CauseKind::Excess => legs == (Funds, Excess),
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<CauseKind> {
        CauseKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why a transaction was booked; no two transactions have the same cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// What kind of thing it was.
    pub kind: CauseKind,
    /// Its number: a seq, an out number, a batch's number, or a block's.
    pub reference: u64,
}

impl Cause {
    /// The entry `seq` of the history.
    pub const fn entry(seq: u64) -> Cause {
        Cause { kind: CauseKind::Entry, reference: seq }
    }

    /// The outflow `out`.
    pub const fn outflow(out: u64) -> Cause {
        Cause { kind: CauseKind::Outflow, reference: out }
    }

    /// The payout batch `number` was built.
    pub const fn batch_built(number: u64) -> Cause {
        Cause { kind: CauseKind::BatchBuilt, reference: number }
    }

    /// The payout batch `number` was closed.
    pub const fn batch_closed(number: u64) -> Cause {
        Cause { kind: CauseKind::BatchClosed, reference: number }
    }

    /// A reconciliation at `block` found forced ether.
    pub const fn excess(block: u64) -> Cause {
        Cause { kind: CauseKind::Excess, reference: block }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.reference)
    }
}

/// One amount from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where it is taken from, unless this is the funds, which a debit raises.
    pub debit: Account,
    /// Where it goes to.
    pub credit: Account,
    /// How much, in wei; above 0.
    pub amount: Amount,
}

/// Postings of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Why.
    pub cause: Cause,
    /// When, in seconds since 1970 of block time.
    pub at: u64,
    /// The block that the books stood at: the event's, or the cursor's for an operator's action.
    pub block: u64,
    /// At least one; their order is part of the content.
    pub postings: Vec<Posting>,
}

impl Transaction {
    /// Whether the database would take it: at least one posting, each of an amount above 0 between two accounts.
    ///
    /// # Errors
    /// [`LedgerError::Unbookable`] with the cause and the reason.
    pub fn check(&self) -> Result<(), LedgerError> {
        let refuse = |reason: String| Err(LedgerError::Unbookable { cause: self.cause, reason });
        if self.postings.is_empty() {
            return refuse("expected at least one posting, got none: book nothing instead".to_owned());
        }
        for (i, posting) in self.postings.iter().enumerate() {
            if !posting.amount.is_positive() {
                return refuse(format!("expected an amount above 0 in posting {i}, got {}", posting.amount));
            }
            if posting.debit == posting.credit {
                return refuse(format!("expected two accounts in posting {i}, got {} twice", posting.debit));
            }
        }
        Ok(())
    }

    /// The hash of all that it says, kept beside it in the journal.
    pub fn content_hash(&self) -> B256 {
        let mut bytes = Vec::with_capacity(64 + self.postings.len() * 48);
        bytes.push(self.cause.kind as u8);
        for number in [self.cause.reference, self.at, self.block, self.postings.len() as u64] {
            bytes.extend(number.to_be_bytes());
        }
        for posting in &self.postings {
            for account in [posting.debit, posting.credit] {
                bytes.push(account.kind as u8);
                bytes.extend(account.owner.to_be_bytes());
            }
            bytes.extend(posting.amount.units().to_be_bytes());
        }
        keccak256(bytes)
    }

    /// The first field in which `other` says something else, with both values; `None` if they are the same.
    pub fn difference(&self, other: &Transaction) -> Option<Difference> {
        let scalars = [
            ("cause", self.cause.to_string(), other.cause.to_string()),
            ("at", self.at.to_string(), other.at.to_string()),
            ("block", self.block.to_string(), other.block.to_string()),
        ];
        let postings = self.postings.iter().zip(&other.postings).enumerate().flat_map(|(i, (a, b))| {
            [
                (format!("postings[{i}].debit"), a.debit.to_string(), b.debit.to_string()),
                (format!("postings[{i}].credit"), a.credit.to_string(), b.credit.to_string()),
                (format!("postings[{i}].amount"), a.amount.to_string(), b.amount.to_string()),
            ]
        });
        let count = ("postings.length", self.postings.len().to_string(), other.postings.len().to_string());
        scalars
            .into_iter()
            .chain([count])
            .map(|(field, a, b)| (field.to_owned(), a, b))
            .chain(postings)
            .find(|(_, a, b)| a != b)
            .map(|(field, booked, given)| Difference { field, booked, given })
    }
}

/// Where two transactions of the same cause differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, such as `postings[2].amount`.
    pub field: String,
    /// What the first says.
    pub booked: String,
    /// What the other says.
    pub given: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction() -> Transaction {
        let posting = Posting {
            debit: Account::FUNDS,
            credit: Account::payable(1),
            amount: Amount::from_units(5).unwrap(),
        };
        let other = Posting { credit: Account::payable(2), ..posting };
        Transaction { cause: Cause::entry(1), at: 7, block: 9, postings: vec![posting, other] }
    }

    /// Every way to change one field, and the field's name.
    fn changed() -> Vec<(&'static str, Transaction)> {
        let change = |field, edit: fn(&mut Transaction)| {
            let mut changed = transaction();
            edit(&mut changed);
            (field, changed)
        };
        vec![
            change("cause", |t| t.cause = Cause::entry(2)),
            change("cause", |t| t.cause = Cause::outflow(1)),
            change("at", |t| t.at = 8),
            change("block", |t| t.block = 8),
            change("postings.length", |t| t.postings.truncate(1)),
            change("postings[0].debit", |t| t.postings[0].debit = Account::SUSPENSE),
            change("postings[1].credit", |t| t.postings[1].credit = Account::payable(3)),
            change("postings[1].amount", |t| t.postings[1].amount = Amount::from_units(6).unwrap()),
        ]
    }

    #[test]
    fn each_field_changes_the_hash_and_is_named_as_the_difference() {
        let base = transaction();
        assert_eq!(base.difference(&base.clone()), None);
        for (field, changed) in changed() {
            assert_ne!(base.content_hash(), changed.content_hash(), "{field}");
            assert_eq!(base.difference(&changed).unwrap().field, field);
        }
    }

    #[test]
    fn what_the_database_would_refuse_is_refused_before() {
        let mut empty = transaction();
        empty.postings.clear();
        assert!(empty.check().unwrap_err().to_string().contains("at least one posting"));
        let mut zero = transaction();
        zero.postings[1].amount = Amount::ZERO;
        assert!(zero.check().unwrap_err().to_string().contains("above 0 in posting 1, got 0"));
        let mut round = transaction();
        round.postings[0].credit = Account::FUNDS;
        assert!(round.check().unwrap_err().to_string().contains("got funds/0 twice"));
    }
}
