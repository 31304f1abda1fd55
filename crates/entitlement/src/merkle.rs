//! The tree of all entitlements, hashed as the contract verifies it with OpenZeppelin's `MerkleProof`.
//!
//! Leaf 0 is the company, leaf i the i-th registered wallet. A leaf is hashed twice, so that no inner node can pass
//! for one; a pair is hashed smaller first; hashes of zero fill the row up to a power of two.

use alloy_primitives::{Address, B256, U256, keccak256};
use banyan_types::Amount;

/// The hash of one account's leaf: `keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))))`.
pub fn leaf(account: Address, cumulative: Amount) -> B256 {
    let mut words = [0u8; 64];
    words[12..32].copy_from_slice(account.as_slice());
    let amount = U256::from(cumulative.units().unsigned_abs());
    words[32..].copy_from_slice(&amount.to_be_bytes::<32>());
    keccak256(keccak256(words))
}

/// The root over all accounts, the company first; zero over none.
pub fn root(accounts: &[(Address, Amount)]) -> B256 {
    Tree::new(accounts.iter().copied()).root()
}

/// The proof of the account at `index`; `None` beyond the last.
pub fn proof(accounts: &[(Address, Amount)], index: usize) -> Option<Vec<B256>> {
    Tree::new(accounts.iter().copied()).proof(index)
}

/// Whether `proof` leads from `leaf` to `root`, as the contract computes it.
pub fn verify(root: B256, leaf: B256, proof: &[B256]) -> bool {
    proof.iter().fold(leaf, |node, sibling| pair(node, *sibling)) == root
}

/// All rows of a tree, for many proofs of one root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The leaves first; each row without the padding that only zeros feed.
    rows: Vec<Vec<B256>>,
    /// What a node is, in each row, above which there are only zero leaves.
    empty: Vec<B256>,
}

impl Tree {
    /// Hashes all accounts, the company first.
    pub fn new(accounts: impl IntoIterator<Item = (Address, Amount)>) -> Tree {
        let mut tree = Tree { rows: vec![Vec::new()], empty: vec![B256::ZERO] };
        let leaves: Vec<B256> = accounts.into_iter().map(|(account, sum)| leaf(account, sum)).collect();
        tree.update(leaves.len(), leaves.into_iter().enumerate());
        tree
    }

    /// Makes it the tree over `leaves` leaves of which those of `changes` are new or others than before. Each node
    /// above them is hashed once, whatever number of them it is above; the rest stays.
    ///
    /// # Panics
    /// When a change lies beyond the last leaf.
    pub fn update(&mut self, leaves: usize, changes: impl IntoIterator<Item = (usize, B256)>) {
        let before = self.rows[0].len();
        self.rows[0].resize(leaves, B256::ZERO);
        let mut touched: Vec<usize> = (before..leaves).collect();
        for (index, hash) in changes {
            self.rows[0][index] = hash;
            touched.push(index);
        }
        if leaves < before {
            // What was beyond the last leaf is padding now.
            touched.extend(leaves.checked_sub(1));
        }
        touched.sort_unstable();
        touched.dedup();
        let mut row = 0;
        while self.rows[row].len() > 1 {
            self.hash_above(row, &mut touched);
            row += 1;
        }
        self.rows.truncate(row + 1);
        self.empty.truncate(row + 1);
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> usize {
        self.rows[0].len()
    }

    /// The root; zero if there is no leaf.
    pub fn root(&self) -> B256 {
        self.top().first().copied().unwrap_or(B256::ZERO)
    }

    /// The siblings on the way from the leaf at `index` to the root; `None` beyond the last leaf.
    pub fn proof(&self, index: usize) -> Option<Vec<B256>> {
        if index >= self.rows[0].len() {
            return None;
        }
        let below_top = self.rows.iter().zip(&self.empty).take(self.rows.len() - 1).enumerate();
        Some(below_top.map(|(row, (nodes, empty))| *nodes.get((index >> row) ^ 1).unwrap_or(empty)).collect())
    }

    fn top(&self) -> &[B256] {
        self.rows.last().expect("a tree has the row of its leaves at least")
    }

    /// Hashes the parents of the nodes `touched` in `row`, which become what is touched in the next row.
    fn hash_above(&mut self, row: usize, touched: &mut Vec<usize>) {
        let empty = self.empty[row];
        if self.rows.len() == row + 1 {
            self.rows.push(Vec::new());
            self.empty.push(pair(empty, empty));
        }
        let (below, above) = self.rows.split_at_mut(row + 1);
        let (children, parents) = (&below[row], &mut above[0]);
        parents.resize(children.len().div_ceil(2), B256::ZERO);
        touched.iter_mut().for_each(|index| *index /= 2);
        touched.dedup();
        for &index in touched.iter() {
            let right = *children.get(2 * index + 1).unwrap_or(&empty);
            parents[index] = pair(children[2 * index], right);
        }
    }
}

fn pair(a: B256, b: B256) -> B256 {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    let mut both = [0u8; 64];
    both[..32].copy_from_slice(low.as_slice());
    both[32..].copy_from_slice(high.as_slice());
    keccak256(both)
}
