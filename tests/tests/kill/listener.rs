//! `banyan listen` as a process, watched through PostgreSQL's own views.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use banyan_testkit::anvil::Anvil;
use banyan_testkit::contract::Settlement;
use banyan_testkit::process::{Process, Program, binary};
use banyan_testkit::{paths, ports};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// How to start the listener of one database.
pub struct Listener {
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    log: PathBuf,
    /// A superuser's connection to the same database.
    watch: PgPool,
}

impl Listener {
    pub async fn new(anvil: &Anvil, settlement: &Settlement, superuser: &str, database: &str) -> Listener {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free().unwrap()));
        let environment = vec![
            ("BANYAN__CHAIN__RPC_URL", anvil.url().to_owned()),
            ("BANYAN__CHAIN__CONTRACT", settlement.address.to_string()),
            ("BANYAN__CHAIN__START_BLOCK", settlement.start_block.to_string()),
            ("BANYAN__DATABASE__URL", database.to_owned()),
            ("BANYAN__LISTENER__METRICS_LISTEN", address.to_string()),
            ("BANYAN__LISTENER__POLL_MILLISECONDS", "20".to_owned()),
            ("BANYAN__LISTENER__EVENTS_PER_TRANSACTION", "60".to_owned()),
        ];
        let log =
            std::env::temp_dir().join(format!("banyan-kill-{}-{}.log", std::process::id(), address.port()));
        let watch = PgPool::connect(superuser).await.unwrap();
        Listener { program: binary("banyan").unwrap(), environment, log, watch }
    }

    pub fn start(&self) -> Process {
        let config = paths::root().join("config/default.toml");
        let mut program =
            Program::new("listener", &self.program, &self.log).arg("listen").arg("--config").arg(config);
        for (name, value) in &self.environment {
            program = program.env(name, value);
        }
        program.start().unwrap()
    }

    /// Runs undisturbed until the books stand at `block`, then asks it to stop, which it does with success.
    pub async fn run_to(&self, block: u64) {
        let mut process = self.start();
        self.wait(&mut process, "the last block", || async { self.last_block().await >= Some(block) }).await;
        let status = process.stop().expect("it ends when it is asked to");
        assert!(status.success(), "{status}: {}", process.log());
    }

    /// Waits until `count` more ranges are applied than were at the start.
    pub async fn wait_for_ranges(&self, process: &mut Process, count: u32) {
        for _ in 0..count {
            let before = self.last_block().await;
            self.wait(process, "a range", || async { self.last_block().await > before }).await;
        }
    }

    /// Stops the listener's next transaction before it writes `table`, and waits until it stands there; dropped, the
    /// transaction would go on.
    pub async fn hold_before(&self, process: &mut Process, table: &str) -> Transaction<'static, Postgres> {
        let mut held = self.watch.begin().await.unwrap();
        let lock = format!("LOCK TABLE {table} IN SHARE MODE");
        sqlx::query(AssertSqlSafe(lock)).execute(&mut *held).await.unwrap();
        let stands = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                      AND application_name = 'banyan listen' AND wait_event_type = 'Lock'
                      AND backend_xid IS NOT NULL AND query NOT LIKE '%seal_journal%')";
        self.wait(process, "a transaction that stands", || self.holds(stands)).await;
        held
    }

    /// Waits until the listener is in a transaction that has written and goes on: not in the one statement of the sealer,
    /// nor waiting for the disk with its commit.
    pub async fn wait_for_open_transaction(&self, process: &mut Process) {
        let open = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                    AND application_name = 'banyan listen' AND backend_xid IS NOT NULL AND query NOT LIKE '%seal_journal%'
                    AND query <> 'COMMIT')";
        self.wait(process, "an open transaction", || self.holds(open)).await;
    }

    /// Waits until PostgreSQL has noticed that the killed listener is gone.
    pub async fn wait_until_gone(&self) {
        let gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                    AND application_name = 'banyan listen')";
        let start = Instant::now();
        while !self.holds(gone).await {
            assert!(start.elapsed() < PATIENCE, "PostgreSQL lets go of a killed client");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn last_block(&self) -> Option<u64> {
        let block: Option<i64> = sqlx::query_scalar("SELECT last_block FROM blockchain_sync")
            .fetch_optional(&self.watch)
            .await
            .unwrap();
        block.map(i64::unsigned_abs)
    }

    async fn holds(&self, question: &'static str) -> bool {
        sqlx::query_scalar(question).fetch_one(&self.watch).await.unwrap()
    }

    async fn wait<F: Future<Output = bool>>(&self, process: &mut Process, what: &str, holds: impl Fn() -> F) {
        let start = Instant::now();
        while !holds().await {
            assert!(process.is_running(), "the listener ended while {what} was awaited: {}", process.log());
            assert!(start.elapsed() < PATIENCE, "{what} did not come: {}", process.log());
            tokio::time::sleep(Duration::from_micros(300)).await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A log that is not there any more is no loss.
        let _ = std::fs::remove_file(&self.log);
    }
}
