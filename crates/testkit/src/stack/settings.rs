//! The configuration files of a local installation. `config/default.toml` explains every key.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use alloy::primitives::Address;

use super::keys;
use crate::anvil::CHAIN_ID;
use crate::error::{Doing, Result};
use crate::ports;

/// The signer's file.
pub(super) const SIGNER: &str = "signer.toml";
/// The file of all other services.
pub(super) const BANYAN: &str = "banyan.toml";

/// What one batch pays at most, in BNB: settlement builds none that the signer would refuse.
const MAX_BATCH_TOTAL: &str = "1000000";

/// Where the services listen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub signer: SocketAddr,
    pub api: SocketAddr,
    pub api_metrics: SocketAddr,
    pub listener_metrics: SocketAddr,
    pub settlement_metrics: SocketAddr,
}

impl Addresses {
    /// Free ports of the loopback interface.
    pub(super) fn free() -> Result<Self> {
        let free = || ports::free().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        Ok(Self {
            signer: free()?,
            api: free()?,
            api_metrics: free()?,
            listener_metrics: free()?,
            settlement_metrics: free()?,
        })
    }
}

/// What the files say.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub contract: Address,
    pub start_block: u64,
    pub rpc_url: String,
    /// The plan in force first, and those that were laid later.
    pub plan_files: Vec<PathBuf>,
    pub database_url: String,
    pub owner_url: String,
    pub redis_url: String,
    pub operator: Address,
    pub automatic_payouts: Option<u32>,
    pub addresses: Addresses,
}

/// Writes both files into a folder.
pub(super) fn write(folder: &Path, facts: &Facts) -> Result<()> {
    for (name, text) in [(SIGNER, signer(facts)), (BANYAN, banyan(facts))] {
        let path = folder.join(name);
        std::fs::write(&path, text).doing(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

fn signer(facts: &Facts) -> String {
    let Facts { contract, start_block, rpc_url, addresses, .. } = facts;
    format!(
        r#"listen = "{listen}"
plans = [{plans}]
audit_file = "signer-audit.jsonl"
kill_switch_file = "signer-kill-switch"

[chain]
id = {CHAIN_ID}
rpc_url = "{rpc_url}"
contract = "{contract}"
start_block = {start_block}
poll_milliseconds = 200

[keys]
intake = "{intake}"
payout = "{payout}"
password_file = "{password}"

[limits]
registration_validity_seconds = 900
payout_validity_seconds = 900
intake_per_minute = 100000
max_batch_total = "{MAX_BATCH_TOTAL}"
payouts_per_hour = "10000000"

[[clients]]
name = "api"
token_file = "{api_token}"
may = ["registration", "retopup"]

[[clients]]
name = "settlement"
token_file = "{settlement_token}"
may = ["payout_batch"]
"#,
        listen = addresses.signer,
        plans = plans(facts),
        intake = keys::INTAKE,
        payout = keys::PAYOUT,
        password = keys::PASSWORD,
        api_token = keys::API_TOKEN,
        settlement_token = keys::SETTLEMENT_TOKEN,
    )
}

fn banyan(facts: &Facts) -> String {
    foundations(facts) + &services(facts)
}

/// The plan files as a list in TOML.
fn plans(facts: &Facts) -> String {
    let quoted: Vec<String> = facts.plan_files.iter().map(|file| format!("\"{}\"", file.display())).collect();
    quoted.join(", ")
}

/// What all services stand on.
fn foundations(facts: &Facts) -> String {
    let Facts { contract, start_block, rpc_url, database_url, owner_url, redis_url, .. } = facts;
    format!(
        r#"[chain]
id = {CHAIN_ID}
rpc_url = "{rpc_url}"
contract = "{contract}"
start_block = {start_block}
finality = "finalized"

[plans]
files = [{plans}]

[database]
url = "{database_url}"
owner_url = "{owner_url}"
max_connections = 10

[redis]
url = "{redis_url}"

[signer]
url = "http://{signer}"
token_file = "{api_token}"
settlement_token_file = "{settlement_token}"

"#,
        plans = plans(facts),
        signer = facts.addresses.signer,
        api_token = keys::API_TOKEN,
        settlement_token = keys::SETTLEMENT_TOKEN,
    )
}

/// What each of them does.
fn services(facts: &Facts) -> String {
    let Facts { operator, automatic_payouts, .. } = facts;
    let Addresses { api, api_metrics, listener_metrics, settlement_metrics, .. } = facts.addresses;
    format!(
        r#"[api]
listen = "{api}"
metrics_listen = "{api_metrics}"
domain = "{api}"
uri = "http://{api}"
session_key_file = "session-key.pem"
access_token_seconds = 900
refresh_token_days = 30
requests_per_minute = 100000
intakes_per_minute = 100000

[listener]
metrics_listen = "{listener_metrics}"
poll_milliseconds = 200
max_blocks_per_request = 2000

[settlement]
metrics_listen = "{settlement_metrics}"
mode = "{mode}"
interval_seconds = {interval}
minimum_payout = "0.000000000000000001"
max_items = 200
max_batch_total = "{MAX_BATCH_TOTAL}"
executor_keystore = "{executor}"
password_file = "{password}"
max_fee_gwei = 5
bump_percent = 10
poll_milliseconds = 200

[reconciliation]
interval_seconds = 0

[operators]
"{operator}" = ["operator", "admin", "finance"]
"#,
        mode = if automatic_payouts.is_some() { "automatic" } else { "manual" },
        interval = automatic_payouts.unwrap_or(60),
        executor = keys::EXECUTOR,
        password = keys::PASSWORD,
    )
}
