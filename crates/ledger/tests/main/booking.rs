//! Booking is idempotent by cause, and whole or not at all.

use banyan_ledger::store::{Booked, book, totals};
use banyan_ledger::{Account, LedgerError, Transaction};

use crate::scene::{Scene, bnb, entry, outflow, posting};

async fn try_book(scene: &Scene, transactions: &[Transaction]) -> Result<Booked, LedgerError> {
    let mut work = scene.pool.begin().await.unwrap();
    let booked = book(&mut work, transactions).await?;
    work.commit().await.unwrap();
    Ok(booked)
}

#[tokio::test]
async fn the_same_transaction_again_changes_nothing() {
    let scene = Scene::facts().await;
    assert_eq!(try_book(&scene, &[entry()]).await.unwrap(), Booked { new: 1, known: 0 });
    let before = totals(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    assert_eq!(before.payable, bnb(13));
    assert_eq!(try_book(&scene, &[entry()]).await.unwrap(), Booked { new: 0, known: 1 });
    assert_eq!(totals(&mut scene.pool.acquire().await.unwrap()).await.unwrap(), before);
    assert_eq!(
        try_book(&scene, &[entry(), outflow(), outflow()]).await.unwrap(),
        Booked { new: 1, known: 2 }
    );
}

#[tokio::test]
async fn the_same_cause_with_another_content_is_refused_with_the_field_that_differs() {
    let scene = Scene::booked().await;
    let change = |edit: fn(&mut Transaction)| {
        let mut changed = entry();
        edit(&mut changed);
        changed
    };
    let cases = [
        ("at", change(|t| t.at += 1)),
        ("block", change(|t| t.block += 1)),
        ("postings.length", change(|t| t.postings.truncate(2))),
        ("postings[0].credit", change(|t| t.postings[0].credit = Account::payable(2))),
        ("postings[2].amount", change(|t| t.postings[2].amount = bnb(4))),
    ];
    for (expected, changed) in cases {
        match try_book(&scene, &[changed]).await.unwrap_err() {
            LedgerError::Conflict { field, .. } => assert_eq!(field, expected),
            other => panic!("expected a conflict in {expected}, got {other}"),
        }
    }
}

#[tokio::test]
async fn one_cause_with_two_contents_in_one_call_is_refused() {
    let scene = Scene::facts().await;
    let mut other = entry();
    other.block += 1;
    let error = try_book(&scene, &[entry(), other]).await.unwrap_err();
    assert!(error.to_string().contains("block is 10, now 11 is asked"), "{error}");
}

#[tokio::test]
async fn a_transaction_that_the_database_refuses_leaves_nothing_of_those_beside_it() {
    let scene = Scene::facts().await;
    let mut too_much = outflow();
    too_much.postings = vec![posting(Account::payable(2), Account::FUNDS, 2)];
    let error = try_book(&scene, &[entry(), too_much]).await.unwrap_err();
    assert!(error.to_string().contains("no_balance_below_zero"), "{error}");
    let nothing = totals(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    assert_eq!(nothing, Default::default());
}

#[tokio::test]
async fn who_books_waits_for_who_holds_the_books() {
    let scene = Scene::facts().await;
    let mut holder = scene.pool.begin().await.unwrap();
    banyan_ledger::store::lock_books(&mut holder).await.unwrap();
    let mut waiter = scene.pool.begin().await.unwrap();
    sqlx::raw_sql("SET LOCAL lock_timeout = '100ms'").execute(&mut *waiter).await.unwrap();
    let error = book(&mut waiter, &[entry()]).await.unwrap_err();
    assert!(error.to_string().contains("lock timeout"), "{error}");
    holder.rollback().await.unwrap();
    assert_eq!(try_book(&scene, &[entry()]).await.unwrap().new, 1);
}
