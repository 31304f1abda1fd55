//! Proofs against the root that stands on the contract. The tree under that root is hashed once and kept; when another
//! root is published only the leaves that changed are hashed again. One tree is kept, that of the root asked for last.

use std::sync::Arc;

use banyan_entitlement::merkle::{Tree, leaf};
use banyan_ledger::Entitlement;
use banyan_ledger::store::{self as ledger, Connection};
use banyan_types::{Amount, B256};
use tokio::sync::Mutex;

use crate::problem::{Answer, Problem};
use crate::store::intake;

/// What the contract's `claim` wants to see of an account, against the root that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProof {
    /// The root's point of the history.
    pub seq: i64,
    /// The standing root.
    pub root: B256,
    /// All that the account had earned by then.
    pub cumulative: Amount,
    /// The siblings from its leaf to the root.
    pub siblings: Vec<B256>,
}

/// What is known of the standing root about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proven {
    /// No root stands.
    NoRoot,
    /// The account registered after the point that the root is over, which is this one.
    Later(i64),
    /// Its proof.
    Proof(AccountProof),
}

/// The tree under the root that was asked for last. Others wait while it is built, and then find it.
#[derive(Default)]
pub struct Proofs {
    kept: Mutex<Option<Arc<Standing>>>,
}

/// The leaves under one root.
struct Standing {
    seq: i64,
    root: B256,
    /// What each account had earned, the company first.
    earned: Vec<Amount>,
    tree: Tree,
}

impl Proofs {
    /// The proof of the account with that number (the company's is 0) against the root that stands by the books.
    ///
    /// # Errors
    /// PostgreSQL fails, or the books do not give the root that the contract has.
    pub async fn of(&self, connection: &mut Connection, id: i64) -> Answer<Proven> {
        let Some((seq, root)) = intake::standing_root(connection).await? else { return Ok(Proven::NoRoot) };
        let standing = self.standing(connection, seq, root).await?;
        let index = usize::try_from(id).map_err(Problem::internal)?;
        let known = standing.earned.get(index).copied().zip(standing.tree.proof(index));
        Ok(known.map_or(Proven::Later(seq), |(cumulative, siblings)| {
            Proven::Proof(AccountProof { seq, root, cumulative, siblings })
        }))
    }

    async fn standing(&self, connection: &mut Connection, seq: i64, root: B256) -> Answer<Arc<Standing>> {
        let mut kept = self.kept.lock().await;
        if let Some(standing) = kept.as_ref().filter(|standing| (standing.seq, standing.root) == (seq, root))
        {
            return Ok(standing.clone());
        }
        let at = u64::try_from(seq).map_err(Problem::internal)?;
        let leaves = ledger::entitlements_at(connection, at).await?;
        let before = kept.clone();
        let (earned, tree) = tokio::task::spawn_blocking(move || grown(before.as_deref(), &leaves))
            .await
            .map_err(Problem::internal)?;
        if tree.root() != root {
            let found = tree.root();
            return Err(Problem::internal(format!(
                "the books give the root {found} at seq {seq}, the contract has {root}: reconcile"
            )));
        }
        Ok(kept.insert(Arc::new(Standing { seq, root, earned, tree })).clone())
    }
}

/// The tree over `leaves`, made of the one before: leaves never change their account, only what it has earned.
fn grown(before: Option<&Standing>, leaves: &[Entitlement]) -> (Vec<Amount>, Tree) {
    let mut tree = before.map_or_else(|| Tree::new([]), |before| before.tree.clone());
    let was = |index: usize| before.and_then(|before| before.earned.get(index).copied());
    let others = leaves.iter().enumerate().filter(|(index, one)| was(*index) != Some(one.cumulative));
    tree.update(leaves.len(), others.map(|(index, one)| (index, leaf(one.address, one.cumulative))));
    (leaves.iter().map(|one| one.cumulative).collect(), tree)
}

#[cfg(test)]
mod tests {
    use banyan_types::Address;

    use super::*;

    fn leaves(amounts: &[i128]) -> Vec<Entitlement> {
        let one = |(id, units): (usize, &i128)| Entitlement {
            id: id as u64,
            address: Address::repeat_byte(u8::try_from(id).unwrap()),
            cumulative: Amount::from_units(*units).unwrap(),
        };
        amounts.iter().enumerate().map(one).collect()
    }

    #[test]
    fn a_tree_made_of_the_one_before_is_the_one_built_anew() {
        let mut before: Option<Standing> = None;
        for amounts in [&[0, 5][..], &[1, 5, 0, 0, 9], &[1, 6, 0, 2, 9, 0, 0, 0, 7], &[1, 6], &[]] {
            let (earned, tree) = grown(before.as_ref(), &leaves(amounts));
            let anew = Tree::new(leaves(amounts).iter().map(|one| (one.address, one.cumulative)));
            assert_eq!(tree, anew, "{amounts:?}");
            before = Some(Standing { seq: 0, root: tree.root(), earned, tree });
        }
    }
}
