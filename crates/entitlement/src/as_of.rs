//! The state after an earlier entry: today's, less the credits that came later.

use std::collections::HashMap;

use banyan_engine::UserId;
use banyan_types::{Address, Amount, B256};

use crate::accounts::Accounts;
use crate::kept_tree::KeptTree;
use crate::merkle::Tree;

/// Where the history stood after one entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) head: B256,
    /// Accounts there were, the company included.
    pub(crate) accounts: usize,
    /// Credits there had been.
    pub(crate) credits: usize,
}

/// What every account had earned after entry `seq`.
#[derive(Clone, Debug)]
pub struct AsOf<'a> {
    seq: u64,
    mark: Mark,
    accounts: &'a Accounts,
    kept: &'a KeptTree,
    later: HashMap<UserId, Amount>,
}

impl<'a> AsOf<'a> {
    pub(crate) fn new(seq: u64, mark: Mark, accounts: &'a Accounts, kept: &'a KeptTree) -> AsOf<'a> {
        let mut later: HashMap<UserId, Amount> = HashMap::new();
        for (user, amount) in &accounts.log()[mark.credits..] {
            let sum = later.entry(*user).or_default();
            *sum = sum.checked_add(*amount).expect("a part of what the account has earned in all");
        }
        AsOf { seq, mark, accounts, kept, later }
    }

    /// The entry.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The head after it.
    pub fn head(&self) -> B256 {
        self.mark.head
    }

    /// The number of an account that existed by then; the company's is 0.
    pub fn id(&self, account: Address) -> Option<UserId> {
        self.accounts.id(account).filter(|id| (id.0 as usize) < self.mark.accounts)
    }

    /// What an account had earned in all; nothing if it did not exist.
    pub fn cumulative(&self, account: Address) -> Amount {
        self.id(account).map_or(Amount::ZERO, |id| self.earned(id))
    }

    /// All accounts and what they had earned, in order of their leaves: the company first.
    pub fn accounts(&self) -> impl Iterator<Item = (Address, Amount)> + '_ {
        let ids = (0u32..).map(UserId).take(self.mark.accounts);
        ids.filter_map(|id| self.accounts.address(id).map(|address| (address, self.earned(id))))
    }

    /// How many accounts there were, the company included.
    pub(crate) fn len(&self) -> usize {
        self.mark.accounts
    }

    /// How many credits there had been.
    pub(crate) fn credits(&self) -> usize {
        self.mark.credits
    }

    /// The accounts of today, by number.
    pub(crate) fn all_accounts(&self) -> &Accounts {
        self.accounts
    }

    /// The Merkle root over all accounts, as a batch publishes it. The tree is kept: the next question costs only what
    /// was credited between the two points.
    pub fn root(&self) -> B256 {
        self.kept.ask(self, Tree::root)
    }

    /// The Merkle proof of an account's entitlement; `None` if the account did not exist.
    pub fn proof(&self, account: Address) -> Option<Vec<B256>> {
        let id = self.id(account)?;
        self.kept.ask(self, |tree| tree.proof(id.0 as usize))
    }

    pub(crate) fn earned(&self, id: UserId) -> Amount {
        let later = self.later.get(&id).copied().unwrap_or_default();
        self.accounts.earned(id).checked_sub(later).expect("a part is not more than the whole")
    }
}
