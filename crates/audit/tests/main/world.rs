//! A chain on which everything has happened that can: payments that the plan takes and refuses, directives, batches with
//! a root, an account that does not take its money, a claim, a withdrawal of what was owed, a freeze.

use std::time::Duration;

use alloy::primitives::U256;
use alloy::sol_types::SolCall as _;
use banyan_audit::{Audit, AuditError, Finding, Request, audit};
use banyan_chain::follower::FollowSettings;
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, Follower, Node, start_cursor};
use banyan_entitlement::{ContractPlan, Directive, Entitlements, Plans};
use banyan_ledger::store::{Pool, connect};
use banyan_programme::{Deployment, Programme};
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Options};
use banyan_testkit::contract::{Roles, Settlement, abi, recipient};
use banyan_testkit::postgres::{Database, migrated_database};
use banyan_types::history::Fact;
use banyan_types::{Address, Amount, B256, PlanHash};

pub const PLAN: &str = include_str!("../../../../config/plans/autopool.toml");

pub struct World {
    pub anvil: Anvil,
    pub settlement: Settlement,
    /// A participant that is a contract.
    pub wallet: Address,
    plan: PlanHash,
}

/// Books of the world's contract.
pub struct Books {
    database: Database,
}

pub fn bnb(amount: u128) -> U256 {
    U256::from(amount) * U256::from(10u128.pow(18))
}

pub fn wei(amount: Amount) -> U256 {
    U256::from(amount.units().unsigned_abs())
}

pub fn plans(files: &[&str]) -> Plans {
    let mut plans = Plans::new();
    for file in files {
        plans.add(ContractPlan::from_toml(file).unwrap());
    }
    plans
}

impl World {
    /// The contract, just born.
    pub async fn empty() -> World {
        let plan = ContractPlan::from_toml(PLAN).unwrap().hash();
        let anvil = Anvil::start(&Options { wallets: 50, ..Options::default() }).unwrap();
        let settlement = Settlement::deploy(&anvil, plan.0).await.unwrap();
        World { anvil, settlement, wallet: Address::ZERO, plan }
    }

    pub async fn lived() -> World {
        let mut world = World::empty().await;
        let owner = world.person(16);
        for i in 1..=15 {
            let sponsor = if i == 1 { Address::ZERO } else { world.person(1) };
            world.settlement.register(world.person(i), sponsor, bnb(20)).await.unwrap();
        }
        world.wallet = world.settlement.recipient_wallet(owner).await.unwrap();
        let settlement = &world.settlement;
        settlement.register_wallet(owner, world.wallet, world.person(2), bnb(20)).await.unwrap();
        settlement.register(world.person(17), world.wallet, bnb(20)).await.unwrap();
        settlement.retopup(world.person(2), bnb(40)).await.unwrap();
        settlement.retopup(world.person(3), bnb(41)).await.unwrap();
        let grant = Directive::Grant { user: world.person(4), reason: "thanks".to_owned() };
        settlement.directive("GRANT", grant.encode().1, bnb(3)).await.unwrap();
        settlement.directive("HELLO", Default::default(), bnb(1)).await.unwrap();
        settlement.freeze(world.person(5)).await.unwrap();
        world.pay_some().await;
        world.settlement.register(world.person(18), world.person(3), bnb(20)).await.unwrap();
        world
    }

    /// A batch with the root that pays the company a part and two accounts all, one of which does not take it; a claim
    /// of a third's; the withdrawal of what was owed, and as much owed again.
    async fn pay_some(&self) {
        let (settlement, entitlements) = (&self.settlement, self.entitlements().await);
        let latest = entitlements.as_of(entitlements.seq().unwrap()).unwrap();
        let earned = |account| wei(latest.cumulative(account));
        let (first, third) = (self.person(1), self.person(3));
        let items = [(Address::ZERO, bnb(100)), (first, earned(first)), (self.wallet, earned(self.wallet))];
        settlement.pay(&items, latest.root(), bnb(500)).await.unwrap();
        let proof = latest.proof(third).unwrap();
        let claim = abi::claimCall { account: third, cumulative: earned(third), proof };
        settlement.call(self.person(9), &claim, U256::ZERO).await.unwrap();
        let owner = self.person(16);
        let withdraw = recipient::withdrawOwedCall { settlement: settlement.address, to: owner };
        self.anvil.transact(owner, self.wallet, withdraw.abi_encode().into(), U256::ZERO).await.unwrap();
        settlement.register(self.person(19), self.wallet, bnb(20)).await.unwrap();
        let all = wei(self.entitlements().await.cumulative(self.wallet));
        settlement.pay(&[(self.wallet, all)], B256::ZERO, bnb(500)).await.unwrap();
    }

    pub fn person(&self, i: usize) -> Address {
        self.anvil.address(Roles::FIRST_PERSON + i)
    }

    fn follow(&self) -> FollowSettings {
        let (chain_id, plans) = (CHAIN_ID, vec![self.plan]);
        FollowSettings { chain_id, finality: Finality::Tag, max_blocks: 1000, plans }
    }

    /// What everybody has earned by all of the chain so far.
    pub async fn entitlements(&self) -> Entitlements {
        self.anvil.finalize().await.unwrap();
        let cursor = start_cursor(self.settlement.start_block);
        let mut follower = Follower::open(self.view(self.anvil.url()), self.follow(), cursor).await.unwrap();
        let mut entitlements = Entitlements::new(plans(&[PLAN]));
        while let Some(range) = follower.next(1000).await.unwrap() {
            for event in &range.events {
                if let Fact::Entry { entry, .. } = &event.fact {
                    entitlements.apply(entry).unwrap();
                }
            }
        }
        entitlements
    }

    pub fn view(&self, url: &str) -> ContractView {
        ContractView::new(Node::connect(url, Duration::from_secs(10)).unwrap(), self.settlement.address)
    }

    /// What is asked of an audit over the node at `url`, without books.
    pub fn request(&self, url: &str) -> Request {
        Request {
            view: self.view(url),
            chain_id: None,
            finality: Finality::Tag,
            plans: plans(&[PLAN]),
            from_block: self.settlement.start_block,
            to_block: None,
            books: None,
        }
    }

    /// An audit of all that is there, without books.
    pub async fn audit(&self) -> Result<Audit, AuditError> {
        self.anvil.finalize().await.unwrap();
        audit(self.request(self.anvil.url())).await
    }

    /// Books that have read all of the chain.
    pub async fn books(&self) -> Books {
        let books = Books { database: migrated_database().await.unwrap() };
        self.anvil.finalize().await.unwrap();
        let (chain_id, contract) = (CHAIN_ID, self.settlement.address);
        let deployment = Deployment { chain_id, contract, start_block: self.settlement.start_block };
        let pool = connect(&books.database.url_as("banyan_app"), "audit test", 4).await.unwrap();
        let mut programme = Programme::open(pool, plans(&[PLAN]), deployment).await.unwrap();
        let cursor = programme.cursor().clone();
        let mut follower = Follower::open(self.view(self.anvil.url()), self.follow(), cursor).await.unwrap();
        while let Some(range) = follower.next(1000).await.unwrap() {
            programme.apply(&range).await.unwrap();
        }
        programme.sealed().await.unwrap();
        books
    }

    /// An audit with the books beside the chain, by somebody who may only read.
    pub async fn audit_with(&self, books: &Books) -> Result<Audit, AuditError> {
        let pool = connect(&books.database.url_as("banyan_read"), "audit test", 4).await.unwrap();
        audit(Request { books: Some(pool), ..self.request(self.anvil.url()) }).await
    }
}

impl Books {
    /// A statement of a superuser who switches every trigger and foreign key off, and what it changed.
    pub async fn tamper(&self, statement: &str) -> u64 {
        let pool = Pool::connect(self.database.url()).await.unwrap();
        let statement = format!("SET session_replication_role = replica; {statement}");
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        pool.close().await;
        done.rows_affected()
    }
}

/// Kind and first row of what was found.
pub fn seen(findings: &[Finding]) -> Vec<(&'static str, String)> {
    let row = |it: &Finding| it.rows.first().map_or(String::new(), |row| format!("{} {}", row.table, row.id));
    findings.iter().map(|it| (it.kind, row(it))).collect()
}
