//! Callers who meet at the clerk are booked together, and each is told what became of their own.

use banyan_ledger::store::{Clerk, totals, trial_balance};
use banyan_ledger::{Account, Cause, LedgerError, Transaction};

use crate::scene::{Scene, bnb, entry, outflow, posting};

/// One whole BNB of user 1 into a batch.
fn batch(number: u64, from: Account) -> Transaction {
    let postings = vec![posting(from, Account::in_batch(1), 1)];
    Transaction { cause: Cause::batch_built(number), at: 1_030, block: 12, postings }
}

#[tokio::test]
async fn everyone_at_the_clerk_gets_an_answer_of_their_own() {
    let scene = Scene::booked().await;
    Scene::batches(&scene.pool, 1, 20, 12).await;
    let clerk = Clerk::start(scene.pool.clone());
    // 11 BNB are payable, so of 20 callers who want one each 9 are refused.
    let callers: Vec<_> = (1..=20)
        .map(|number| {
            let clerk = clerk.clone();
            tokio::spawn(async move { clerk.book(batch(number, Account::payable(1))).await })
        })
        .collect();
    let mut refused = 0;
    for caller in callers {
        if let Err(error) = caller.await.unwrap() {
            assert!(error.to_string().contains("no_balance_below_zero"), "{error}");
            refused += 1;
        }
    }
    assert_eq!(refused, 9);
    let mut connection = scene.pool.acquire().await.unwrap();
    assert_eq!(totals(&mut connection).await.unwrap().in_batch, bnb(11));
    assert!(trial_balance(&mut connection).await.unwrap().imbalances.is_empty());
}

#[tokio::test]
async fn the_same_again_is_no_error_and_another_content_is_one_for_its_caller_only() {
    let scene = Scene::facts().await;
    let clerk = Clerk::start(scene.pool.clone());
    let mut other = entry();
    other.at += 1;
    let (first, again, other, outflow) =
        tokio::join!(clerk.book(entry()), clerk.book(entry()), clerk.book(other), clerk.book(outflow()),);
    first.unwrap();
    again.unwrap();
    outflow.unwrap();
    assert!(matches!(other, Err(LedgerError::Conflict { .. })), "{other:?}");
}
