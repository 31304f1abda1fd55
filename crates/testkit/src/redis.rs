//! Redis for tests: `REDIS_URL`, or a `redis-server` of this machine (installed with apt-get when missing and we are
//! root) on a free port of the loopback interface, which writes nothing to disk.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::error::{Doing, Result};
use crate::process::{Process, Program, lost_its_port};
use crate::{install, ports};

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    url: String,
    server: Option<Process>,
}

impl Redis {
    /// Starts a server, or takes the one that `REDIS_URL` names. The server ends with the value, or with this process.
    ///
    /// # Errors
    /// When Redis is missing and cannot be installed, or does not start.
    pub fn start() -> Result<Self> {
        if let Some(url) = std::env::var("REDIS_URL").ok().filter(|url| !url.is_empty()) {
            return Ok(Self { url, server: None });
        }
        let path = program()?;
        for _ in 0..5 {
            match launch(&path) {
                Err(error) if lost_its_port(&error) => {}
                started => return started,
            }
        }
        launch(&path)
    }

    /// The server that all tests of this process share.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn shared() -> Result<&'static Self> {
        static SHARED: Mutex<Option<&'static Redis>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(running) = *shared {
            return Ok(running);
        }
        let started: &'static Self = Box::leak(Box::new(Self::start()?));
        *shared = Some(started);
        Ok(started)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process number, when it is our own child.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.server.as_ref().map(Process::id)
    }
}

/// Sees to it that Redis is on the machine, unless `REDIS_URL` names a server.
///
/// # Errors
/// When it is missing and cannot be installed, with the command to run.
pub fn ensure() -> Result<()> {
    if std::env::var("REDIS_URL").is_ok_and(|url| !url.is_empty()) {
        return Ok(());
    }
    program().map(drop)
}

fn program() -> Result<PathBuf> {
    install::or_apt("Redis", "redis-server", || install::program("redis-server"))
}

fn launch(path: &Path) -> Result<Redis> {
    let port = ports::free()?;
    let folder = tempfile::Builder::new().prefix("banyan-redis-").tempdir();
    let folder = folder.doing(|| "creating a temporary folder for Redis".to_owned())?.keep();
    let mut server = Program::new("Redis", path, folder.join("log"))
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
        ])
        .arg(&folder)
        .remove_afterwards(&folder)
        .start()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    server.wait_for_answer(address, "PING\r\n", "+PONG", Duration::from_secs(30))?;
    Ok(Redis { url: format!("redis://127.0.0.1:{port}/"), server: Some(server) })
}
