//! The operator's commands of docs/backup.md, as the page has them.

use std::path::Path;
use std::process::Command;

use banyan_testkit::postgres::{self, Options, Postgres};
use banyan_testkit::process::{Process, Program, binary};
use banyan_testkit::stack::Stack;
use sqlx::PgPool;

/// The head of the sealed journal as an operator notes it beside a backup.
pub struct Noted {
    pub number: i64,
    pub hash: String,
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
}

/// Notes the sealed head, then dumps roles and database, whoever writes meanwhile.
pub async fn back_up(url: &str, dump: &Path) -> Noted {
    let pool = PgPool::connect(url).await.unwrap();
    let (number, hash): (i64, String) =
        sqlx::query_as("SELECT number, encode(hash, 'hex') FROM seal_head").fetch_one(&pool).await.unwrap();
    let (url, dump) = (url.to_owned(), dump.to_owned());
    let dumping = tokio::task::spawn_blocking(move || {
        let mut roles = Command::new(postgres::program("pg_dumpall").unwrap());
        run(roles
            .args(["--roles-only", "--no-role-passwords", "--dbname", &url, "--file"])
            .arg(dump.with_extension("roles")));
        let mut database = Command::new(postgres::program("pg_dump").unwrap());
        run(database.args(["--format=custom", "--dbname", &url, "--file"]).arg(&dump));
    });
    dumping.await.unwrap();
    assert!(number > 0, "there is something sealed to note");
    Noted { number, hash }
}

/// The hash of a seal.
pub async fn sealed_at(pool: &PgPool, number: i64) -> String {
    sqlx::query_scalar("SELECT encode(hash, 'hex') FROM journal_seals WHERE number = $1")
        .bind(number)
        .fetch_one(pool)
        .await
        .unwrap()
}

/// The restored product: a server of its own, with the original's configuration but for the database.
pub struct Restored {
    services: Vec<Process>,
    environment: Vec<(&'static str, String)>,
    config: std::path::PathBuf,
    logs: std::path::PathBuf,
    url: String,
    _server: Postgres,
}

impl Restored {
    pub async fn from(stack: &Stack, dump: &Path) -> Restored {
        let server = Postgres::start(Options { own: true, ..Options::default() }).unwrap();
        let mut roles = Command::new(postgres::program("psql").unwrap());
        // The owner is on the new server already, which psql only remarks.
        run(roles.args(["--quiet", "--dbname", server.url(), "--file"]).arg(dump.with_extension("roles")));
        let database = server.create_database("banyan_restored").await.unwrap();
        let app = database.url_as("banyan_app");
        let url = database.keep();
        let mut restore = Command::new(postgres::program("pg_restore").unwrap());
        run(restore.args(["--exit-on-error", "--single-transaction", "--dbname", &url]).arg(dump));
        let free = || format!("127.0.0.1:{}", banyan_testkit::ports::free().unwrap());
        let environment = vec![
            ("BANYAN__DATABASE__URL", app),
            ("BANYAN__DATABASE__OWNER_URL", url.clone()),
            ("BANYAN__LISTENER__METRICS_LISTEN", free()),
            ("BANYAN__SETTLEMENT__METRICS_LISTEN", free()),
        ];
        let (config, logs) = (stack.config_file(), stack.logs());
        Restored { services: Vec::new(), environment, config, logs, url, _server: server }
    }

    pub async fn pool(&self) -> PgPool {
        PgPool::connect(&self.url).await.unwrap()
    }

    /// `banyan migrate` (there is nothing to do), `banyan ledger verify`, `proof` and `trial-balance`.
    pub fn prove(&self) {
        for words in
            [&["migrate"][..], &["ledger", "verify"], &["ledger", "proof"], &["ledger", "trial-balance"]]
        {
            let mut command = Command::new(binary("banyan").unwrap());
            command.args(words).arg("--config").arg(&self.config).envs(self.environment.iter().cloned());
            run(&mut command);
        }
    }

    pub fn listen(&mut self) {
        self.start("listen");
    }

    pub fn settle(&mut self) {
        self.start("settle");
    }

    fn start(&mut self, service: &str) {
        let log = self.logs.join(format!("restored-{service}.log"));
        let mut program = Program::new(service, binary("banyan").unwrap(), log)
            .arg(service)
            .arg("--config")
            .arg(&self.config);
        for (name, value) in &self.environment {
            program = program.env(name, value);
        }
        self.services.push(program.start().unwrap());
    }

    /// Stops what was started; each must still be running, and end well.
    pub fn stop(&mut self) {
        for mut service in self.services.drain(..) {
            assert!(service.is_running(), "{}: {}", service.name(), service.log());
            let status = service.stop().unwrap();
            assert!(status.success(), "{}: {}", service.name(), service.log());
        }
    }
}
