//! Measures the way from a proven range of blocks to its commit: registrations each second, on a database of its own
//! with PostgreSQL's default durability.
//!
//! `cargo run --release -p banyan-programme --example registrations -- 20000 500`: so many registrations, so many a range.

#[allow(dead_code, reason = "the played contract can do more than register")]
#[path = "../tests/main/contract.rs"]
mod contract;

use std::time::{Duration, Instant};

use banyan_ledger::store::connect;
use banyan_programme::{Deployment, Programme};
use banyan_testkit::postgres::{Durability, Options, Postgres};

use contract::{CHAIN_ID, Contract, START_BLOCK, plans};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let people = arguments.next().transpose()?.unwrap_or(20_000);
    let blocks = arguments.next().transpose()?.unwrap_or(500);
    let options = Options { durability: Durability::Kept, own: true };
    let server = tokio::task::spawn_blocking(move || Postgres::start(options)).await??;
    let database = server.migrated_database().await?;
    let pool = connect(&database.url_as("banyan_app"), "registrations", 2).await?;
    let deployment =
        Deployment { chain_id: CHAIN_ID, contract: contract::address(), start_block: START_BLOCK };
    let mut programme = Programme::open(pool, plans("autopool.toml").0, deployment).await?;
    let played = play(people);
    let (mut spent, mut done, mut said) = (Duration::ZERO, 0, 0);
    for range in played.ranges(blocks) {
        let begin = Instant::now();
        done += programme.apply(&range).await?.entries;
        spent += begin.elapsed();
        if done >= said + 5_000 {
            said = done;
            report(done, spent);
        }
    }
    report(done, spent);
    Ok(())
}

/// Each registers under one of those before, as a binary tree of sponsors.
fn play(people: u64) -> Contract {
    let mut contract = Contract::deploy("autopool.toml");
    (1..=people).for_each(|user| contract.register(user, user / 2));
    contract
}

fn report(done: usize, spent: Duration) {
    let a_second = done as u128 * 1_000 / spent.as_millis().max(1);
    println!("{done} entries in {} ms: {a_second}/s", spent.as_millis());
}
