//! The Merkle tree against a naive one, and its proofs against the contract's rule.

use banyan_entitlement::merkle::{self, Tree};
use banyan_types::{Address, Amount, B256, keccak256};

use proptest::prelude::*;

use crate::history::{History, bnb, wallet};

/// Pads with zero hashes and folds row by row.
fn naive_root(accounts: &[(Address, Amount)]) -> B256 {
    let mut row: Vec<B256> = accounts.iter().map(|(account, sum)| merkle::leaf(*account, *sum)).collect();
    row.resize(row.len().next_power_of_two(), B256::ZERO);
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|two| {
                let mut two = [two[0], two[1]];
                two.sort();
                keccak256(two.concat())
            })
            .collect();
    }
    row[0]
}

fn accounts(count: u64) -> Vec<(Address, Amount)> {
    (0..count).map(|n| (wallet(n), Amount::from_units(i128::from(n) * 7).unwrap())).collect()
}

#[test]
fn roots_and_proofs_agree_with_the_naive_tree() {
    for count in (1..=40).chain([63, 64, 65, 127, 129]) {
        let accounts = accounts(count);
        let tree = Tree::new(accounts.iter().copied());
        assert_eq!(tree.root(), naive_root(&accounts), "{count} accounts");
        assert_eq!(merkle::root(&accounts), tree.root());
        for (index, (account, sum)) in accounts.iter().enumerate() {
            let proof = tree.proof(index).unwrap();
            assert_eq!(proof.len(), count.next_power_of_two().trailing_zeros() as usize);
            assert!(merkle::verify(tree.root(), merkle::leaf(*account, *sum), &proof), "{index} of {count}");
            let more = sum.checked_add(bnb("1")).unwrap();
            assert!(!merkle::verify(tree.root(), merkle::leaf(*account, more), &proof));
        }
        let last = accounts.len() - 1;
        assert_eq!(merkle::proof(&accounts, last), tree.proof(last));
        assert_eq!(tree.proof(accounts.len()), None);
    }
}

#[test]
fn a_leaf_is_hashed_twice_over_two_words() {
    let account = Address::repeat_byte(0xab);
    let mut words = vec![0u8; 12];
    words.extend([0xab; 20]);
    words.extend([0u8; 30]);
    words.extend([0x01, 0x02]);
    assert_eq!(merkle::leaf(account, Amount::from_units(0x0102).unwrap()), keccak256(keccak256(words)),);
}

#[test]
fn no_account_gives_no_root() {
    assert_eq!(merkle::root(&[]), B256::ZERO);
    assert_eq!(merkle::proof(&[], 0), None);
}

#[test]
fn an_earlier_points_root_is_over_the_accounts_of_that_point() {
    let history = History::worked_example();
    for seq in 0..=15 {
        let then = history.entitlements.as_of(seq).unwrap();
        let accounts: Vec<_> = then.accounts().collect();
        assert_eq!(accounts.len() as u64, seq + 1);
        assert_eq!(then.root(), naive_root(&accounts));
        for (account, sum) in accounts {
            let proof = then.proof(account).unwrap();
            assert!(merkle::verify(then.root(), merkle::leaf(account, sum), &proof));
        }
    }
    assert_eq!(history.entitlements.as_of(3).unwrap().proof(wallet(4)), None);
}

/// The leaves of [`accounts`], some of them with other amounts.
fn leaves(count: usize, seed: u64) -> Vec<B256> {
    let amount = |n: u64| Amount::from_units(i128::from(n.wrapping_mul(seed | 1) % 97)).unwrap();
    (0..count as u64).map(|n| merkle::leaf(wallet(n), amount(n))).collect()
}

fn rebuilt(leaves: &[B256]) -> Tree {
    let mut tree = Tree::new([]);
    tree.update(leaves.len(), leaves.iter().copied().enumerate());
    tree
}

#[test]
fn a_tree_that_grows_and_shrinks_by_a_leaf_is_the_one_built_anew() {
    let all = leaves(140, 1);
    let mut tree = Tree::new([]);
    for count in (1..=140).chain((1..140).rev()) {
        tree.update(count, (count - 1..count).map(|last| (last, all[last])));
        assert_eq!(tree, rebuilt(&all[..count]), "{count} leaves");
    }
    tree.update(0, []);
    assert_eq!(tree, Tree::new([]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_that_is_changed_is_the_one_built_anew(
        steps in prop::collection::vec((edge(), any::<u64>(), prop::collection::vec(any::<usize>(), 0..40)), 1..6)
    ) {
        let mut kept = Tree::new([]);
        let mut now: Vec<B256> = Vec::new();
        for (count, seed, changed) in steps {
            let other = leaves(count, seed);
            let mut moved: Vec<usize> = (now.len()..count).collect();
            now.resize(count, B256::ZERO);
            moved.extend(changed.into_iter().filter_map(|index| index.checked_rem(count)));
            for index in &moved {
                now[*index] = other[*index];
            }
            kept.update(count, moved.into_iter().map(|index| (index, other[index])));
            prop_assert_eq!(&kept, &rebuilt(&now));
        }
    }
}

/// Numbers of leaves, those round the powers of two more often.
fn edge() -> impl Strategy<Value = usize> {
    prop_oneof![0..90usize, (0..7u32, 0..3usize).prop_map(|(power, more)| (1usize << power) - 1 + more)]
}
