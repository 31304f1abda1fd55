//! The state after an earlier entry: today's, less the credits that came later.

use std::collections::HashMap;

use banyan_engine::UserId;
use banyan_types::{Address, Amount, B256};

use crate::accounts::Accounts;
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
    later: HashMap<UserId, Amount>,
}

impl<'a> AsOf<'a> {
    pub(crate) fn new(seq: u64, mark: Mark, accounts: &'a Accounts) -> AsOf<'a> {
        let mut later: HashMap<UserId, Amount> = HashMap::new();
        for (user, amount) in &accounts.log()[mark.credits..] {
            let sum = later.entry(*user).or_default();
            *sum = sum.checked_add(*amount).expect("a part of what the account has earned in all");
        }
        AsOf { seq, mark, accounts, later }
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

    /// The Merkle tree over all accounts.
    pub fn tree(&self) -> Tree {
        Tree::new(self.accounts())
    }

    /// The Merkle root over all accounts, as a batch publishes it.
    pub fn root(&self) -> B256 {
        self.tree().root()
    }

    /// The Merkle proof of an account's entitlement; `None` if the account did not exist.
    pub fn proof(&self, account: Address) -> Option<Vec<B256>> {
        self.id(account).and_then(|id| self.tree().proof(id.0 as usize))
    }

    fn earned(&self, id: UserId) -> Amount {
        let later = self.later.get(&id).copied().unwrap_or_default();
        self.accounts.earned(id).checked_sub(later).expect("a part is not more than the whole")
    }
}
