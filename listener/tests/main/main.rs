//! The listener on real parts: it follows, stops when it is told to, waits for what passes, and stands still, alarmed,
//! over what does not.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use alloy::primitives::U256;
use banyan_chain::Node;
use banyan_chain::node::Finality;
use banyan_entitlement::{ContractPlan, Plans};
use banyan_ledger::store::{Pool, connect};
use banyan_listener::{Deployment, ListenError, Listener, Metrics, Settings, Status};
use banyan_programme::Programme;
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Options};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_testkit::postgres::{Database, migrated_database};
use banyan_types::{Address, PlanHash};
use prometheus::Registry;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct World {
    anvil: Anvil,
    settlement: Settlement,
    database: Database,
    plans: Plans,
    plan: PlanHash,
}

/// A listener at work, and how to end it.
struct Running {
    metrics: Metrics,
    stop: oneshot::Sender<()>,
    work: JoinHandle<Result<(), ListenError>>,
}

impl World {
    async fn new() -> World {
        let mut plans = Plans::new();
        let plan =
            plans.add(ContractPlan::from_toml(include_str!("../../../config/plans/autopool.toml")).unwrap());
        let anvil = Anvil::start(&Options { wallets: 40, ..Options::default() }).unwrap();
        let settlement = Settlement::deploy(&anvil, plan.0).await.unwrap();
        let database = migrated_database().await.unwrap();
        World { anvil, settlement, database, plans, plan }
    }

    async fn register(&self, i: usize) {
        let user = self.anvil.address(Roles::FIRST_PERSON + i);
        let entry = U256::from(20) * U256::from(10).pow(U256::from(18));
        self.settlement.register(user, Address::ZERO, entry).await.unwrap();
    }

    async fn pool(&self) -> Pool {
        connect(&self.database.url_as("banyan_app"), "listener test", 4).await.unwrap()
    }

    fn deployment(&self) -> Deployment {
        Deployment {
            node: Node::connect(self.anvil.url(), Duration::from_secs(5)).unwrap(),
            chain_id: CHAIN_ID,
            contract: self.settlement.address,
            finality: Finality::Tag,
            plans: vec![self.plan],
        }
    }

    async fn listen(&self, deployment: Deployment) -> Running {
        let settings = Settings {
            metrics_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            poll_milliseconds: 10.try_into().unwrap(),
            max_blocks_per_request: 100.try_into().unwrap(),
            events_per_transaction: 5.try_into().unwrap(),
        };
        let metrics = Metrics::register(&Registry::new()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let (pool, plans) = (self.pool().await, self.plans.clone());
        let (chain_id, contract) = (CHAIN_ID, self.settlement.address);
        let books =
            banyan_programme::Deployment { chain_id, contract, start_block: self.settlement.start_block };
        let listener = Listener::new(deployment, settings, metrics.clone());
        let work = tokio::spawn(async move {
            let open = || Programme::open(pool.clone(), plans.clone(), books);
            // A sender that is gone is a reason to stop as well.
            listener.run(open, async { drop(stopped.await) }).await
        });
        Running { metrics, stop, work }
    }

    /// Last seq and halting reason in the database.
    async fn sync(&self) -> (Option<i64>, Option<String>) {
        let row: Option<(i64, Option<String>)> = sqlx::query_as("SELECT seq, halted FROM blockchain_sync")
            .fetch_optional(&self.pool().await)
            .await
            .unwrap();
        row.map_or((None, None), |(seq, halted)| (Some(seq), halted))
    }

    /// Waits until the books are as far as the chain is final.
    async fn wait_for_finality(&self) {
        let last = i64::try_from(self.anvil.head().await.unwrap()).unwrap() - 2;
        let pool = self.pool().await;
        let start = Instant::now();
        let read = "SELECT EXISTS (SELECT FROM blockchain_sync WHERE last_block >= $1)";
        while !sqlx::query_scalar::<_, bool>(read).bind(last).fetch_one(&pool).await.unwrap() {
            assert!(start.elapsed() < Duration::from_secs(30), "block {last} is read in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn wait_for_seq(&self, seq: i64) {
        let start = Instant::now();
        while self.sync().await.0 < Some(seq) {
            assert!(start.elapsed() < Duration::from_secs(30), "seq {seq} is read in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Running {
    async fn wait_for(&self, status: Status) {
        let start = Instant::now();
        while self.metrics.status() != status {
            assert!(start.elapsed() < Duration::from_secs(30), "{status:?} in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn end(self) -> Result<(), ListenError> {
        self.stop.send(()).unwrap();
        self.work.await.unwrap()
    }
}

#[tokio::test]
async fn it_follows_final_blocks_only_and_stops_when_told() {
    let world = World::new().await;
    world.register(0).await;
    let running = world.listen(world.deployment()).await;
    world.anvil.finalize().await.unwrap();
    world.wait_for_seq(1).await;
    running.wait_for(Status::Following).await;
    world.register(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.sync().await.0, Some(1), "what is not final is not applied");
    world.anvil.finalize().await.unwrap();
    world.wait_for_seq(2).await;
    running.end().await.unwrap();

    let again = world.listen(world.deployment()).await;
    world.register(2).await;
    world.anvil.finalize().await.unwrap();
    world.wait_for_seq(3).await;
    again.end().await.unwrap();
}

#[tokio::test]
async fn a_block_that_changes_below_finality_makes_it_stand_still_with_an_alarm() {
    let world = World::new().await;
    world.register(0).await;
    world.anvil.mine(8).await.unwrap();
    let running = world.listen(world.deployment()).await;
    // The reorganization must reach what was read.
    world.wait_for_finality().await;
    world.anvil.reorganize(6).await.unwrap();
    world.anvil.mine(10).await.unwrap();
    running.wait_for(Status::Halted).await;

    let start = Instant::now();
    let reason = loop {
        if let (_, Some(reason)) = world.sync().await {
            break reason;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "the reason is in the database");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(reason.contains("finality was broken"), "{reason}");
    world.register(1).await;
    world.anvil.finalize().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.sync().await.0, Some(1), "nothing more is applied");
    assert!(matches!(running.end().await, Err(ListenError::Halted(_))));
}

#[tokio::test]
async fn what_the_database_refuses_for_good_makes_it_stand_still_and_a_broken_connection_does_not() {
    let world = World::new().await;
    let running = world.listen(world.deployment()).await;
    running.wait_for(Status::Following).await;
    let superuser = Pool::connect(world.database.url()).await.unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'listener test'";
    sqlx::raw_sql(cut).execute(&superuser).await.unwrap();
    world.register(0).await;
    world.anvil.finalize().await.unwrap();
    world.wait_for_seq(1).await;

    sqlx::raw_sql("ALTER TABLE users ADD CONSTRAINT full_house CHECK (id < 2)")
        .execute(&superuser)
        .await
        .unwrap();
    world.register(1).await;
    world.anvil.finalize().await.unwrap();
    running.wait_for(Status::Halted).await;
    assert_eq!(world.sync().await.0, Some(1));
    let Err(ListenError::Halted(reason)) = running.end().await else { panic!("it stood still") };
    assert!(reason.contains("full_house"), "{reason}");
}

#[tokio::test]
async fn what_does_not_belong_together_ends_it_at_once_and_a_missing_node_is_waited_for() {
    let world = World::new().await;
    let wrong_plan = Deployment { plans: vec![PlanHash::NONE], ..world.deployment() };
    let ended = world.listen(wrong_plan).await.work.await.unwrap();
    assert!(ended.unwrap_err().to_string().contains("plans.files"));
    let wrong_chain = Deployment { chain_id: 56, ..world.deployment() };
    let ended = world.listen(wrong_chain).await.work.await.unwrap();
    assert!(ended.unwrap_err().to_string().contains("chain.id"));

    let node = Node::connect("http://127.0.0.1:9", Duration::from_secs(1)).unwrap();
    let running = world.listen(Deployment { node, ..world.deployment() }).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!running.work.is_finished(), "a node may come back");
    running.end().await.unwrap();
}

#[tokio::test]
async fn of_two_listeners_the_later_one_goes_on_and_the_earlier_one_leaves() {
    let world = World::new().await;
    let first = world.listen(world.deployment()).await;
    first.wait_for(Status::Following).await;
    let second = world.listen(world.deployment()).await;
    second.wait_for(Status::Following).await;
    world.register(0).await;
    world.anvil.finalize().await.unwrap();
    world.wait_for_seq(1).await;
    let left = first.work.await.unwrap().unwrap_err();
    assert!(left.to_string().contains("another process has taken over"), "{left}");
    world.register(1).await;
    world.anvil.finalize().await.unwrap();
    world.wait_for_seq(2).await;
    second.end().await.unwrap();
}
