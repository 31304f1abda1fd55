//! What can happen to a transaction between the process and a finalized block.

use std::time::Duration;

use banyan_settlement::Filter;
use banyan_settlement::batch::{Outcome, Policy, State};
use banyan_types::Amount;

use crate::relay::relay;
use crate::store;
use crate::world::{OPERATOR, World, policy, settler};

/// Replaces at once what is not in a block.
fn impatient() -> Policy {
    Policy { bump_after: Duration::ZERO, ..policy() }
}

#[tokio::test]
async fn a_stuck_transaction_is_replaced_by_one_that_offers_a_tenth_more() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    world.turn().await;
    assert_eq!(world.batch(id).await.attempts.len(), 1, "patience first");
    world.turn_with(impatient()).await;
    let attempts = world.batch(id).await.attempts;
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].nonce, attempts[1].nonce);
    assert!(attempts[1].max_fee * 10 >= attempts[0].max_fee * 11, "{attempts:?}");
    assert!(attempts[1].priority_fee * 10 >= attempts[0].priority_fee * 11, "{attempts:?}");

    world.automine(true).await;
    world.anvil.mine(1).await.unwrap();
    world.until_closed().await;
    let settled = world.batch(id).await;
    assert_eq!((settled.batch.state, settled.batch.tx_hash), (State::Settled, Some(attempts[1].tx_hash)));
    let outcomes: Vec<_> = settled.attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Replaced, Outcome::Included]);
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn the_ceiling_ends_the_bidding() {
    let world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    let offered = world.batch(id).await.attempts[0].max_fee;
    let mut tight = impatient();
    tight.fees.ceiling = offered;
    world.turn_with(tight).await;
    assert_eq!(world.batch(id).await.attempts.len(), 1);
}

#[tokio::test]
async fn a_dropped_transaction_is_sent_again_as_it_was() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    let hash = world.batch(id).await.attempts[0].tx_hash;
    world.anvil.drop_transaction(hash).await.unwrap();
    world.turn().await;
    world.automine(true).await;
    world.anvil.mine(1).await.unwrap();
    world.until_closed().await;
    let settled = world.batch(id).await;
    assert_eq!((settled.batch.state, settled.batch.tx_hash), (State::Settled, Some(hash)));
    assert_eq!(settled.attempts.len(), 1);
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_reorganization_throws_a_batch_back_and_it_is_sent_again() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.turn().await;
    world.turn().await;
    assert_eq!(world.state(id).await, State::Included);
    world.anvil.reorganize(1).await.unwrap();
    world.automine(false).await;
    world.turn().await;
    assert_eq!(world.state(id).await, State::Broadcast);
    world.automine(true).await;
    world.anvil.mine(1).await.unwrap();
    world.until_closed().await;
    assert_eq!(world.state(id).await, State::Settled);
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_batch_expires_only_when_the_books_have_passed_its_deadline() {
    let mut world = World::with_three_people().await;
    let payable = store::balance(&world.pool, "payable").await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    let lost = world.batch(id).await.attempts[0].clone();
    world.anvil.drop_transaction(lost.tx_hash).await.unwrap();
    world.anvil.increase_time(1_000).await.unwrap();
    world.anvil.finalize().await.unwrap();
    world.turn().await;
    assert_eq!(world.state(id).await, State::Broadcast, "the books are behind");
    world.read().await;
    world.turn().await;
    assert_eq!(world.state(id).await, State::Expired);
    assert_eq!(store::balance(&world.pool, "payable").await, payable);
    assert_eq!(store::balance(&world.pool, "in_batch").await, Amount::ZERO);

    // The accounts are free again; the next batch uses the same nonce and outbids what may still lie somewhere.
    let anew = world.payouts.retry_batch(id, OPERATOR).await.unwrap().batch.id;
    world.payouts.queue_batch(anew).await.unwrap();
    world.turn().await;
    let attempt = world.batch(anew).await.attempts[0].clone();
    assert_eq!(attempt.nonce, lost.nonce);
    assert!(attempt.max_fee * 10 >= lost.max_fee * 11);
    world.automine(true).await;
    world.anvil.mine(1).await.unwrap();
    world.until_closed().await;
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_final_batch_that_the_books_never_find_gives_everything_back() {
    let mut world = World::with_three_people().await;
    let payable = store::balance(&world.pool, "payable").await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    let lost = world.batch(id).await.attempts[0].tx_hash;
    world.anvil.drop_transaction(lost).await.unwrap();
    // What a node on another branch can make of it.
    let believed = format!(
        "UPDATE payout_batches SET state = 'final', tx_hash = '{lost:#x}', block_number = built_block WHERE id = '{id}'"
    );
    store::tamper(world.database.url(), &believed).await;
    world.turn().await;
    assert_eq!(world.state(id).await, State::Final);
    world.anvil.increase_time(1_000).await.unwrap();
    world.finalize_and_read().await;
    world.turn().await;
    let given_back = world.batch(id).await;
    assert_eq!((given_back.batch.state, given_back.batch.tx_hash), (State::Expired, None));
    assert_eq!(store::balance(&world.pool, "payable").await, payable);
    assert_eq!(store::balance(&world.pool, "in_batch").await, Amount::ZERO);

    world.automine(true).await;
    world.submit(&Filter::default()).await;
    world.until_closed().await;
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_receipt_of_another_branch_makes_nothing_final() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.turn().await;
    world.anvil.finalize().await.unwrap();
    let elsewhere = relay(world.anvil.url(), |method, mut result| {
        if method == "eth_getTransactionReceipt" {
            result["blockHash"] = format!("0x{}", "ee".repeat(32)).into();
        }
        result
    });
    world.turn_at(&elsewhere.await).await;
    assert_eq!(world.state(id).await, State::Broadcast);
    world.turn().await;
    assert_eq!(world.state(id).await, State::Final);
    world.until_closed().await;
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_node_without_the_receipt_does_not_undo_what_was_paid() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.turn().await;
    world.anvil.finalize().await.unwrap();
    let forgetful = relay(world.anvil.url(), |method, result| match method {
        "eth_getTransactionReceipt" | "eth_getTransactionByHash" => serde_json::Value::Null,
        _ => result,
    })
    .await;
    world.turn_at(&forgetful).await;
    assert_eq!(world.state(id).await, State::Broadcast, "the books are behind");
    world.read().await;
    world.turn_at(&forgetful).await;
    assert_eq!(world.state(id).await, State::Settled);
    assert_eq!(world.batch(id).await.attempts.len(), 1);
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_nonce_used_by_another_transaction_is_followed_by_the_next() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    let lost = world.batch(id).await.attempts[0].clone();
    world.anvil.drop_transaction(lost.tx_hash).await.unwrap();
    world.automine(true).await;
    // The executor's key is used by somebody else, for something else.
    let executor = world.executor().address();
    let rpc = world.anvil.rpc();
    rpc.transact(executor, executor, Default::default(), Default::default()).await.unwrap();
    world.turn().await;
    assert_eq!(world.batch(id).await.attempts.len(), 1, "not final yet");
    world.until_closed().await;
    let settled = world.batch(id).await;
    assert_eq!(settled.batch.state, State::Settled);
    let seen: Vec<_> = settled.attempts.iter().map(|attempt| (attempt.nonce, attempt.outcome)).collect();
    assert_eq!(seen, [(lost.nonce, Outcome::Replaced), (lost.nonce + 1, Outcome::Included)]);
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn without_a_node_nothing_is_undone() {
    let mut world = World::with_three_people().await;
    let id = world.submit(&Filter::default()).await.batch.id;
    world.automine(false).await;
    world.turn().await;
    let mut deaf = settler(
        world.payouts.clone(),
        world.pool.clone(),
        "http://127.0.0.1:9",
        world.executor(),
        impatient(),
    );
    let mut leader = world.leader().await;
    deaf.turn(&mut leader).await.unwrap();
    leader.leave().await.unwrap();
    let batch = world.batch(id).await;
    assert_eq!((batch.batch.state, batch.attempts.len()), (State::Broadcast, 1));
    world.automine(true).await;
    world.anvil.mine(1).await.unwrap();
    world.until_closed().await;
    world.assert_all_paid_once().await;
}
