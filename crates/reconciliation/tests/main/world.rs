//! A chain with the worked example's fifteen registrations and more, and books that have read it.

use std::time::Duration;

use alloy::primitives::U256;
use banyan_chain::follower::FollowSettings;
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, Follower, Node};
use banyan_entitlement::{ContractPlan, Directive, Plans};
use banyan_ledger::store::{Pool, connect};
use banyan_programme::{Deployment, Programme};
use banyan_reconciliation::{Difference, Reconciler, Replayer};
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Options};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_testkit::postgres::{Database, migrated_database};
use banyan_types::{Address, Amount, B256, PlanHash};

/// Participants of the worked example: `person(1)` to `person(15)`.
pub const PEOPLE: usize = 15;

pub struct World {
    pub anvil: Anvil,
    pub settlement: Settlement,
    plan: PlanHash,
    plans: Plans,
}

/// Books of the world's contract.
pub struct Books {
    database: Database,
}

pub fn bnb(amount: u128) -> U256 {
    U256::from(amount) * U256::from(10u128.pow(18))
}

impl World {
    /// The contract, just born.
    pub async fn empty() -> World {
        let text = include_str!("../../../../config/plans/autopool.toml");
        let mut plans = Plans::new();
        let plan = plans.add(ContractPlan::from_toml(text).unwrap());
        let anvil = Anvil::start(&Options { wallets: 50, ..Options::default() }).unwrap();
        let settlement = Settlement::deploy(&anvil, plan.0).await.unwrap();
        World { anvil, settlement, plan, plans }
    }

    /// The worked example; then a retopup, a payment that the plan refuses, a grant, a directive of no known kind, a
    /// freeze, and a batch that pays `person(1)` all of her 45.6 and the company 100.
    pub async fn lived() -> World {
        let world = World::empty().await;
        let settlement = &world.settlement;
        for i in 1..=PEOPLE {
            let sponsor = if i == 1 { Address::ZERO } else { world.person(1) };
            settlement.register(world.person(i), sponsor, bnb(20)).await.unwrap();
        }
        settlement.retopup(world.person(2), bnb(40)).await.unwrap();
        settlement.retopup(world.person(3), bnb(41)).await.unwrap();
        let grant = Directive::Grant { user: world.person(4), reason: "thanks".to_owned() };
        settlement.directive("GRANT", grant.encode().1, bnb(3)).await.unwrap();
        settlement.directive("HELLO", Default::default(), bnb(1)).await.unwrap();
        settlement.freeze(world.person(5)).await.unwrap();
        let items =
            [(Address::ZERO, bnb(100)), (world.person(1), U256::from(45_600_000_000_000_000_000u128))];
        settlement.pay(&items, B256::ZERO, bnb(200)).await.unwrap();
        world
    }

    pub fn person(&self, i: usize) -> Address {
        self.anvil.address(Roles::FIRST_PERSON + i)
    }

    pub fn view(&self) -> ContractView {
        let node = Node::connect(self.anvil.url(), Duration::from_secs(10)).unwrap();
        ContractView::new(node, self.settlement.address)
    }

    /// Books that have read all of the chain.
    pub async fn books(&self) -> Books {
        let books = Books { database: migrated_database().await.unwrap() };
        self.catch_up(&books).await;
        books
    }

    /// Makes all of the chain final and lets the books read it.
    pub async fn catch_up(&self, books: &Books) {
        self.anvil.finalize().await.unwrap();
        let mut programme =
            Programme::open(books.pool().await, self.plans.clone(), self.deployment()).await.unwrap();
        let (chain_id, plans) = (CHAIN_ID, vec![self.plan]);
        let settings = FollowSettings { chain_id, finality: Finality::Tag, max_blocks: 1000, plans };
        let cursor = programme.cursor().clone();
        let mut follower = Follower::open(self.view(), settings, cursor).await.unwrap();
        while let Some(range) = follower.next(1000).await.unwrap() {
            programme.apply(&range).await.unwrap();
        }
        programme.sealed().await.unwrap();
    }

    pub fn deployment(&self) -> Deployment {
        let (contract, start_block) = (self.settlement.address, self.settlement.start_block);
        Deployment { chain_id: CHAIN_ID, contract, start_block }
    }

    pub async fn replayer(&self, books: &Books) -> Replayer {
        self.replayer_asking(books, self.view()).await
    }

    pub async fn replayer_asking(&self, books: &Books, view: ContractView) -> Replayer {
        Replayer::new(books.pool().await, view, self.deployment(), self.plans.clone())
    }

    /// A contract on a node that nobody can reach.
    pub fn nowhere(&self) -> ContractView {
        let node = Node::connect("http://127.0.0.1:9", Duration::from_secs(1)).unwrap();
        ContractView::new(node, self.settlement.address)
    }

    pub async fn reconciler(&self, books: &Books) -> Reconciler {
        Reconciler::new(books.pool().await, self.view(), CHAIN_ID, self.plans.clone())
    }
}

impl Books {
    /// Books that have read nothing.
    pub async fn empty() -> Books {
        Books { database: migrated_database().await.unwrap() }
    }

    pub async fn pool(&self) -> Pool {
        connect(&self.database.url_as("banyan_app"), "reconciliation test", 4).await.unwrap()
    }

    pub async fn superuser(&self) -> Pool {
        Pool::connect(self.database.url()).await.unwrap()
    }

    /// A statement of a superuser who switches every trigger and foreign key off.
    pub async fn tamper(&self, statement: &str) {
        let pool = self.superuser().await;
        let statement = format!("SET session_replication_role = replica; {statement}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

/// Kinds and rows of differences, in order.
pub fn seen(differences: &[Difference]) -> Vec<(&'static str, String)> {
    let row = |it: &Difference| {
        it.evidence.first().map_or(String::new(), |row| format!("{} {}", row.table, row.id))
    };
    differences.iter().map(|it| (it.kind.name(), row(it))).collect()
}

pub fn amount(text: &str) -> Amount {
    Amount::from_decimal(text, 18).unwrap()
}
