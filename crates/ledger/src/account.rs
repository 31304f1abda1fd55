//! Accounts: where money can be. The kinds are those of the database's `account_kind`.

use std::fmt;

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// What the contract holds; the only asset, so a debit raises it.
    Funds,
    /// Credited to a participant, not yet in a batch or paid; owner: the user.
    Payable,
    /// Held back for a seat's next ticket; owner: the seat.
    Reserved,
    /// In a payout batch that is not finished; owner: the user.
    InBatch,
    /// What the contract could not deliver and owes; owner: the user.
    Owed,
    /// What could not be applied and waits for a person.
    Suspense,
    /// Forced into the contract by nobody's decision.
    Excess,
}

impl AccountKind {
    /// Every kind, in the database's order.
    pub const ALL: [AccountKind; 7] = [
        AccountKind::Funds,
        AccountKind::Payable,
        AccountKind::Reserved,
        AccountKind::InBatch,
        AccountKind::Owed,
        AccountKind::Suspense,
        AccountKind::Excess,
    ];

    /// The kind's name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            AccountKind::Funds => "funds",
            AccountKind::Payable => "payable",
            AccountKind::Reserved => "reserved",
            AccountKind::InBatch => "in_batch",
            AccountKind::Owed => "owed",
            AccountKind::Suspense => "suspense",
            AccountKind::Excess => "excess",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<AccountKind> {
        AccountKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One account: a kind and its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// What kind of account it is.
    pub kind: AccountKind,
    /// `users.id`, `seats.id`, or 0 where nobody owns it.
    pub owner: u64,
}

impl Account {
    /// What the contract holds.
    pub const FUNDS: Account = Account { kind: AccountKind::Funds, owner: 0 };
    /// What could not be applied.
    pub const SUSPENSE: Account = Account { kind: AccountKind::Suspense, owner: 0 };
    /// What was forced in.
    pub const EXCESS: Account = Account { kind: AccountKind::Excess, owner: 0 };

    /// What a user may be paid; 0 is the company.
    pub const fn payable(user: u64) -> Account {
        Account { kind: AccountKind::Payable, owner: user }
    }

    /// What is held back for a seat's next ticket.
    pub const fn reserved(seat: Seat) -> Account {
        Account { kind: AccountKind::Reserved, owner: seat.id() }
    }

    /// What of a user's is in an unfinished batch.
    pub const fn in_batch(user: u64) -> Account {
        Account { kind: AccountKind::InBatch, owner: user }
    }

    /// What the contract owes a user.
    pub const fn owed(user: u64) -> Account {
        Account { kind: AccountKind::Owed, owner: user }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.owner)
    }
}

/// A place in the pool, and its ids in the database: they follow from the place, so they are the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat {
    /// Level, 1 to 1023.
    pub level: u16,
    /// Tree of the level, 1 to 1023.
    pub tree: u16,
    /// Index in the tree, 1-based, breadth-first.
    pub index: u32,
}

impl Seat {
    /// `pools.id` of its tree: level · 1024 + tree.
    pub const fn pool_id(self) -> u64 {
        self.level as u64 * 1024 + self.tree as u64
    }

    /// `seats.id`: the pool's id · 2³² + index.
    pub const fn id(self) -> u64 {
        (self.pool_id() << 32) + self.index as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds_belong_together() {
        for kind in AccountKind::ALL {
            assert_eq!(AccountKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(AccountKind::from_name("cash"), None);
    }

    #[test]
    fn a_seats_id_is_its_place() {
        let seat = Seat { level: 2, tree: 3, index: 7 };
        assert_eq!(seat.pool_id(), 2051);
        assert_eq!(seat.id(), 2051 * 4_294_967_296 + 7);
    }
}
