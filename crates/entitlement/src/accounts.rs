//! The wallets in order of registration, and what each has earned.

use std::collections::HashMap;

use banyan_engine::UserId;
use banyan_types::{Address, Amount, COMPANY};

use crate::judgement::Credit;

/// One account a number: the company 0, the i-th registered wallet i. Nothing depends on the map's order.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    ids: HashMap<Address, UserId>,
    addresses: Vec<Address>,
    earned: Vec<Amount>,
    /// Every credit since the genesis, in order.
    log: Vec<(UserId, Amount)>,
}

impl Accounts {
    /// The company alone.
    pub(crate) fn new() -> Accounts {
        Accounts {
            ids: HashMap::from([(COMPANY, UserId::COMPANY)]),
            addresses: vec![COMPANY],
            earned: vec![Amount::ZERO],
            log: Vec::new(),
        }
    }

    /// How many there are, the company included.
    pub(crate) fn len(&self) -> usize {
        self.addresses.len()
    }

    pub(crate) fn id(&self, address: Address) -> Option<UserId> {
        self.ids.get(&address).copied()
    }

    pub(crate) fn address(&self, id: UserId) -> Option<Address> {
        self.addresses.get(id.0 as usize).copied()
    }

    pub(crate) fn earned(&self, id: UserId) -> Amount {
        self.earned.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The number that the next newcomer gets; `None` when there are no more.
    pub(crate) fn next_id(&self) -> Option<UserId> {
        u32::try_from(self.len()).ok().map(UserId)
    }

    /// Adds a newcomer under [`Accounts::next_id`].
    pub(crate) fn add(&mut self, address: Address, id: UserId) {
        self.ids.insert(address, id);
        self.addresses.push(address);
        self.earned.push(Amount::ZERO);
    }

    /// All credits since the genesis, in order.
    pub(crate) fn log(&self) -> &[(UserId, Amount)] {
        &self.log
    }

    /// Credits an account.
    pub(crate) fn credit(&mut self, user: UserId, amount: Amount) -> Credit {
        assert!(amount.is_positive(), "an entitlement never goes down, and a credit of nothing is none");
        let earned = &mut self.earned[user.0 as usize];
        *earned = earned.checked_add(amount).expect("all entitlements are bounded by what came in");
        self.log.push((user, amount));
        Credit { user, amount, cumulative: *earned }
    }
}
