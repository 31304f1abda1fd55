//! Users: new ones, and what changes of those that were there before the range.

use std::collections::BTreeMap;

use banyan_types::Address;

use crate::rows::{UserChange, UserRow};

/// The users that a range touches.
#[derive(Debug, Default)]
pub(super) struct People {
    new: BTreeMap<i64, UserRow>,
    changes: BTreeMap<i64, UserChange>,
}

/// A wallet that the contract registered.
pub(super) struct Newcomer {
    pub id: i64,
    pub wallet: Address,
    pub referrer: i64,
    pub participant: bool,
    pub seq: i64,
    pub at: i64,
}

impl People {
    /// A wallet registered; its sponsor has one more referral if the plan took it.
    pub fn register(&mut self, newcomer: Newcomer) {
        let Newcomer { id, wallet, referrer, participant, seq, at } = newcomer;
        if participant {
            self.change(referrer, at).referrals += 1;
        }
        let change = UserChange { id, referrals: 0, has_retopup: false, frozen: None, at };
        let row = UserRow { id, wallet, referrer, participant, seq, created_at: at, change };
        self.new.insert(id, row);
    }

    /// A participant made a retopup that the plan took.
    pub fn retopup(&mut self, user: i64, at: i64) {
        self.change(user, at).has_retopup = true;
    }

    /// The contract froze or unfroze an account.
    pub fn freeze(&mut self, user: i64, frozen: bool, at: i64) {
        self.change(user, at).frozen = Some(frozen);
    }

    /// New users, and changes of earlier ones; both by id.
    pub fn into_rows(self) -> (Vec<UserRow>, Vec<UserChange>) {
        (self.new.into_values().collect(), self.changes.into_values().collect())
    }

    fn change(&mut self, id: i64, at: i64) -> &mut UserChange {
        let change = match self.new.get_mut(&id) {
            Some(row) => &mut row.change,
            None => self.changes.entry(id).or_insert(UserChange {
                id,
                referrals: 0,
                has_retopup: false,
                frozen: None,
                at,
            }),
        };
        change.at = at;
        change
    }
}
