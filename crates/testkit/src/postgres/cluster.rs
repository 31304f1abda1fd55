//! One PostgreSQL server: our own cluster, or the one that `DATABASE_URL` names.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use super::{database, programs};
use crate::error::{Doing, Result};
use crate::process::{Account, Process, Program, Signal, lost_its_port};
use crate::{install, ports};

/// Whether committed data must survive a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// PostgreSQL's own defaults (`fsync` on): for the demo, the kill test and measurements.
    Kept,
    /// `fsync` off: several times faster, and enough where only processes die and not the machine.
    Quick,
}

/// How a cluster is started.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What a crash of the machine may cost.
    pub durability: Durability,
    /// Insist on a cluster of our own, with its log at hand, even where `DATABASE_URL` is set.
    pub own: bool,
    /// Memory that the server keeps pages in, as PostgreSQL writes it; a quarter of the machine's is usual in production.
    pub shared_buffers: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self { durability: Durability::Quick, own: false, shared_buffers: "256MB" }
    }
}

/// A running PostgreSQL server on which databases can be created.
#[derive(Debug)]
pub struct Postgres {
    /// URL of the maintenance database.
    url: String,
    cluster: Option<Process>,
}

impl Postgres {
    /// Starts a cluster, or takes the server of `DATABASE_URL`. The cluster ends with the value, or with this process.
    ///
    /// # Errors
    /// When PostgreSQL is missing and cannot be installed, or does not start.
    pub fn start(options: Options) -> Result<Self> {
        match std::env::var("DATABASE_URL") {
            Ok(url) if !options.own && !url.is_empty() => Ok(Self { url, cluster: None }),
            _ => Self::start_from(&programs::folder()?, options),
        }
    }

    /// Starts a cluster from the npm package, which is the last resort elsewhere.
    ///
    /// # Errors
    /// When the package cannot be installed, or does not start.
    pub fn start_embedded(options: Options) -> Result<Self> {
        Self::start_from(&programs::embedded()?, options)
    }

    /// The server that all tests of this process share.
    ///
    /// # Errors
    /// As [`Postgres::start`]; a failed start is tried again by the next caller.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: Mutex<Option<&'static Postgres>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(running) = *shared {
            return Ok(running);
        }
        // Never dropped: the guard of the child ends it with this process.
        let started: &'static Self = Box::leak(Box::new(Self::start(Options::default())?));
        *shared = Some(started);
        Ok(started)
    }

    /// URL of the maintenance database (`postgres`), as a superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// URL of another database of this server.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        database::url_of(&self.url, database)
    }

    /// The server's log, when the cluster is our own.
    #[must_use]
    pub fn log_file(&self) -> Option<&Path> {
        self.cluster.as_ref().map(Process::log_file)
    }

    /// Process number of the server, when the cluster is our own.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.cluster.as_ref().map(Process::id)
    }

    fn start_from(programs: &Path, options: Options) -> Result<Self> {
        let account = programs::account()?;
        for _ in 0..5 {
            match launch(programs, account, options) {
                Err(error) if lost_its_port(&error) => {}
                started => return started,
            }
        }
        launch(programs, account, options)
    }
}

fn temporary_folder(account: Option<Account>) -> Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix("banyan-postgres-").tempdir();
    let folder = folder.doing(|| "creating a temporary folder for PostgreSQL".to_owned())?.keep();
    if let Some(Account { uid, gid }) = account {
        std::os::unix::fs::chown(&folder, Some(uid), Some(gid))
            .doing(|| format!("giving {} to the account of PostgreSQL", folder.display()))?;
    }
    Ok(folder)
}

fn initialise(programs: &Path, data: &Path, account: Option<Account>) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(programs.join("initdb"));
    command.arg("-D").arg(data).args(["-U", "banyan", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
    command.args(["--no-sync", "--no-instructions"]).current_dir("/");
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    install::run(&mut command).map(drop)
}

/// A whole new cluster: a child that ends takes its folder with it.
fn launch(programs: &Path, account: Option<Account>, options: Options) -> Result<Postgres> {
    let folder = temporary_folder(account)?;
    initialise(programs, &folder.join("data"), account)?;
    let port = ports::free()?;
    let mut program = Program::new("PostgreSQL", programs.join("postgres"), folder.join("log"))
        .arg("-D")
        .arg(folder.join("data"))
        .account(account)
        .signal(Signal::Quit)
        .remove_afterwards(&folder);
    for setting in settings(port, options) {
        program = program.arg("-c").arg(setting);
    }
    let mut cluster = program.start()?;
    cluster.wait_for_line("database system is ready to accept connections", Duration::from_secs(60))?;
    Ok(Postgres { url: format!("postgres://banyan@127.0.0.1:{port}/postgres"), cluster: Some(cluster) })
}

fn settings(port: u16, options: Options) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=300".to_owned(),
        format!("shared_buffers={}", options.shared_buffers),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %d ".to_owned(),
    ];
    match options.durability {
        Durability::Kept => {}
        Durability::Quick => {
            settings
                .extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
        }
    }
    settings
}
