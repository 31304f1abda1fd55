//! The settlement process, killed between any two effects, and what the next one makes of it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use banyan_chain::eip712::Domain;
use banyan_chain::node::Finality;
use banyan_ledger::store::Pool;
use banyan_settlement::{Executor, Metrics, Milestone, Parts, Settler};
use banyan_testkit::anvil::CHAIN_ID;
use banyan_testkit::contract::Roles;

use crate::store;
use crate::world::{World, node, payouts, policy};

/// Where the process dies, in the order of a batch's life, and whether blocks come meanwhile.
const DEATHS: [(Milestone, bool); 10] = [
    (Milestone::Built, false),
    (Milestone::Signed, false),
    (Milestone::Queued, false),
    (Milestone::Written, false),
    (Milestone::Sent, false),
    (Milestone::Answered, false),
    (Milestone::Included, false),
    (Milestone::Finalized, true),
    (Milestone::Closing, true),
    (Milestone::Closed, true),
];

/// SIGABRT: what `abort` ends a process with, without a destructor or a farewell.
const ABORTED: i32 = 6;

#[tokio::test]
async fn killed_between_any_two_effects_the_next_process_pays_everybody_once() {
    let mut world = World::start().await;
    for (death, blocks) in DEATHS {
        world.join().await;
        world.finalize_and_read().await;
        let mut child = spawn(&world, death);
        let mut ended = None;
        for _ in 0..600 {
            ended = child.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            if blocks {
                world.finalize_and_read().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let _ = child.kill();
        assert_eq!(ended.and_then(|status| status.signal()), Some(ABORTED), "dies when {death:?}");
        if death != Milestone::Closed {
            assert_eq!(store::open_batches(&world.pool).await, 1, "{death:?} leaves its batch open");
        }
        world.until_closed().await;
        world.finalize_and_read().await;
        world.assert_all_paid_once().await;
    }
}

/// This test binary again, as a settlement process in automatic mode that dies at a milestone.
fn spawn(world: &World, death: Milestone) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::the_process_that_is_killed", "--ignored", "--test-threads=1"])
        .env("SETTLE_DATABASE", world.database.url_as("banyan_app"))
        .env("SETTLE_RPC", world.anvil.url())
        .env("SETTLE_SIGNER", &world.signer_url)
        .env("SETTLE_CONTRACT", world.contract.address.to_string())
        .env("SETTLE_KEY", world.anvil.key(Roles::EXECUTOR))
        .env("SETTLE_DEATH", format!("{death:?}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn die_when_due(milestone: Milestone) {
    if std::env::var("SETTLE_DEATH").is_ok_and(|death| death == format!("{milestone:?}")) {
        std::process::abort();
    }
}

#[tokio::test]
#[ignore = "the body of the process that the test above kills"]
async fn the_process_that_is_killed() {
    let told = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by the parent"));
    let contract = told("SETTLE_CONTRACT").parse().unwrap();
    let pool = Pool::connect(&told("SETTLE_DATABASE")).await.unwrap();
    let key: PrivateKeySigner = told("SETTLE_KEY").parse().unwrap();
    let parts = Parts {
        payouts: payouts(pool.clone(), &told("SETTLE_SIGNER"), contract),
        pool,
        node: node(&told("SETTLE_RPC")),
        finality: Finality::Tag,
        executor: Executor::new(key, Domain { chain_id: CHAIN_ID, contract }).unwrap(),
        policy: policy(),
        automatic: Some(Duration::ZERO),
        poll: Duration::from_millis(20),
        metrics: Metrics::register(&prometheus::Registry::new()).unwrap(),
    };
    Settler::new(parts).passing(die_when_due).run(CHAIN_ID, std::future::pending()).await.unwrap();
}
