//! The tree of all entitlements, kept from one question to the next: whoever asks about a point of the history moves it
//! there, which costs what was credited in between and not what there is.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use banyan_engine::UserId;

use crate::accounts::Accounts;
use crate::as_of::AsOf;
use crate::merkle::{Tree, leaf};

/// Built at the first question; nobody who never asks pays for it.
#[derive(Debug, Default)]
pub(crate) struct KeptTree(Mutex<Option<Kept>>);

/// The tree, and the point of the history at which it stands.
#[derive(Clone, Debug)]
struct Kept {
    tree: Tree,
    /// Credits that its leaves know.
    credits: usize,
}

impl Clone for KeptTree {
    fn clone(&self) -> KeptTree {
        let kept = self.0.lock().map(|kept| kept.clone()).unwrap_or_default();
        KeptTree(Mutex::new(kept))
    }
}

impl KeptTree {
    /// Asks the tree as it was at `then`.
    pub(crate) fn ask<R>(&self, then: &AsOf<'_>, question: impl FnOnce(&Tree) -> R) -> R {
        // A tree that was being moved when somebody panicked is built anew.
        let mut place = self.0.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            let mut place = poisoned.into_inner();
            *place = None;
            self.0.clear_poison();
            place
        });
        let credits = then.credits();
        let kept = place.get_or_insert_with(|| Kept { tree: Tree::new(then.accounts()), credits });
        kept.move_to(then);
        question(&kept.tree)
    }
}

impl Kept {
    fn move_to(&mut self, then: &AsOf<'_>) {
        let (accounts, target) = (then.len(), then.credits());
        let newcomers =
            (self.tree.leaves()..accounts).filter_map(|index| u32::try_from(index).ok().map(UserId));
        let credited = credited(then.all_accounts(), self.credits, target);
        let moved: BTreeSet<UserId> =
            credited.chain(newcomers).filter(|id| (id.0 as usize) < accounts).collect();
        if moved.is_empty() && accounts == self.tree.leaves() {
            return;
        }
        let changes = moved.into_iter().filter_map(|id| {
            let account = then.all_accounts().address(id)?;
            Some((id.0 as usize, leaf(account, then.earned(id))))
        });
        self.tree.update(accounts, changes);
        self.credits = target;
    }
}

/// Whom the credits between two points concern, whichever is the earlier.
fn credited(accounts: &Accounts, here: usize, there: usize) -> impl Iterator<Item = UserId> + '_ {
    accounts.log()[here.min(there)..here.max(there)].iter().map(|(user, _)| *user)
}
