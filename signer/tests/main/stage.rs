//! A local chain with the real contract, and the service as a process of its own beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::primitives::{Address, U256};
use banyan_chain::contract;
use banyan_chain::eip712::Registration;
use banyan_signer::client::SignerClient;
use banyan_signer::keys;
use banyan_signer::protocol::{PayoutBatchRequest, PayoutItem, RegistrationRequest, SignedIntake};
use banyan_testkit::anvil::{Anvil, Options};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_testkit::ports;
use banyan_testkit::process::{Process, Program};
use banyan_types::{Amount, B256};
use tempfile::TempDir;

use crate::history::{bnb, plan};

pub const API_TOKEN: &str = "api-token-0123456789-0123456789-0123";
pub const SETTLEMENT_TOKEN: &str = "settlement-token-0123456789-012345678";
pub const PASSWORD: &str = "correct horse battery staple";

pub struct Stage {
    pub anvil: Anvil,
    pub settlement: Settlement,
    pub folder: TempDir,
    pub signer: Process,
    pub url: String,
}

impl Stage {
    /// The contract is final, and the signer has caught up.
    pub async fn new() -> Stage {
        let anvil = Anvil::start(&Options { wallets: 60, ..Options::default() }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [intake, payout] = write_keys(folder.path());
        let settlement = Settlement::deploy_for(&anvil, plan().hash().0, intake, payout).await.unwrap();
        anvil.finalize().await.unwrap();
        let port = ports::free().unwrap();
        write_settings(folder.path(), port, anvil.url(), settlement.address, 31337);
        let signer = start(folder.path(), port);
        Stage { anvil, settlement, folder, signer, url: format!("http://127.0.0.1:{port}") }
    }

    pub fn client(&self, token: &str) -> SignerClient {
        SignerClient::new(&self.url, token.to_owned().into(), Duration::from_secs(20)).unwrap()
    }

    pub fn audit_file(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    pub fn person(&self, number: usize) -> Address {
        self.anvil.address(Roles::FIRST_PERSON + number)
    }

    pub fn ask_to_register(&self, user: Address, sponsor: Address) -> RegistrationRequest {
        RegistrationRequest { user, sponsor, amount: bnb("20"), plan: plan().hash() }
    }

    /// Registers through the service, as `sender` with the payload made for `user`.
    pub async fn send_registration(
        &self,
        sender: Address,
        request: &RegistrationRequest,
        signed: &SignedIntake,
    ) -> Result<(), String> {
        let payload = Registration {
            user: request.user,
            sponsor: request.sponsor,
            amount: request.amount,
            plan: request.plan,
            nonce: signed.nonce,
            deadline: signed.deadline,
        };
        let data = contract::register(&payload, &signed.signature);
        let sent = self.anvil.transact(sender, self.settlement.address, data, wei(request.amount)).await;
        match sent {
            Ok(mined) if mined.succeeded() => Ok(()),
            Ok(_) => Err("it failed in its block".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    pub async fn register(&self, user: Address, sponsor: Address) {
        let request = self.ask_to_register(user, sponsor);
        let signed = self.client(API_TOKEN).registration(&request).await.unwrap();
        self.send_registration(user, &request, &signed).await.unwrap();
    }

    /// p1 under the company, p2 … p15 under p1; all final.
    pub async fn worked_example(&self) {
        self.register(self.person(1), Address::ZERO).await;
        self.anvil.finalize().await.unwrap();
        for number in 2..=15 {
            self.register(self.person(number), self.person(1)).await;
        }
        self.anvil.finalize().await.unwrap();
    }

    /// A batch over the history as it stands, items in ascending order.
    pub async fn batch(&self, items: &[(Address, &str)], root: B256) -> PayoutBatchRequest {
        let seq = self.settlement.seq().await.unwrap();
        let head = self.settlement.head_at(seq).await.unwrap();
        let mut items: Vec<_> = items
            .iter()
            .map(|(account, sum)| PayoutItem { account: *account, cumulative: bnb(sum) })
            .collect();
        items.sort_by_key(|item| item.account);
        PayoutBatchRequest { seq, head, root, max_total: bnb("200"), items }
    }
}

pub fn wei(amount: Amount) -> U256 {
    U256::from(amount.units().unsigned_abs())
}

fn write_keys(folder: &Path) -> [Address; 2] {
    fs::write(folder.join("password"), format!("{PASSWORD}\n")).unwrap();
    ["intake", "payout"].map(|name| keys::generate(&folder.join(format!("{name}.json")), PASSWORD).unwrap())
}

pub fn write_settings(folder: &Path, port: u16, rpc: &str, contract: Address, chain_id: u64) {
    fs::write(folder.join("api.token"), format!("{API_TOKEN}\n")).unwrap();
    fs::write(folder.join("settlement.token"), SETTLEMENT_TOKEN).unwrap();
    let plans = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/plans/autopool.toml");
    let text = format!(
        r#"
listen = "127.0.0.1:{port}"
plans = ["{plans}"]
audit_file = "audit.jsonl"
kill_switch_file = "stop"

[chain]
id = {chain_id}
rpc_url = "{rpc}"
contract = "{contract}"
start_block = 0
poll_milliseconds = 200

[keys]
intake = "intake.json"
payout = "payout.json"
password_file = "password"

[limits]
intake_per_minute = 40
max_batch_total = "250"
payouts_per_hour = "300"

[[clients]]
name = "api"
token_file = "api.token"
may = ["registration", "retopup"]

[[clients]]
name = "settlement"
token_file = "settlement.token"
may = ["payout_batch"]
"#
    );
    fs::write(folder.join("signer.toml"), text).unwrap();
}

/// The binary on the folder's settings.
pub fn program(folder: &Path) -> Program {
    Program::new("banyan-signer", env!("CARGO_BIN_EXE_banyan-signer"), folder.join("signer.log"))
        .args(["serve", "--config"])
        .arg(folder.join("signer.toml"))
}

pub fn start(folder: &Path, port: u16) -> Process {
    let mut process = program(folder).start().unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    process.wait_for_http(address, "/healthz", Duration::from_secs(120)).unwrap();
    process
}
