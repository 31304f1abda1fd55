//! The Merkle tree against a naive one, and its proofs against the contract's rule.

use banyan_entitlement::merkle::{self, Tree};
use banyan_types::{Address, Amount, B256, keccak256};

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
