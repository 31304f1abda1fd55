//! One command proves all balances; what is wrong is named.

use banyan_ledger::store::{book, proof};
use banyan_ledger::{Account, AccountKind, Cause, Imbalance, Posting, Transaction};
use banyan_types::Amount;

use crate::scene::{Scene, bnb, tampered};

#[tokio::test]
async fn every_account_equals_its_postings_and_debits_equal_credits() {
    let scene = Scene::booked().await;
    let proof = proof(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    assert!(proof.holds(), "{proof:?}");
    assert_eq!((proof.accounts, proof.postings), (4, 4));
    assert_eq!(proof.sides(), Some((bnb(22), bnb(22))));
    let payable = proof.kinds[AccountKind::Payable as usize];
    assert_eq!(
        (payable.accounts, payable.debits, payable.credits, payable.kept),
        (2, bnb(2), bnb(16), bnb(14))
    );
    assert_eq!((proof.totals.funds, proof.totals.claims()), (bnb(18), Some(bnb(18))));
}

#[tokio::test]
async fn a_balance_and_a_posting_that_were_edited_are_named() {
    let scene = Scene::booked().await;
    tampered(&scene, "UPDATE accounts SET balance = balance + 5 WHERE kind = 'payable' AND owner = 1").await;
    let named = Imbalance { account: Account::payable(1), kept: bnb(16), posted: bnb(11) };
    let found = proof(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    assert_eq!((found.holds(), found.differing, found.imbalances), (false, 1, vec![named]));

    let scene = Scene::booked().await;
    tampered(&scene, "UPDATE postings SET amount = amount + 1 WHERE cause = 'entry' AND ordinal = 2").await;
    let found = proof(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    let accounts: Vec<Account> = found.imbalances.iter().map(|it| it.account).collect();
    assert_eq!((found.holds(), accounts), (false, vec![Account::FUNDS, Account::payable(0)]));

    let scene = Scene::booked().await;
    tampered(&scene, "DELETE FROM accounts WHERE kind = 'payable' AND owner = 0").await;
    let found = proof(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    let lost = Imbalance { account: Account::payable(0), kept: Amount::ZERO, posted: bnb(3) };
    assert_eq!((found.holds(), found.imbalances), (false, vec![lost]));
}

/// The books of a large programme, booked as settlement books its batches: each account's money into a batch and half of
/// it back. `BANYAN_PROOF_ACCOUNTS` says how many accounts; the time is printed, never judged.
#[tokio::test]
async fn the_proof_of_many_accounts() {
    let accounts: u64 = std::env::var("BANYAN_PROOF_ACCOUNTS").map_or(2_000, |text| text.parse().unwrap());
    let scene = Scene::booked().await;
    let mut work = scene.pool.begin().await.unwrap();
    // No event of a chain stands behind these: they are forced ether, given to people by batches of nobody.
    let found = "INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                              finished_at, balanced, stops_batches, figures)
                 VALUES (gen_random_uuid(), 'sample', 0, 12, decode(repeat('00', 32), 'hex'), 1, 'test', now(), now(), true,
                         false, '{\"chain\": {\"excess\": \"1000000000000000000\"}}')";
    sqlx::raw_sql(found).execute(&mut *work).await.unwrap();
    let excess = Posting { debit: Account::FUNDS, credit: Account::EXCESS, amount: bnb(1) };
    let brought = Transaction { cause: Cause::excess(12), at: 1_020, block: 12, postings: vec![excess] };
    book(&mut work, &[brought]).await.unwrap();
    work.commit().await.unwrap();
    tampered(
        &scene,
        &format!(
            "INSERT INTO accounts SELECT 'payable', n, 3 FROM generate_series(10, {}) AS n;
             INSERT INTO postings (cause, ref, ordinal, at, block_number, debit_kind, debit_owner, credit_kind,
                                   credit_owner, amount)
             SELECT 'entry', 2, n, to_timestamp(1010), 11, 'funds', 0, 'payable', n, 3
             FROM generate_series(10, {}) AS n;
             UPDATE accounts SET balance = balance + 3 * {accounts} WHERE kind = 'funds';
             INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block,
                                         closed_block, created_at, updated_at)
             SELECT gen_random_uuid(), n, 'abandoned', 1, decode(repeat('00', 32), 'hex'),
                    decode(repeat('00', 32), 'hex'), 2, 'test', 12, 12, now(), now()
             FROM generate_series(1, 1 + {accounts} / 50000) AS n;
             INSERT INTO payout_items (batch_id, user_id, cumulative, amount, open)
             SELECT b.id, n, 2, 2, false FROM generate_series(10, {}) AS n
             JOIN payout_batches b ON b.number = 1 + (n - 10) / 50000",
            accounts + 9,
            accounts + 9,
            accounts + 9
        ),
    )
    .await;
    for part in 0..accounts.div_ceil(50_000) {
        let users: Vec<u64> = (10 + part * 50_000..(10 + (part + 1) * 50_000).min(accounts + 10)).collect();
        let moved = |debit: fn(u64) -> Account, credit: fn(u64) -> Account, whole| -> Vec<Posting> {
            let posting =
                |user: &u64| Posting { debit: debit(*user), credit: credit(*user), amount: bnb(whole) };
            users.iter().map(posting).collect()
        };
        let (at, block) = (1_020, 12);
        let built = moved(Account::payable, Account::in_batch, 2);
        let closed = moved(Account::in_batch, Account::payable, 1);
        let mut work = scene.pool.begin().await.unwrap();
        let transactions = [
            Transaction { cause: Cause::batch_built(part + 1), at, block, postings: built },
            Transaction { cause: Cause::batch_closed(part + 1), at, block, postings: closed },
        ];
        book(&mut work, &transactions).await.unwrap();
        work.commit().await.unwrap();
    }
    let mut connection = scene.pool.acquire().await.unwrap();
    let started = std::time::Instant::now();
    let found = proof(&mut connection).await.unwrap();
    println!("{} accounts, {} postings: {:?}", found.accounts, found.postings, started.elapsed());
    assert!(found.holds(), "{:?}", found.imbalances.first());
    assert_eq!(found.accounts, 2 * accounts + 5);
    assert_eq!(found.postings, 3 * accounts + 5);
}
