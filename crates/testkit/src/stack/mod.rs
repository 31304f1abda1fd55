//! The whole product on a local chain: PostgreSQL, Redis, anvil, the contract, and our four services as separate
//! processes with keystores, tokens and configuration files like those of a real installation.

mod keys;
mod service;
mod settings;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use alloy::primitives::{Address, B256};
use banyan_engine::Plan;

use crate::anvil::{self, Anvil, Mining};
use crate::contract::{Roles, Settlement};
use crate::error::{Doing, Error, Result};
use crate::postgres::{self, Database, Durability, Postgres};
use crate::process::{self, Process};
use crate::redis::Redis;
use crate::{install, paths};

pub use service::Service;
use settings::{Addresses, Facts};

/// How the product is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// What a crash of the machine may cost the database.
    pub durability: Durability,
    /// Insist on a PostgreSQL of our own, even where `DATABASE_URL` is set.
    pub own_postgres: bool,
    /// How blocks come about. Finality needs blocks that come by themselves.
    pub mining: Mining,
    /// Number of wallets for people, beyond those that play roles.
    pub people: u32,
    /// The plan in force.
    pub plan: PathBuf,
    /// Seconds between automatic batches; batches are made by hand otherwise.
    pub automatic_payouts: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Quick,
            own_postgres: false,
            mining: Mining::Mixed(Duration::from_secs(1)),
            people: 380,
            plan: paths::root().join("config/plans/autopool.toml"),
            automatic_payouts: None,
        }
    }
}

/// The running product. Dropping it stops everything and removes its folder.
#[derive(Debug)]
pub struct Stack {
    // Dropped in this order: services first, then what they stand on.
    services: BTreeMap<Service, Process>,
    settlement: Settlement,
    facts: Facts,
    anvil: Anvil,
    redis: Redis,
    database: Database,
    postgres: Postgres,
    folder: tempfile::TempDir,
}

impl Stack {
    /// Brings everything up, each part ready before the next one starts; `tell` hears of each.
    ///
    /// # Errors
    /// When a part cannot be had or does not get ready, with its last lines and what to do.
    pub async fn start(options: &Options, tell: impl Fn(&str)) -> Result<Self> {
        let mut stack = Self::found(options, &tell).await?;
        stack.migrate()?;
        for service in Service::IN_ORDER {
            stack.start_service(service)?;
            tell(&format!("{} is ready", service.title()));
        }
        Ok(stack)
    }

    /// Everything that the services stand on.
    async fn found(options: &Options, tell: &impl Fn(&str)) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("banyan-stack-").tempdir();
        let folder = folder.doing(|| "creating a folder for the product".to_owned())?;
        let logs = folder.path().join("logs");
        std::fs::create_dir(&logs).doing(|| format!("creating {}", logs.display()))?;
        let own = options.own_postgres;
        let durability = options.durability;
        let postgres =
            Postgres::start(postgres::Options { durability, own, ..postgres::Options::default() })?;
        let database = postgres.create_database(&postgres::unique_name()).await?;
        tell("PostgreSQL is ready");
        let redis = Redis::start()?;
        tell("Redis is ready");
        let wallets = options.people + u32::try_from(Roles::FIRST_PERSON).expect("a small number");
        let log = Some(logs.join("anvil.log"));
        let chain = anvil::Options { wallets, balance: 10_000, mining: options.mining, log, port: None };
        let anvil = Anvil::start(&chain)?;
        tell(&format!("a local chain is ready (chain id {}, as BNB Smart Chain)", anvil::CHAIN_ID));
        let keys = keys::make(folder.path(), &anvil)?;
        let plan = plan_hash(&options.plan)?;
        let settlement = Settlement::deploy_for(&anvil, plan, keys.intake, keys.payout).await?;
        tell(&format!("the settlement contract is deployed at {}", settlement.address));
        let facts = Facts {
            contract: settlement.address,
            start_block: settlement.start_block,
            rpc_url: anvil.url().to_owned(),
            plan_files: vec![options.plan.clone()],
            database_url: database.url_as("banyan_app"),
            owner_url: database.url().to_owned(),
            redis_url: redis.url().to_owned(),
            operator: anvil.address(Roles::OPERATOR),
            automatic_payouts: options.automatic_payouts,
            addresses: Addresses::free()?,
        };
        settings::write(folder.path(), &facts)?;
        Ok(Self { services: BTreeMap::new(), settlement, facts, anvil, redis, database, postgres, folder })
    }

    /// `banyan migrate`, as an operator does it.
    fn migrate(&self) -> Result<()> {
        let mut banyan = Command::new(process::binary("banyan")?);
        install::run(banyan.arg("migrate").arg("--config").arg(self.config_file())).map(drop)
    }

    /// Starts a service and waits until it is ready. One that runs already is stopped first.
    ///
    /// # Errors
    /// When it does not get ready, with its last lines.
    pub fn start_service(&mut self, service: Service) -> Result<()> {
        self.services.remove(&service);
        let program = service.program(self.folder.path(), &self.logs())?;
        let mut started = program.start()?;
        started.wait_for_http(service.health(&self.facts.addresses), "/healthz", Duration::from_secs(60))?;
        self.services.insert(service, started);
        Ok(())
    }

    /// A running service, to stop, kill or watch.
    ///
    /// # Panics
    /// When it was never started.
    pub fn service(&mut self, service: Service) -> &mut Process {
        self.services.get_mut(&service).expect("every service was started with the stack")
    }

    /// The chain.
    #[must_use]
    pub fn anvil(&self) -> &Anvil {
        &self.anvil
    }

    /// The contract.
    #[must_use]
    pub fn settlement(&self) -> &Settlement {
        &self.settlement
    }

    /// The server that the database is on.
    #[must_use]
    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// The product's database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// URL of Redis.
    #[must_use]
    pub fn redis_url(&self) -> &str {
        self.redis.url()
    }

    /// Base URL of the API's routes.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("http://{}/v1", self.facts.addresses.api)
    }

    /// URL of a service's metrics, for those that have them.
    #[must_use]
    pub fn metrics_url(&self, service: Service) -> String {
        format!("http://{}/metrics", service.health(&self.facts.addresses))
    }

    /// Where a service says that it is alive.
    #[must_use]
    pub fn health(&self, service: Service) -> SocketAddr {
        service.health(&self.facts.addresses)
    }

    /// The configuration file of `banyan`.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.folder.path().join(settings::BANYAN)
    }

    /// The plan file that was in force first.
    #[must_use]
    pub fn plan_file(&self) -> &Path {
        &self.facts.plan_files[0]
    }

    /// Lays one more plan file at all services, as an operator does before the plan comes into force. They know it once
    /// they are started again.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn lay_plan(&mut self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).doing(|| format!("writing {}", path.display()))?;
        self.facts.plan_files.push(path);
        settings::write(self.folder.path(), &self.facts)
    }

    /// The contract for somebody who has stolen both signers' keys: what they sign, no service has looked at.
    ///
    /// # Errors
    /// When the keystores cannot be opened.
    pub fn stolen(&self) -> Result<Settlement> {
        let (intake, payout) = keys::stolen(self.folder.path())?;
        Ok(self.settlement.clone().signed_by(intake, payout))
    }

    /// The product's own folder: configuration, keys, logs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the services' logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// Leaves the folder on disk when this value goes, and returns its path.
    pub fn keep_folder(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// The address of the operator of the API.
    #[must_use]
    pub fn operator(&self) -> Address {
        self.facts.operator
    }
}

/// The hash of a plan file.
fn plan_hash(path: &Path) -> Result<B256> {
    let text = std::fs::read_to_string(path).doing(|| format!("reading {}", path.display()))?;
    let plan = Plan::from_toml(&text).map_err(|reason| Error::Unexpected {
        what: path.display().to_string(),
        expected: "a plan".to_owned(),
        got: reason.to_string(),
    })?;
    Ok(plan.hash().0)
}
