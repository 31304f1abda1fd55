//! Where the books stand stays while a batch is built or ended over them, though a block without events needs no books.

use banyan_settlement::batch::State;
use banyan_settlement::{Filter, SettlementError};
use banyan_testkit::postgres::until_waiting;
use sqlx::PgPool;

use crate::world::{OPERATOR, World};

/// The next block without events, as the listener applies it, by somebody who waits for a moment only.
const NEXT_BLOCK: &str = "SET lock_timeout = '200ms'; UPDATE blockchain_sync SET last_block = last_block + 1";

/// Lets `move_batch` come as far as it can while its rows cannot be written, and expects that no block passes then.
async fn expect_no_block_to_pass<T>(world: &World, move_batch: impl Future<Output = T>) -> T {
    let owner = PgPool::connect(world.database.url()).await.unwrap();
    let mut holder = owner.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE payout_batches IN SHARE MODE").execute(&mut *holder).await.unwrap();
    let (moved, ()) = tokio::join!(move_batch, async {
        until_waiting(&owner, 1).await;
        let passed = sqlx::raw_sql(NEXT_BLOCK).execute(&owner).await;
        let refusal = passed.expect_err("the cursor moved while a batch was written");
        assert_eq!(refusal.as_database_error().unwrap().code().as_deref(), Some("55P03"), "{refusal}");
        holder.commit().await.unwrap();
    });
    moved
}

#[tokio::test]
async fn no_block_passes_while_a_batch_is_built_or_ended() {
    let world = World::with_three_people().await;
    let built = expect_no_block_to_pass(&world, world.payouts.build_batch(&Filter::default(), OPERATOR))
        .await
        .unwrap();
    assert_eq!(built.batch.state, State::Building);
    world.contract.freeze(world.person(0)).await.unwrap();
    let mut world = world;
    world.finalize_and_read().await;
    // An account of it is frozen by now, so signing ends it.
    let signed = expect_no_block_to_pass(&world, world.payouts.sign_batch(built.batch.id)).await;
    assert!(matches!(signed, Err(SettlementError::Stopped { .. })), "{signed:?}");
    assert_eq!(world.state(built.batch.id).await, State::Abandoned);
}
