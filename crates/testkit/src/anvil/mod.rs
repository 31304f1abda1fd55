//! anvil as BNB Smart Chain: base fee 0, 55 M gas a block, the gas cap of a transaction, finality two blocks behind the
//! head. The chain id is 31337, so that nothing signed with these public keys is worth anything on a real chain.
//!
//! The binary comes from the npm packages of `contracts/`.

mod rpc;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;

use crate::error::{Doing, Error, Result};
use crate::process::{Process, Program, lost_its_port};
use crate::{install, paths, ports};

pub use rpc::{Mined, Rpc};

/// The chain id of every local chain.
pub const CHAIN_ID: u64 = 31337;

/// Foundry's well-known mnemonic, from which all wallets are derived (`m/44'/60'/0'/0/i`).
pub const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// How blocks come about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mining {
    /// A block for each transaction, at once.
    #[default]
    Instant,
    /// A block every so often, empty or not.
    Interval(Duration),
    /// A block for each transaction at once, and an empty one every so often: finality comes by itself.
    Mixed(Duration),
    /// Only when [`Anvil::mine`] says so.
    OnDemand,
}

/// How a chain is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of funded wallets.
    pub wallets: u32,
    /// Balance of each, in whole BNB.
    pub balance: u64,
    /// How blocks come about.
    pub mining: Mining,
    /// The port, where it matters; a free one otherwise.
    pub port: Option<u16>,
    /// Where to keep the log; in the chain's temporary folder otherwise.
    pub log: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { wallets: 20, balance: 1_000_000, mining: Mining::Instant, port: None, log: None }
    }
}

/// A running local chain.
#[derive(Debug)]
pub struct Anvil {
    node: Process,
    rpc: Rpc,
    keys: Vec<PrivateKeySigner>,
}

/// A chain can be called like its JSON-RPC interface.
impl std::ops::Deref for Anvil {
    type Target = Rpc;

    fn deref(&self) -> &Rpc {
        &self.rpc
    }
}

impl Anvil {
    /// Starts a chain. It ends with the value, or with this process.
    ///
    /// # Errors
    /// When Node is missing, the npm packages cannot be installed, or anvil does not start.
    pub fn start(options: &Options) -> Result<Self> {
        let path = binary()?;
        if let Some(port) = options.port {
            ports::check(port)?;
            return launch(&path, options, port);
        }
        for _ in 0..5 {
            match launch(&path, options, ports::free()?) {
                Err(error) if lost_its_port(&error) => {}
                started => return started,
            }
        }
        launch(&path, options, ports::free()?)
    }

    /// Its JSON-RPC interface, for those who only call it.
    #[must_use]
    pub fn rpc(&self) -> Rpc {
        self.rpc.clone()
    }

    /// The `i`-th funded wallet; the same ones on every chain, derived from Foundry's well-known mnemonic.
    ///
    /// # Panics
    /// When fewer wallets were asked for.
    #[must_use]
    pub fn wallet(&self, i: usize) -> PrivateKeySigner {
        self.keys[i].clone()
    }

    /// The address of the `i`-th wallet.
    #[must_use]
    pub fn address(&self, i: usize) -> Address {
        self.keys[i].address()
    }

    /// The private key of the `i`-th wallet, as `0x` and 64 hex digits: for programs that are handed a key.
    #[must_use]
    pub fn key(&self, i: usize) -> String {
        format!("{:#x}", self.keys[i].to_bytes())
    }

    /// The node's process, to kill or watch.
    pub fn process(&mut self) -> &mut Process {
        &mut self.node
    }
}

/// The anvil of `contracts/`, installed with npm when it is not there.
///
/// # Errors
/// When Node is missing or the install fails.
pub fn binary() -> Result<PathBuf> {
    foundry("anvil")
}

/// One of Foundry's programs (`anvil`, `forge`, `cast`) from the npm packages of `contracts/`.
///
/// # Errors
/// When Node is missing, the install fails, or there is no package for this machine.
pub fn foundry(name: &str) -> Result<PathBuf> {
    let contracts = paths::contracts();
    install::npm(&contracts)?;
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let package = format!("node_modules/@foundry-rs/{name}-{system}-{machine}/bin/{name}");
    let path = contracts.join(package);
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::Missing {
        what: format!("Foundry's {name} for {system} on {machine} ({})", path.display()),
        remedy: format!("Run `npm install --no-save` in {}.", contracts.display()),
    })
}

fn launch(path: &Path, options: &Options, port: u16) -> Result<Anvil> {
    let folder = tempfile::Builder::new().prefix("banyan-anvil-").tempdir();
    let folder = folder.doing(|| "creating a temporary folder for anvil".to_owned())?.keep();
    let accounts = folder.join("accounts.json");
    let log = options.log.clone().unwrap_or_else(|| folder.join("log"));
    let mut node = Program::new("anvil", path, log)
        .args(["--base-fee", "0", "--gas-limit", "55000000", "--enable-tx-gas-limit"])
        .args(["--slots-in-an-epoch", "1", "--host", "127.0.0.1", "--mnemonic", MNEMONIC])
        .args(["--chain-id", &CHAIN_ID.to_string(), "--port", &port.to_string()])
        .args(["--accounts", &options.wallets.to_string(), "--balance", &options.balance.to_string()])
        .arg("--config-out")
        .arg(&accounts)
        .args(mining(options.mining))
        .remove_afterwards(&folder)
        .start()?;
    let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    node.wait_for_line("Listening on", Duration::from_secs(30))?;
    node.wait_for_answer(address(port), request, "HTTP/1.1", Duration::from_secs(30))?;
    let keys = read_keys(&accounts)?;
    Ok(Anvil { node, rpc: Rpc::new(&format!("http://{}", address(port))), keys })
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn mining(mining: Mining) -> Vec<String> {
    match mining {
        Mining::Instant => Vec::new(),
        Mining::OnDemand => vec!["--no-mining".to_owned()],
        Mining::Interval(every) => vec!["--block-time".to_owned(), seconds(every)],
        Mining::Mixed(every) => vec!["--mixed-mining".to_owned(), "--block-time".to_owned(), seconds(every)],
    }
}

fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

#[derive(serde::Deserialize)]
struct Accounts {
    private_keys: Vec<String>,
}

fn read_keys(path: &Path) -> Result<Vec<PrivateKeySigner>> {
    let text = std::fs::read_to_string(path).doing(|| format!("reading {}", path.display()))?;
    let unexpected = |got: String| Error::Unexpected {
        what: path.display().to_string(),
        expected: "the private keys of the funded wallets".to_owned(),
        got,
    };
    let accounts: Accounts = serde_json::from_str(&text).map_err(|reason| unexpected(reason.to_string()))?;
    let keys = accounts.private_keys.iter();
    keys.map(|key| key.parse().map_err(|_| unexpected("something that is no key".to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_second_between_blocks_reach_anvil() {
        assert_eq!(mining(Mining::Interval(Duration::from_millis(450))), ["--block-time", "0.450"]);
        assert_eq!(mining(Mining::Interval(Duration::from_secs(3))), ["--block-time", "3.000"]);
        assert!(mining(Mining::Instant).is_empty());
    }
}
