//! What the books answer.

use banyan_ledger::store::{balances, entitlements_at, totals, trial_balance};
use banyan_ledger::{Account, Imbalance, UserBalances};
use banyan_types::{Address, Amount};

use crate::scene::{Scene, bnb};

#[tokio::test]
async fn balances_totals_and_trial_balance_agree() {
    let scene = Scene::booked().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let one = UserBalances { payable: bnb(11), reserved: bnb(4), ..UserBalances::default() };
    assert_eq!(balances(&mut connection, 1).await.unwrap(), one);
    assert_eq!(balances(&mut connection, 7).await.unwrap(), UserBalances::default());
    let totals = totals(&mut connection).await.unwrap();
    assert_eq!((totals.funds, totals.payable, totals.company), (bnb(18), bnb(11), bnb(3)));
    assert!(totals.balanced());
    let trial = trial_balance(&mut connection).await.unwrap();
    assert!(trial.balanced());
    assert_eq!((trial.accounts, trial.totals), (4, totals));
}

#[tokio::test]
async fn a_balance_that_was_tampered_with_is_named() {
    let scene = Scene::booked().await;
    let owner = banyan_ledger::store::connect(scene.database.url(), "test", 1).await.unwrap();
    sqlx::raw_sql(
        "SET session_replication_role = replica;
         UPDATE accounts SET balance = balance + 5 WHERE kind = 'payable' AND owner = 1;
         SET session_replication_role = origin",
    )
    .execute(&owner)
    .await
    .unwrap();
    let trial = trial_balance(&mut owner.acquire().await.unwrap()).await.unwrap();
    let named = Imbalance { account: Account::payable(1), kept: bnb(16), posted: bnb(11) };
    assert_eq!(trial.imbalances, vec![named]);
    assert!(!trial.balanced());
}

#[tokio::test]
async fn entitlements_at_a_seq_know_every_wallet_registered_by_then() {
    let scene = Scene::booked().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let mut at = async |seq| {
        let entitlements = entitlements_at(&mut connection, seq).await.unwrap();
        entitlements.into_iter().map(|leaf| (leaf.id, leaf.address, leaf.cumulative)).collect::<Vec<_>>()
    };
    let (one, two) = (Address::repeat_byte(0x11), Address::repeat_byte(0x22));
    assert_eq!(at(0).await, vec![(0, Address::ZERO, Amount::ZERO)]);
    assert_eq!(at(1).await, vec![(0, Address::ZERO, bnb(3)), (1, one, bnb(13))]);
    assert_eq!(at(2).await, vec![(0, Address::ZERO, bnb(3)), (1, one, bnb(15)), (2, two, Amount::ZERO)]);
}
