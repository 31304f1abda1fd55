//! A listener that is killed again and again while the chain goes on leaves the same database, row by row and column by
//! column, as one that nobody disturbed. At least three in five kills hit an open transaction, which PostgreSQL's own
//! log counts. A range's transaction takes a few milliseconds, half of them its commit, so most kills come while it is
//! held before one of its tables, and the others whenever they come.

mod listener;
mod load;
mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use banyan_entitlement::ContractPlan;
use banyan_testkit::anvil::{Anvil, Options};
use banyan_testkit::contract::Settlement;
use banyan_testkit::postgres::{self, Durability, Postgres};
use banyan_testkit::{counts, paths};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use listener::Listener;
use load::Load;

/// What PostgreSQL writes when a client is gone in the middle of a transaction.
const CUT: &str = "unexpected EOF on client connection with an open transaction";

/// What every range of the load writes, from its first statement after the cursor to its last.
const TABLES: [&str; 6] = ["chain_events", "history", "rewards", "postings", "accounts", "outbox"];

/// How often the listener is killed at least, and how many of the kills must hit an open transaction.
fn wanted() -> (usize, usize) {
    counts::pick((20, 12), (100, 60))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_killed_again_and_again_leaves_the_same_tables_as_one_that_was_not() {
    let plan_file = paths::root().join("config/plans/autopool.toml");
    let plan = ContractPlan::from_toml(&std::fs::read_to_string(&plan_file).unwrap()).unwrap();
    let options =
        postgres::Options { durability: Durability::Kept, own: true, ..postgres::Options::default() };
    let server = Postgres::start(options).unwrap();
    let anvil = Anvil::start(&Options { wallets: 40, ..Options::default() }).unwrap();
    let settlement = Settlement::deploy(&anvil, plan.hash().0).await.unwrap();
    anvil.call("evm_setAutomine", serde_json::json!([false])).await.unwrap();

    let load = Load::new(&anvil, &settlement, &plan, 0x0BAD_C0DE).await;
    let done = Arc::new(AtomicBool::new(false));
    let flood = tokio::spawn(load.flood(done.clone()));

    let disturbed = server.migrated_database().await.unwrap();
    let listener = Listener::new(&anvil, &settlement, disturbed.url(), &disturbed.url_as("banyan_app")).await;
    let (starts, working) = kill_again_and_again(&listener, &server).await;
    done.store(true, Ordering::Relaxed);
    let entries = flood.await.unwrap();
    anvil.finalize().await.unwrap();
    let last_block = anvil.head().await.unwrap() - 2;
    listener.run_to(last_block).await;

    let calm = server.migrated_database().await.unwrap();
    Listener::new(&anvil, &settlement, calm.url(), &calm.url_as("banyan_app")).await.run_to(last_block).await;

    tables::expect_epoch(disturbed.url(), working + 1..=starts + 1).await;
    tables::expect_epoch(calm.url(), 1..=1).await;
    let rows = tables::expect_same(disturbed.url(), calm.url()).await;
    assert_eq!(rows.get("history"), Some(&(entries + 1)), "every entry of the load, and the genesis");
    for table in ["chain_events", "users", "retopups", "seats", "rewards", "postings", "payouts", "accounts"]
    {
        assert!(rows[table] > 50, "the load fills {table}: {rows:?}");
    }
}

/// Starts and kills the listener until both counts are reached; says how often it was started, and how often it applied a
/// range before it was killed.
async fn kill_again_and_again(listener: &Listener, server: &Postgres) -> (usize, usize) {
    let (kills_wanted, cuts_wanted) = wanted();
    let log = server.log_file().expect("a cluster of our own");
    let cuts = || std::fs::read_to_string(log).unwrap().matches(CUT).count();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let (mut kills, mut working) = (0, 0);
    while kills < kills_wanted || cuts() < cuts_wanted {
        assert!(kills < 5 * kills_wanted, "{kills} kills cut only {} transactions off", cuts());
        let mut process = listener.start();
        let applied = rng.random_range(0..4);
        listener.wait_for_ranges(&mut process, applied).await;
        if kills % 4 == 3 {
            listener.wait_for_open_transaction(&mut process).await;
            tokio::time::sleep(Duration::from_micros(rng.random_range(0..2_000))).await;
            process.kill();
        } else {
            let held = listener.hold_before(&mut process, TABLES[rng.random_range(0..TABLES.len())]).await;
            process.kill();
            held.rollback().await.unwrap();
        }
        kills += 1;
        working += usize::from(applied > 0);
        listener.wait_until_gone().await;
    }
    println!("{kills} kills, {} of them in an open transaction", cuts());
    (kills, working)
}
