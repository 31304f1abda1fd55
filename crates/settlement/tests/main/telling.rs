//! What others are told of batches, to the letter: whoever reads the outbox has written a program against these bodies.

use banyan_settlement::batch::State;
use banyan_settlement::{BatchDetail, Filter};
use serde_json::{Value, json};

use crate::world::{OPERATOR, World};

/// Everything that was told of batches: topic, number, block, body.
async fn told(world: &World) -> Vec<(String, i64, i64, Value)> {
    let rows: Vec<(String, i64, Option<String>, i64, String)> = sqlx::query_as(
        "SELECT topic, reference, wallet_address, block_number, body::text FROM outbox
         WHERE topic LIKE 'batch%' ORDER BY id",
    )
    .fetch_all(&world.pool)
    .await
    .unwrap();
    let row = |(topic, reference, wallet, block, body): (_, _, Option<String>, _, String)| {
        assert_eq!(wallet, None, "a batch is of many");
        (topic, reference, block, serde_json::from_str(&body).unwrap())
    };
    rows.into_iter().map(row).collect()
}

/// What was told of `batch` last.
async fn last(world: &World, topic: &str, batch: &BatchDetail) -> Value {
    let (said, number, block, body) = told(world).await.pop().unwrap();
    let stood: i64 = sqlx::query_scalar(
        "SELECT coalesce(closed_block, built_block) FROM payout_batches WHERE number = $1",
    )
    .bind(number)
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert_eq!((said.as_str(), number, block), (topic, batch.batch.number, stood));
    body
}

#[tokio::test]
async fn each_end_of_a_batch_has_its_body() {
    let mut world = World::with_three_people().await;
    let given_up = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap();
    let body = |batch: &BatchDetail, out: Value, reason: Value, hash: Value| {
        json!({
            "id": batch.batch.id, "seq": 3, "maxTotal": batch.batch.max_total.to_string(), "items": 2,
            "out": out, "reason": reason, "txHash": hash,
        })
    };
    let wei = given_up.batch.max_total.to_string();
    assert!(wei.len() > 18 && wei.bytes().all(|digit| digit.is_ascii_digit()), "whole wei: {wei}");
    assert_eq!(
        last(&world, "batch.built", &given_up).await,
        body(&given_up, Value::Null, Value::Null, Value::Null)
    );
    world.payouts.abandon_batch(given_up.batch.id, "a change of mind").await.unwrap();
    assert_eq!(
        last(&world, "batch.abandoned", &given_up).await,
        body(&given_up, Value::Null, json!("a change of mind"), Value::Null)
    );

    let late = world.submit(&Filter::default()).await;
    world.anvil.increase_time(100_000).await.unwrap();
    world.finalize_and_read().await;
    world.until_closed().await;
    assert_eq!(world.state(late.batch.id).await, State::Expired);
    assert_eq!(
        last(&world, "batch.expired", &late).await,
        body(&late, Value::Null, json!("its deadline passed before it was in a block"), Value::Null)
    );

    let paid = world.submit(&Filter::default()).await;
    world.until_closed().await;
    let settled = world.batch(paid.batch.id).await;
    let hash = format!("{:#x}", settled.batch.tx_hash.unwrap());
    assert_eq!(last(&world, "batch.settled", &paid).await, body(&paid, json!(1), Value::Null, json!(hash)));
    let topics: Vec<String> = told(&world).await.into_iter().map(|(topic, ..)| topic).collect();
    assert_eq!(
        topics,
        ["batch.built", "batch.abandoned", "batch.built", "batch.expired", "batch.built", "batch.settled"]
    );
}
