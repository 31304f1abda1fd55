//! What the books can be asked: balances, totals, the trial balance, entitlements.

use banyan_types::{Address, Amount};

use crate::{Account, AccountKind};

/// What a user has, by where it is. Amounts in wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserBalances {
    /// May be paid.
    pub payable: Amount,
    /// Held back for the next tickets of the user's seats.
    pub reserved: Amount,
    /// In an unfinished batch.
    pub in_batch: Amount,
    /// Owed by the contract.
    pub owed: Amount,
}

/// All accounts of each kind added up, the company apart. Amounts in wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// What the contract holds.
    pub funds: Amount,
    /// Payable to participants.
    pub payable: Amount,
    /// Payable to the company; the only balance that a plan may bring below 0.
    pub company: Amount,
    /// Held back for next tickets.
    pub reserved: Amount,
    /// In unfinished batches, the company's share included.
    pub in_batch: Amount,
    /// Owed by the contract, the company's share included.
    pub owed: Amount,
    /// Waiting for a person; negative if more left than was anybody's.
    pub suspense: Amount,
    /// Forced into the contract.
    pub excess: Amount,
}

impl Totals {
    /// What everybody has: all but the funds. In balanced books it equals the funds.
    ///
    /// `None` beyond the range of an amount.
    pub fn claims(&self) -> Option<Amount> {
        Amount::sum([
            self.payable,
            self.company,
            self.reserved,
            self.in_batch,
            self.owed,
            self.suspense,
            self.excess,
        ])
    }

    /// Funds equal what everybody has.
    pub fn balanced(&self) -> bool {
        self.claims() == Some(self.funds)
    }

    /// Adds one account's balance, or a sum over several of its kind; `None` beyond the range of an amount.
    pub(crate) fn add(&mut self, account: Account, amount: Amount) -> Option<()> {
        let field = match (account.kind, account.owner) {
            (AccountKind::Funds, _) => &mut self.funds,
            (AccountKind::Payable, 0) => &mut self.company,
            (AccountKind::Payable, _) => &mut self.payable,
            (AccountKind::Reserved, _) => &mut self.reserved,
            (AccountKind::InBatch, _) => &mut self.in_batch,
            (AccountKind::Owed, _) => &mut self.owed,
            (AccountKind::Suspense, _) => &mut self.suspense,
            (AccountKind::Excess, _) => &mut self.excess,
        };
        *field = field.checked_add(amount)?;
        Some(())
    }
}

/// An account whose balance is not what its postings add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imbalance {
    /// The account.
    pub account: Account,
    /// The balance that is kept.
    pub kept: Amount,
    /// What the postings say.
    pub posted: Amount,
}

/// Every account's balance beside the sum of its postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialBalance {
    /// The balances that are kept, added up.
    pub totals: Totals,
    /// How many accounts there are.
    pub accounts: u64,
    /// Those that differ.
    pub imbalances: Vec<Imbalance>,
}

impl TrialBalance {
    /// No account differs, and funds equal what everybody has.
    pub fn balanced(&self) -> bool {
        self.imbalances.is_empty() && self.totals.balanced()
    }
}

/// One kind of account in the proof of all balances. Amounts in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindProof {
    /// The kind.
    pub kind: AccountKind,
    /// How many accounts of it there are.
    pub accounts: u64,
    /// All postings that debit one of them.
    pub debits: Amount,
    /// All postings that credit one of them.
    pub credits: Amount,
    /// Their balances as they are kept, added up.
    pub kept: Amount,
}

impl KindProof {
    pub(crate) const fn empty(kind: AccountKind) -> KindProof {
        KindProof { kind, accounts: 0, debits: Amount::ZERO, credits: Amount::ZERO, kept: Amount::ZERO }
    }

    /// Adds one account; `None` beyond the range of an amount.
    pub(crate) fn add(&mut self, debits: Amount, credits: Amount, kept: Amount) -> Option<()> {
        self.accounts += 1;
        self.debits = self.debits.checked_add(debits)?;
        self.credits = self.credits.checked_add(credits)?;
        self.kept = self.kept.checked_add(kept)?;
        Some(())
    }
}

/// The proof of all balances: every account beside the sum of its postings, debits beside credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How many accounts there are, kept or posted to.
    pub accounts: u64,
    /// How many postings were added up.
    pub postings: u64,
    /// One line a kind, in the database's order.
    pub kinds: Vec<KindProof>,
    /// The balances as they are kept.
    pub totals: Totals,
    /// How many accounts differ from the sum of their postings.
    pub differing: u64,
    /// The first of them, by kind and owner.
    pub imbalances: Vec<Imbalance>,
}

impl Proof {
    /// All debits and all credits; `None` beyond the range of an amount.
    pub fn sides(&self) -> Option<(Amount, Amount)> {
        let debits = Amount::sum(self.kinds.iter().map(|kind| kind.debits))?;
        Some((debits, Amount::sum(self.kinds.iter().map(|kind| kind.credits))?))
    }

    /// No account differs, debits equal credits, and funds equal what everybody has.
    pub fn holds(&self) -> bool {
        let even = self.sides().is_some_and(|(debits, credits)| debits == credits);
        even && self.differing == 0 && self.totals.balanced()
    }
}

/// An account of which postings and projections say something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The account.
    pub account: Account,
    /// What its postings add up to.
    pub posted: Amount,
    /// What entries, payments and batches add up to.
    pub projected: Amount,
}

/// All that an account has earned up to a point of the history: one leaf of the entitlement tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// `users.id`, the leaf's index; 0 is the company.
    pub id: u64,
    /// The wallet; the zero address is the company.
    pub address: Address,
    /// In wei; 0 for who earned nothing.
    pub cumulative: Amount,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn funds_equal_all_other_accounts_in_balanced_books() {
        let mut totals = Totals::default();
        let amount = |units| Amount::from_units(units).unwrap();
        totals.add(Account::FUNDS, amount(10)).unwrap();
        assert!(!totals.balanced());
        for (account, units) in [
            (Account::payable(0), -3),
            (Account::payable(1), 4),
            (Account::in_batch(1), 2),
            (Account::owed(2), 1),
            (Account::SUSPENSE, 5),
            (Account::EXCESS, 1),
        ] {
            totals.add(account, amount(units)).unwrap();
        }
        assert!(totals.balanced());
        assert_eq!(totals.company, amount(-3));
    }
}
