//! Everything that settlement stands on, and the few moves that the tests are told in.

use std::time::Duration;

use alloy::primitives::U256;
use banyan_chain::eip712::Domain;
use banyan_chain::follower::FollowSettings;
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, Follower, Node};
use banyan_entitlement::{ContractPlan, Plans};
use banyan_ledger::store::Pool;
use banyan_programme::{Deployment, Programme};
use banyan_settlement::batch::{Policy, State};
use banyan_settlement::fees::FeePolicy;
use banyan_settlement::select::Limits;
use banyan_settlement::store::Leader;
use banyan_settlement::{BatchDetail, BatchKey, Executor, Filter, Metrics, Parts, Payouts, Settler};
use banyan_signer::client::SignerClient;
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Options};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_testkit::paths;
use banyan_testkit::postgres::{Database, migrated_database};
use banyan_testkit::process::Process;
use banyan_types::{Address, Amount};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{signer, store};

/// The price of joining, in wei.
const ENTRY: u128 = 20_000_000_000_000_000_000;
/// Who asks for batches in these tests.
pub const OPERATOR: &str = "operator";

/// A local installation without listener and settlement process: the test plays both.
pub struct World {
    pub payouts: Payouts,
    pub pool: Pool,
    pub contract: Settlement,
    pub signer_url: String,
    programme: Programme,
    follower: Follower,
    // Held for as long as the world lives.
    _signer: Process,
    pub anvil: Anvil,
    pub database: Database,
    _folder: tempfile::TempDir,
    people: usize,
}

pub fn amount(bnb: &str) -> Amount {
    Amount::from_decimal(bnb, 18).unwrap()
}

pub fn wei(amount: Amount) -> U256 {
    U256::from(amount.units().unsigned_abs())
}

pub fn node(url: &str) -> Node {
    Node::connect(url, Duration::from_secs(10)).unwrap()
}

/// The bounds of a patient process; tests that wait for a replacement are less patient.
pub fn policy() -> Policy {
    Policy {
        fees: FeePolicy { ceiling: 100_000_000_000, bump_percent: 10 },
        bump_after: Duration::from_secs(60),
        resend_after: Duration::ZERO,
        deadline_margin: 10,
    }
}

/// Payouts as the API would command them.
pub fn payouts(pool: Pool, signer_url: &str, contract: Address) -> Payouts {
    let token = SecretString::from(signer::TOKEN);
    let client = SignerClient::new(signer_url, token, Duration::from_secs(20)).unwrap();
    let limits = Limits { minimum: amount("0.000000000000000001"), max_items: 200, max_total: None };
    Payouts::new(pool, client, Domain { chain_id: CHAIN_ID, contract }, limits)
}

/// A settlement process.
pub fn settler(payouts: Payouts, pool: Pool, rpc_url: &str, executor: Executor, policy: Policy) -> Settler {
    let parts = Parts {
        pool,
        node: node(rpc_url),
        finality: Finality::Tag,
        executor,
        payouts,
        policy,
        automatic: None,
        poll: Duration::from_millis(50),
        metrics: Metrics::register(&prometheus::Registry::new()).unwrap(),
    };
    Settler::new(parts)
}

impl World {
    pub async fn start() -> World {
        let anvil = Anvil::start(&Options { wallets: 60, ..Options::default() }).unwrap();
        let toml = std::fs::read_to_string(paths::root().join("config/plans/autopool.toml")).unwrap();
        let plan = ContractPlan::from_toml(&toml).unwrap();
        let hash = plan.hash();
        let contract = Settlement::deploy(&anvil, hash.0).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (signer, signer_url) = signer::start(folder.path(), &anvil, &contract);
        let database = migrated_database().await.unwrap();
        let pool = Pool::connect(&database.url_as("banyan_app")).await.unwrap();
        let mut plans = Plans::new();
        plans.add(plan);
        let (chain_id, start_block) = (CHAIN_ID, contract.start_block);
        let deployment = Deployment { chain_id, contract: contract.address, start_block };
        let programme = Programme::open(pool.clone(), plans, deployment).await.unwrap();
        let view = ContractView::new(node(anvil.url()), contract.address);
        let settings =
            FollowSettings { chain_id, finality: Finality::Tag, max_blocks: 1000, plans: vec![hash] };
        let follower = Follower::open(view, settings, programme.cursor().clone()).await.unwrap();
        let payouts = payouts(pool.clone(), &signer_url, contract.address);
        World {
            payouts,
            pool,
            contract,
            signer_url,
            programme,
            follower,
            _signer: signer,
            anvil,
            database,
            _folder: folder,
            people: 0,
        }
    }

    pub fn person(&self, i: usize) -> Address {
        self.anvil.address(Roles::FIRST_PERSON + i)
    }

    /// A new person registers and pays; whoever came first is the sponsor of all others.
    pub async fn join(&mut self) -> Address {
        let (person, sponsor) = (self.person(self.people), self.person(0));
        let sponsor = if self.people == 0 { Address::ZERO } else { sponsor };
        self.contract.register(person, sponsor, U256::from(ENTRY)).await.unwrap();
        self.people += 1;
        person
    }

    /// Three people join, and the books know it.
    pub async fn with_three_people() -> World {
        let mut world = World::start().await;
        for _ in 0..3 {
            world.join().await;
        }
        world.finalize_and_read().await;
        world
    }

    /// Everything so far becomes final, and the books read it.
    pub async fn finalize_and_read(&mut self) {
        self.anvil.finalize().await.unwrap();
        self.read().await;
    }

    /// What the listener does.
    pub async fn read(&mut self) {
        while let Some(range) = self.follower.next(1000).await.unwrap() {
            self.programme.apply(&range).await.unwrap();
        }
        self.programme.sealed().await.unwrap();
    }

    /// What an operator does: build, sign, submit.
    pub async fn submit(&self, filter: &Filter) -> BatchDetail {
        let batch = self.payouts.build_batch(filter, OPERATOR).await.unwrap();
        self.payouts.sign_batch(batch.batch.id).await.unwrap();
        self.payouts.queue_batch(batch.batch.id).await.unwrap()
    }

    pub fn executor(&self) -> Executor {
        let domain = Domain { chain_id: CHAIN_ID, contract: self.contract.address };
        Executor::new(self.anvil.wallet(Roles::EXECUTOR), domain).unwrap()
    }

    pub fn settler(&self, policy: Policy) -> Settler {
        settler(self.payouts.clone(), self.pool.clone(), self.anvil.url(), self.executor(), policy)
    }

    /// Takes the lock of the settlement process, as soon as a killed one's connection is gone.
    pub async fn leader(&self) -> Leader {
        for _ in 0..200 {
            if let Some(leader) = Leader::take(&self.pool).await.unwrap() {
                return leader;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the lock of the settlement process is never free");
    }

    /// One turn of a fresh settlement process: nothing is kept in memory between two of them.
    pub async fn turn(&self) {
        self.turn_with(policy()).await;
    }

    pub async fn turn_with(&self, policy: Policy) {
        let mut leader = self.leader().await;
        self.settler(policy).turn(&mut leader).await.unwrap();
        leader.leave().await.unwrap();
    }

    /// One turn of a process that talks to another node.
    pub async fn turn_at(&self, rpc_url: &str) {
        let mut leader = self.leader().await;
        let (payouts, pool) = (self.payouts.clone(), self.pool.clone());
        settler(payouts, pool, rpc_url, self.executor(), policy()).turn(&mut leader).await.unwrap();
        leader.leave().await.unwrap();
    }

    /// Turns, blocks and reading until no batch is open.
    pub async fn until_closed(&mut self) {
        for _ in 0..50 {
            if store::open_batches(&self.pool).await == 0 {
                return;
            }
            self.turn().await;
            self.finalize_and_read().await;
        }
        panic!("a batch is still open");
    }

    pub async fn batch(&self, id: Uuid) -> BatchDetail {
        self.payouts.get(BatchKey::Id(id)).await.unwrap()
    }

    pub async fn state(&self, id: Uuid) -> State {
        self.batch(id).await.batch.state
    }

    /// A block for each transaction, or none until `anvil.mine` says so.
    pub async fn automine(&self, on: bool) {
        self.anvil.call("evm_setAutomine", serde_json::json!([on])).await.unwrap();
    }

    /// All that anybody has earned is paid, once: on the contract, and in the books.
    pub async fn assert_all_paid_once(&self) {
        let mut connection = self.pool.acquire().await.unwrap();
        let seq = self.contract.seq().await.unwrap();
        for entitlement in banyan_ledger::store::entitlements_at(&mut connection, seq).await.unwrap() {
            let account = self.contract.account(entitlement.address).await.unwrap();
            assert_eq!(U256::from(account.paid), wei(entitlement.cumulative), "{}", entitlement.address);
        }
        let trial = banyan_ledger::store::trial_balance(&mut connection).await.unwrap();
        assert!(trial.balanced(), "{trial:?}");
        for kind in ["payable", "in_batch", "suspense"] {
            assert_eq!(store::balance(&self.pool, kind).await, Amount::ZERO, "{kind}");
        }
        let states = store::rewards(&self.pool).await;
        assert!(states.keys().all(|state| state == "settled" || state == "owed"), "{states:?}");
    }
}
