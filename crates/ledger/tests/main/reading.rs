//! What the books answer.

use banyan_ledger::store::{
    balances, entitlements_at, statement, totals, totals_as_of, trial_balance, user_balances_as_of,
};
use banyan_ledger::{Account, Cause, Imbalance, UserBalances};
use banyan_types::{Address, Amount};

use crate::scene::{SEAT, Scene, bnb};

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
async fn the_books_can_be_asked_about_any_block() {
    let scene = Scene::booked().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    assert_eq!(totals_as_of(&mut connection, 9).await.unwrap(), Default::default());
    let before = totals_as_of(&mut connection, 11).await.unwrap();
    assert_eq!((before.funds, before.payable), (bnb(20), bnb(13)));
    assert_eq!(totals_as_of(&mut connection, 12).await.unwrap(), totals(&mut connection).await.unwrap());
    let users = user_balances_as_of(&mut connection, 11).await.unwrap();
    let company = UserBalances { payable: bnb(3), ..UserBalances::default() };
    let one = UserBalances { payable: bnb(13), reserved: bnb(4), ..UserBalances::default() };
    assert_eq!(users, vec![(0, company), (1, one)]);
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

#[tokio::test]
async fn a_statement_shows_every_movement_with_its_cause_and_the_balance_after_it() {
    let scene = Scene::booked().await;
    let lines = statement(&mut scene.pool.acquire().await.unwrap(), 1).await.unwrap();
    let minus_two = Amount::ZERO.checked_sub(bnb(2)).unwrap();
    let seen: Vec<_> = lines.iter().map(|l| (l.cause, l.account, l.other, l.change, l.balance)).collect();
    assert_eq!(
        seen,
        vec![
            (Cause::entry(1), Account::payable(1), Account::FUNDS, bnb(13), bnb(13)),
            (Cause::entry(1), Account::reserved(SEAT), Account::FUNDS, bnb(4), bnb(4)),
            (Cause::outflow(1), Account::payable(1), Account::FUNDS, minus_two, bnb(11)),
        ]
    );
    assert_eq!((lines[2].at, lines[2].block, lines[2].ordinal), (1_020, 12, 0));
}
