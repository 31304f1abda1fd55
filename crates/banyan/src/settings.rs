//! The configuration file of the services, read strictly: each section is the struct of the crate that it configures.
//!
//! Any value can be overridden by an environment variable, `BANYAN__SECTION__KEY`. Relative paths are relative to the
//! folder of the file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use banyan_chain::eip712::Domain;
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, Node};
use banyan_entitlement::{ContractPlan, Plans};
use banyan_ledger::store::{Pool, connect};
use banyan_settlement::Payouts;
use banyan_signer::client::SignerClient;
use banyan_types::{Address, strict};
use secrecy::SecretString;
use serde::Deserialize;

use crate::overrides;

/// How long the node may take for an answer.
const NODE_PATIENCE: Duration = Duration::from_secs(10);
/// How long the signer may take: it waits up to five seconds for its own node.
const SIGNER_PATIENCE: Duration = Duration::from_secs(15);

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The chain and the contract.
    pub chain: ChainSettings,
    /// The compensation plans.
    pub plans: PlanSettings,
    /// PostgreSQL.
    pub database: DatabaseSettings,
    /// Redis.
    pub redis: RedisSettings,
    /// The signing service.
    pub signer: SignerSettings,
    /// `banyan serve`.
    pub api: banyan_api::Settings,
    /// `banyan listen`.
    pub listener: banyan_listener::Settings,
    /// `banyan settle`.
    pub settlement: banyan_settlement::Settings,
    /// `banyan reconcile`.
    pub reconciliation: banyan_reconciliation::Settings,
    /// The roles of wallets.
    #[serde(default)]
    pub operators: banyan_api::Operators,
}

/// Section `[chain]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSettings {
    /// The chain's id: 56 is BSC, 97 its test network, 31337 a local chain.
    pub id: u64,
    /// HTTP address of an RPC node.
    pub rpc_url: String,
    /// The settlement contract.
    pub contract: Address,
    /// The block that the contract was created in, or any before it.
    pub start_block: u64,
    /// How the node says which block is final.
    #[serde(default)]
    pub finality: Finality,
}

/// Section `[plans]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSettings {
    /// Plan files: every plan that was ever in force, and those to come.
    pub files: Vec<PathBuf>,
}

/// Section `[database]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// The services' role, which owns nothing.
    pub url: String,
    /// The owner's role, for `banyan migrate` only.
    pub owner_url: Option<String>,
    /// Connections of one process.
    #[serde(default = "default_max_connections")]
    pub max_connections: u32,
}

fn default_max_connections() -> u32 {
    10
}

/// Section `[redis]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// Where it is.
    pub url: String,
}

/// Section `[signer]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerSettings {
    /// Where it is.
    pub url: String,
    /// The token with which the API asks for registrations and retopups.
    pub token_file: PathBuf,
    /// The token with which settlement asks for batches.
    pub settlement_token_file: PathBuf,
}

/// What a subcommand of a service takes.
#[derive(clap::Args)]
pub struct ConfigArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "banyan.toml", env = "BANYAN_CONFIG")]
    pub config: PathBuf,
}

impl Settings {
    /// Reads the file and the environment.
    pub fn read(args: &ConfigArgs) -> anyhow::Result<Settings> {
        let path = &args.config;
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("expected a configuration file at {} (copy config/default.toml, or name another with --config)", path.display())
        })?;
        let overrides = overrides::of_environment(std::env::vars());
        let mut settings = Settings::parse(&text, &overrides).with_context(|| path.display().to_string())?;
        settings.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(settings)
    }

    fn parse(text: &str, overrides: &[overrides::Override]) -> anyhow::Result<Settings> {
        let from_file = strict::from_toml::<Settings>(text);
        match from_file {
            Ok(settings) if overrides.is_empty() => Ok(settings),
            // A misspelt key is told with its line, whatever the environment says.
            Err(error) if overrides.is_empty() || error.reason.starts_with("unknown key") => {
                Err(error.into())
            }
            Ok(_) | Err(_) => overrides::apply(text, overrides),
        }
    }

    fn resolve(&mut self, folder: &Path) {
        let signer = &mut self.signer;
        let settlement = &mut self.settlement;
        let paths = [
            &mut signer.token_file,
            &mut signer.settlement_token_file,
            &mut self.api.session_key_file,
            &mut settlement.executor_keystore,
            &mut settlement.password_file,
        ];
        for path in paths.into_iter().chain(&mut self.plans.files) {
            *path = folder.join(&*path);
        }
    }

    /// The chain and the contract that payloads are for.
    pub fn domain(&self) -> Domain {
        Domain { chain_id: self.chain.id, contract: self.chain.contract }
    }

    /// The node; nothing is asked yet.
    pub fn node(&self) -> anyhow::Result<Node> {
        Ok(Node::connect(&self.chain.rpc_url, NODE_PATIENCE)?)
    }

    /// The contract on the node.
    pub fn view(&self) -> anyhow::Result<ContractView> {
        Ok(ContractView::new(self.node()?, self.chain.contract))
    }

    /// The plans of the files.
    pub fn plans(&self) -> anyhow::Result<Plans> {
        if self.plans.files.is_empty() {
            bail!("plans.files is empty: name the file of the contract's plan");
        }
        let mut plans = Plans::new();
        for file in &self.plans.files {
            plans.add(contract_plan(file)?);
        }
        Ok(plans)
    }

    /// Connections to the migrated database, under the name that PostgreSQL's own views show.
    pub async fn pool(&self, application: &str) -> anyhow::Result<Pool> {
        Ok(connect(&self.database.url, application, self.database.max_connections).await?)
    }

    /// The signer, asked with the API's token.
    pub fn signer(&self) -> anyhow::Result<SignerClient> {
        self.signer_with(&self.signer.token_file, "token_file")
    }

    /// Payout batches, signed with settlement's token.
    pub fn payouts(&self, pool: Pool) -> anyhow::Result<Payouts> {
        let signer = self.signer_with(&self.signer.settlement_token_file, "settlement_token_file")?;
        Ok(Payouts::new(pool, signer, self.domain(), self.settlement.limits()))
    }

    fn signer_with(&self, file: &Path, key: &str) -> anyhow::Result<SignerClient> {
        let token = std::fs::read_to_string(file).with_context(|| {
            format!("expected the signer's token in {}: make one and give it to the signer too, or correct signer.{key}", file.display())
        })?;
        let token = token.trim();
        if token.is_empty() {
            bail!("{} is empty: expected the signer's token (signer.{key})", file.display());
        }
        Ok(SignerClient::new(&self.signer.url, SecretString::from(token.to_owned()), SIGNER_PATIENCE)?)
    }
}

/// Reads a plan file that the contract can carry out.
fn contract_plan(path: &Path) -> anyhow::Result<ContractPlan> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("expected a plan file at {}", path.display()))?;
    ContractPlan::from_toml(&text).with_context(|| format!("{}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overrides::of_environment;

    /// The commented example is a whole configuration.
    const EXAMPLE: &str = include_str!("../../../config/default.toml");

    fn refusal(text: &str) -> String {
        format!("{:#}", Settings::parse(text, &[]).unwrap_err())
    }

    #[test]
    fn the_example_is_a_good_file_and_paths_are_relative_to_it() {
        let mut settings = Settings::parse(EXAMPLE, &[]).unwrap();
        settings.resolve(Path::new("/etc/banyan"));
        assert_eq!(settings.chain.id, 31337);
        assert_eq!(settings.plans.files, [Path::new("/etc/banyan/plans/autopool.toml")]);
        assert!(settings.signer.token_file.starts_with("/etc/banyan"));
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_the_nearest_known_one() {
        for (right, wrong) in [
            ("rpc_url", "rpc_ulr"),
            ("\n[database]", "\n[databse]"),
            ("requests_per_minute", "request_per_minute"),
            ("owner_url", "owners_url"),
            ("minimum_payout", "minimum_payot"),
        ] {
            let message = refusal(&EXAMPLE.replacen(right, wrong, 1));
            let name = |text: &'static str| text.trim_matches(['\n', '[', ']']);
            let (right, wrong) = (name(right), name(wrong));
            assert!(message.contains(&format!("unknown key `{wrong}`")), "{message}");
            assert!(message.contains(&format!("nearest known key is `{right}`")), "{message}");
            assert!(message.starts_with("line "), "{message}");
        }
    }

    #[test]
    fn a_missing_or_mistyped_value_is_named() {
        assert!(
            refusal(&EXAMPLE.replacen("rpc_url =", "# rpc_url =", 1)).contains("missing field `rpc_url`")
        );
        assert!(refusal(&EXAMPLE.replacen("id = 31337", "id = \"bsc\"", 1)).contains("expected u64"));
        assert!(
            refusal(&EXAMPLE.replacen("finality = \"finalized\"", "finality = \"soon\"", 1)).contains("soon")
        );
    }

    #[test]
    fn the_environment_overrides_and_may_supply_what_the_file_lacks() {
        let environment = |entries: &[(&str, &str)]| {
            of_environment(entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
        };
        let overrides = environment(&[
            ("BANYAN__DATABASE__URL", "postgres://elsewhere/banyan"),
            ("BANYAN__CHAIN__ID", "97"),
            ("BANYAN__SETTLEMENT__MINIMUM_PAYOUT", "1"),
            ("PATH", "/bin"),
        ]);
        let text = EXAMPLE.replacen("id = 31337", "", 1);
        let settings = Settings::parse(&text, &overrides).unwrap();
        assert_eq!(settings.database.url, "postgres://elsewhere/banyan");
        assert_eq!(settings.chain.id, 97);
        assert_eq!(settings.settlement.minimum_payout.to_decimal(18), "1");
        let wrong = Settings::parse(EXAMPLE, &environment(&[("BANYAN__DATABASE__ULR", "x")])).unwrap_err();
        let message = format!("{wrong:#}");
        assert!(message.contains("BANYAN__DATABASE__ULR") && message.contains("`url`"), "{message}");
    }
}
