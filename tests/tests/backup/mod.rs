//! The drill of docs/backup.md: the product is backed up under load with a batch in flight, the backup is restored on
//! another server, proven, and catches up from the chain to what the original says; the batch is neither lost nor paid
//! twice, whether its transaction was sent after the backup or was on the chain before it and not yet in the books.

mod server;

use std::path::Path;

use alloy::primitives::U256;
use banyan_testkit::contract::Roles;
use banyan_testkit::postgres::until;
use banyan_testkit::stack::Service;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};

use crate::api::people::Person;
use crate::api::world::World;
use server::{Noted, Restored};

/// One drill after the other: each has two servers and two sets of services, and what waits too long for them is refused.
static DRILL: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
/// People before the backup, and those who come while it is made.
const EARLY: usize = 6;
const LATE: usize = 6;

/// Tables that follow from the chain and from what was decided before the backup: the restored books must have every row.
const FOLLOWING: [&str; 16] = [
    "chain_events",
    "history",
    "users",
    "retopups",
    "pools",
    "seats",
    "rewards",
    "payouts",
    "published_roots",
    "journal_transactions",
    "postings",
    "journal_causes",
    "journal_seals",
    "accounts",
    "payout_items",
    "blockchain_sync",
];

async fn one<T>(pool: &PgPool, question: &str) -> T
where
    T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
{
    sqlx::query_scalar(AssertSqlSafe(question.to_owned())).fetch_one(pool).await.unwrap()
}

/// Rows of a table as text, sorted. The epoch counts processes, and `out` of the items' fate is the batch's.
async fn rows(pool: &PgPool, table: &str) -> Vec<String> {
    let question = format!("SELECT (to_jsonb(t) - 'epoch')::text AS row FROM {table} t ORDER BY row");
    sqlx::query_scalar(AssertSqlSafe(question)).fetch_all(pool).await.unwrap()
}

async fn expect_same(original: &PgPool, restored: &PgPool) {
    for table in FOLLOWING {
        let (expected, found) = (rows(original, table).await, rows(restored, table).await);
        let first = expected.iter().zip(&found).position(|(expected, found)| expected != found);
        if let Some(first) = first {
            panic!("{table} differs:\n original {}\n restored {}", expected[first], found[first]);
        }
        assert_eq!(found.len(), expected.len(), "rows of {table}");
        assert!(!found.is_empty() || table == "retopups", "{table} has rows");
    }
}

async fn join(world: &World, i: usize) -> Person {
    let mut person = world.person(i);
    person.sign_in(world).await;
    let sponsor = if i == 0 { "company".to_owned() } else { world.person(0).address().to_string() };
    person.register(world, &sponsor).await;
    person
}

/// A batch over all that is payable, signed and queued, with nobody to send it.
async fn batch_in_flight(world: &mut World) {
    world.stack.service(Service::Settle).stop();
    let operator = world.operator().await;
    let built = operator.post(world, "/payouts/build-batch", json!({})).await.ok();
    let path = format!("/payouts/{}", built["id"].as_str().unwrap());
    operator.post(world, &format!("{path}/sign"), json!({})).await.ok();
    let queued = operator.post(world, &format!("{path}/submit"), json!({})).await.ok();
    assert_eq!(queued["state"], "queued");
}

/// What the contract has sent or made owed in all, and how many transactions the executor has sent.
async fn paid(world: &World) -> (U256, U256) {
    let executor = world.stack.anvil().address(Roles::EXECUTOR);
    let count =
        world.stack.anvil().call("eth_getTransactionCount", json!([executor, "latest"])).await.unwrap();
    let mut paid = U256::ZERO;
    for i in 0..EARLY + LATE {
        paid += U256::from(world.stack.settlement().account(world.person(i).address()).await.unwrap().paid);
    }
    (paid, count.as_str().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_restored_proven_and_catches_up() {
    let _alone = DRILL.lock().await;
    let mut world = World::start().await;
    let original = PgPool::connect(world.stack.database().url()).await.unwrap();
    for i in 0..EARLY {
        join(&world, i).await;
    }
    batch_in_flight(&mut world).await;

    let dump = world.stack.folder().join("banyan.dump");
    let (noted, ()) = tokio::join!(server::back_up(world.stack.database().url(), &dump), async {
        for i in EARLY..EARLY + LATE {
            join(&world, i).await;
        }
    });

    // Life goes on: the original sends the batch, and the contract pays it.
    let there = settled_by_the_original(&mut world, &original).await;
    recovered(&world, &original, &dump, &noted, "queued", &there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_on_the_chain_and_not_in_the_backed_up_books_is_paid_once() {
    let _alone = DRILL.lock().await;
    let mut world = World::start().await;
    let original = PgPool::connect(world.stack.database().url()).await.unwrap();
    for i in 0..EARLY {
        join(&world, i).await;
    }
    batch_in_flight(&mut world).await;
    world.stack.service(Service::Listen).stop();
    // No block is made while the batch is sent, so settlement does not see it in one before it is stopped.
    world.stack.anvil().call("evm_setIntervalMining", json!([0])).await.unwrap();
    world.stack.anvil().call("evm_setAutomine", json!([false])).await.unwrap();
    let (_, sent) = paid(&world).await;
    world.stack.start_service(Service::Settle).unwrap();
    let accepted = "SELECT EXISTS (SELECT FROM payout_attempts WHERE outcome = 'accepted')";
    until(&original, "the batch sent", accepted).await;
    world.stack.service(Service::Settle).stop();
    world.stack.anvil().finalize().await.unwrap();
    let on_chain = paid(&world).await;
    assert!(on_chain.0 > U256::ZERO && on_chain.1 == sent + U256::ONE, "the contract has paid: {on_chain:?}");

    let dump = world.stack.folder().join("banyan.dump");
    let noted = server::back_up(world.stack.database().url(), &dump).await;
    world.stack.start_service(Service::Listen).unwrap();
    let there = settled_by_the_original(&mut world, &original).await;
    let restored = recovered(&world, &original, &dump, &noted, "broadcast", &there).await;
    assert_eq!(paid(&world).await, on_chain, "the transaction of before the backup is the only one");
    let settled = "SELECT bool_and(state = 'settled') FROM payout_batches";
    assert!(one::<bool>(&restored.pool().await, settled).await);
}

/// The original goes on until the batch is settled and its books are at the chain's end, where it stops; the question
/// whether books are as far.
async fn settled_by_the_original(world: &mut World, original: &PgPool) -> String {
    world.stack.anvil().set_interval(1).await.unwrap();
    world.stack.start_service(Service::Settle).unwrap();
    until(original, "the batch settled", "SELECT bool_and(state = 'settled') FROM payout_batches").await;
    world.stack.service(Service::Settle).stop();
    world.stack.anvil().set_interval(0).await.unwrap();
    let last = world.stack.anvil().head().await.unwrap() - 2;
    let there = format!("SELECT last_block >= {last} FROM blockchain_sync");
    until(original, "the last block", &there).await;
    world.stack.service(Service::Listen).stop();
    there
}

/// The disaster: another server, with nothing on it but the backup, in which the batch is in `state`. It catches up to
/// what the original says.
async fn recovered(
    world: &World,
    original: &PgPool,
    dump: &Path,
    noted: &Noted,
    state: &str,
    there: &str,
) -> Restored {
    let before = paid(world).await;
    assert!(before.0 > U256::ZERO);
    let mut restored = Restored::from(&world.stack, dump).await;
    let pool = restored.pool().await;
    assert!(one::<i64>(&pool, "SELECT count(*) FROM users").await > EARLY as i64);
    assert_eq!(server::sealed_at(&pool, noted.number).await, noted.hash, "the seal noted beside the backup");
    let in_flight = format!("SELECT bool_and(state = '{state}') FROM payout_batches");
    assert!(one::<bool>(&pool, &in_flight).await, "in flight, {state}");
    assert_eq!(
        one::<i64>(&pool, "SELECT count(*) FROM payouts").await,
        0,
        "the books do not know of a payment"
    );
    restored.prove();

    restored.listen();
    until(&pool, "the restored books to catch up", there).await;
    until(&pool, "all of it sealed", "SELECT NOT EXISTS (SELECT FROM journal_unsealed)").await;
    restored.prove();
    expect_same_but_for_the_open_batch(original, &pool).await;

    // Settlement finds the batch done: it sends nothing that the contract would pay.
    restored.settle();
    until(&pool, "the batch closed", "SELECT bool_and(closed_block IS NOT NULL) FROM payout_batches").await;
    restored.stop();
    assert_eq!(paid(world).await, before, "neither paid again nor a transaction sent");
    expect_same(original, &pool).await;
    restored.prove();
    restored
}

/// Until settlement looks at it, the restored books still hold the batch open: its items say so.
async fn expect_same_but_for_the_open_batch(original: &PgPool, restored: &PgPool) {
    for table in FOLLOWING.into_iter().filter(|table| *table != "payout_items") {
        assert_eq!(rows(original, table).await, rows(restored, table).await, "{table}");
    }
}
