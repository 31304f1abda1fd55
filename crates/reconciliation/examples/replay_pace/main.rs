//! Measures what a reconciliation and a replay cost: a chain of so many events on anvil, books that have read it, all of it
//! compared and derived anew, and once more with a damaged row.
//!
//! `cargo run --release -p banyan-reconciliation --example replay_pace -- 100000`

mod store;

use std::time::{Duration, Instant};

use banyan_chain::follower::FollowSettings;
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, Follower, Node};
use banyan_entitlement::{ContractPlan, Plans};
use banyan_ledger::store::connect;
use banyan_programme::{Deployment, Programme};
use banyan_reconciliation::{Blocks, Reconciler, Replayer, Scope};
use banyan_testkit::anvil::CHAIN_ID;
use banyan_testkit::contract::long::LongChain;
use banyan_testkit::postgres::{Durability, Options, Postgres};

type Done<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Done<()> {
    let events =
        std::env::args().nth(1).map(|argument| argument.parse::<u64>()).transpose()?.unwrap_or(100_000);
    let text = std::fs::read_to_string(banyan_testkit::paths::root().join("config/plans/autopool.toml"))?;
    let begin = Instant::now();
    let chain = LongChain::make(&text, events).await?;
    println!("a chain of {} events in {:?}", chain.events, begin.elapsed());
    let mut plans = Plans::new();
    let plan = plans.add(ContractPlan::from_toml(&text)?);
    let options = Options { durability: Durability::Kept, own: true, ..Options::default() };
    let server = tokio::task::spawn_blocking(move || Postgres::start(options)).await??;
    let database = server.migrated_database().await?;
    let pool = connect(&database.url_as("banyan_app"), "replay_pace", 4).await?;
    let node = Node::connect(chain.anvil.url(), Duration::from_secs(60))?;
    let view = ContractView::new(node, chain.settlement.address);
    let (contract, start_block) = (chain.settlement.address, chain.settlement.start_block);
    let deployment = Deployment { chain_id: CHAIN_ID, contract, start_block };

    let begin = Instant::now();
    let mut programme = Programme::open(pool.clone(), plans.clone(), deployment).await?;
    let cursor = programme.cursor().clone();
    let settings =
        FollowSettings { chain_id: CHAIN_ID, finality: Finality::Tag, max_blocks: 1_000, plans: vec![plan] };
    let mut follower = Follower::open(view.clone(), settings, cursor).await?;
    while let Some(range) = follower.next(1_000).await? {
        programme.apply(&range).await?;
    }
    told("the books read it", begin, chain.events);

    let reconciler = Reconciler::new(pool.clone(), view.clone(), CHAIN_ID, plans.clone());
    for scope in [Scope::All, Scope::SAMPLE] {
        let begin = Instant::now();
        let result = reconciler.run(scope, "measure").await?;
        let accounts = result.figures.accounts.compared as u64;
        told(
            &format!("{scope:?}: {accounts} accounts, {} differences", result.differences.len()),
            begin,
            accounts,
        );
    }
    let blocks = Blocks { from: start_block, to: programme.cursor().block };
    let replayer = Replayer::new(pool, view, deployment, plans);
    replay(&replayer, blocks).await?;
    store::damage(&database).await?;
    replay(&replayer, blocks).await
}

async fn replay(replayer: &Replayer, blocks: Blocks) -> Done<()> {
    let begin = Instant::now();
    let replay = replayer.start(blocks, "measure").await?.finish().await?;
    let rows: i64 = replay.tables.iter().map(|it| it.derived).sum();
    told(&format!("a replay of {} logs, {rows} rows", replay.events), begin, rows.unsigned_abs());
    println!("{} rows differ; node: {:?}", replay.differing, replay.node_silent);
    for it in &replay.differences {
        println!("  {} {} {:?}: expected {}, found {}", it.table, it.key, it.column, it.expected, it.found);
    }
    Ok(())
}

fn told(what: &str, begin: Instant, count: u64) {
    let spent = begin.elapsed();
    println!("{what}: {spent:?}, {} a second", u128::from(count) * 1_000 / spent.as_millis().max(1));
}
