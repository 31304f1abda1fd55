//! The signing service as a process, with the keys of the test chain's signers.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::PrivateKeySigner;
use banyan_testkit::anvil::{Anvil, CHAIN_ID};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_testkit::process::{self, Process, Program};
use banyan_testkit::{paths, ports};

/// The token by which the signer knows settlement.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Starts the signer; its URL.
pub fn start(folder: &Path, anvil: &Anvil, contract: &Settlement) -> (Process, String) {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free().unwrap()));
    for (name, wallet) in [("intake", Roles::INTAKE_SIGNER), ("payout", Roles::PAYOUT_SIGNER)] {
        let key = anvil.wallet(wallet).to_bytes();
        PrivateKeySigner::encrypt_keystore(folder, &mut OsRng, key, "password", Some(name)).unwrap();
    }
    std::fs::write(folder.join("password"), "password\n").unwrap();
    std::fs::write(folder.join("token"), TOKEN).unwrap();
    let config = folder.join("signer.toml");
    std::fs::write(&config, settings(listen, anvil, contract)).unwrap();
    let program = Program::new("the signer", process::binary("banyan-signer").unwrap(), folder.join("log"));
    let mut signer = program.arg("serve").arg("--config").arg(&config).start().unwrap();
    signer.wait_for_http(listen, "/healthz", Duration::from_secs(60)).unwrap();
    (signer, format!("http://{listen}"))
}

fn settings(listen: SocketAddr, anvil: &Anvil, contract: &Settlement) -> String {
    format!(
        r#"listen = "{listen}"
plans = ["{plan}"]
audit_file = "audit.jsonl"
kill_switch_file = "kill-switch"
[chain]
id = {CHAIN_ID}
rpc_url = "{url}"
contract = "{address}"
start_block = {start}
poll_milliseconds = 50
[keys]
intake = "intake"
payout = "payout"
password_file = "password"
[limits]
intake_per_minute = 1000
max_batch_total = "1000000"
payouts_per_hour = "10000000"
[[clients]]
name = "settlement"
token_file = "token"
may = ["payout_batch"]
"#,
        plan = paths::root().join("config/plans/autopool.toml").display(),
        url = anvil.url(),
        address = contract.address,
        start = contract.start_block,
    )
}
