//! `signer.toml`: what the service is told by those who run it. What may be signed is told by the chain alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use banyan_chain::node::Finality;
use banyan_entitlement::{ContractPlan, Plans};
use banyan_types::{Amount, BNB_DECIMALS, strict};
use serde::{Deserialize, Deserializer};

use crate::policy::{CONTRACT_VALIDITY, Limits, VALIDITY_MARGIN};

/// The whole file. Relative paths are relative to the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where requests come in.
    pub listen: SocketAddr,
    /// The contract and our own way to it.
    pub chain: ChainSettings,
    /// Plan files that may come into force.
    pub plans: Vec<PathBuf>,
    /// The keystores.
    pub keys: KeySettings,
    /// How much may be signed.
    pub limits: LimitSettings,
    /// Every request and answer; appended to only.
    pub audit_file: PathBuf,
    /// Nothing is signed while this file exists.
    pub kill_switch_file: PathBuf,
    /// Who may ask, for what.
    pub clients: Vec<ClientSettings>,
}

/// The contract, and the signer's own node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSettings {
    /// The chain's id.
    pub id: u64,
    /// An RPC node that no other part of Banyan controls.
    pub rpc_url: String,
    /// The contract.
    pub contract: Address,
    /// The block of the contract's creation, or one before it.
    pub start_block: u64,
    /// How the node is asked for the final block.
    #[serde(default)]
    pub finality: Finality,
    /// How often the node is asked for new blocks.
    #[serde(default = "default_poll")]
    pub poll_milliseconds: u64,
}

/// The keystores and what opens them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// Keystore of the key for registrations and retopups.
    pub intake: PathBuf,
    /// Keystore of the key for batches.
    pub payout: PathBuf,
    /// File with the password of both, in its first line.
    pub password_file: PathBuf,
}

/// How much may be signed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Seconds of block time for which a registration or retopup is valid.
    #[serde(default = "default_validity")]
    pub registration_validity_seconds: u64,
    /// Seconds of block time for which a batch is valid.
    #[serde(default = "default_validity")]
    pub payout_validity_seconds: u64,
    /// Registrations and retopups signed in a minute of block time.
    pub intake_per_minute: u32,
    /// Most that one batch may pay, in BNB.
    #[serde(deserialize_with = "bnb")]
    pub max_batch_total: Amount,
    /// Most that all batches signed within an hour of block time may pay, in BNB.
    #[serde(deserialize_with = "bnb")]
    pub payouts_per_hour: Amount,
}

/// One who may ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// The name that the audit file gives it.
    pub name: String,
    /// File with its token, in its first line: 32 characters or more.
    pub token_file: PathBuf,
    /// The payloads that it may ask for.
    pub may: Vec<PayloadKind>,
}

/// A kind of payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadKind {
    /// Permission to register.
    Registration,
    /// Permission to pay again.
    Retopup,
    /// A payout batch.
    PayoutBatch,
}

impl PayloadKind {
    /// Its name in settings and audit file.
    pub const fn name(self) -> &'static str {
        match self {
            PayloadKind::Registration => "registration",
            PayloadKind::Retopup => "retopup",
            PayloadKind::PayoutBatch => "payout_batch",
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read.
    #[error("{path:?} cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What came.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path:?}, {reason}")]
    Text {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A value is out of range.
    #[error("`{key}`: expected {expected}, got {found}")]
    Value {
        /// The key.
        key: String,
        /// What would do.
        expected: String,
        /// What came.
        found: String,
    },
}

impl Settings {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// A file that cannot be read, a misspelt key (the nearest known one is named), or a value out of range.
    pub fn read(path: &Path) -> Result<Settings, SettingsError> {
        let text = read_text(path)?;
        let mut settings: Settings = strict::from_toml(&text)
            .map_err(|error| SettingsError::Text { path: path.to_owned(), reason: error.to_string() })?;
        settings.resolve(path.parent().unwrap_or(Path::new("")));
        settings.check()?;
        Ok(settings)
    }

    /// Makes paths relative to the file's folder.
    fn resolve(&mut self, folder: &Path) {
        let own = [
            &mut self.keys.intake,
            &mut self.keys.payout,
            &mut self.keys.password_file,
            &mut self.audit_file,
            &mut self.kill_switch_file,
        ];
        let listed =
            self.plans.iter_mut().chain(self.clients.iter_mut().map(|client| &mut client.token_file));
        for path in own.into_iter().chain(listed) {
            *path = folder.join(&path);
        }
    }

    fn check(&self) -> Result<(), SettingsError> {
        let longest = CONTRACT_VALIDITY - VALIDITY_MARGIN;
        let limits = &self.limits;
        for (key, seconds) in [
            ("limits.registration_validity_seconds", limits.registration_validity_seconds),
            ("limits.payout_validity_seconds", limits.payout_validity_seconds),
        ] {
            if !(1..=longest).contains(&seconds) {
                return Err(value(key, format!("1 to {longest} seconds"), seconds.to_string()));
            }
        }
        for (key, amount) in [
            ("limits.max_batch_total", limits.max_batch_total),
            ("limits.payouts_per_hour", limits.payouts_per_hour),
        ] {
            if amount < Amount::ZERO {
                return Err(value(key, "an amount of 0 or more".into(), amount.to_decimal(BNB_DECIMALS)));
            }
        }
        for (index, client) in self.clients.iter().enumerate() {
            if self.clients[..index].iter().any(|other| other.name == client.name) {
                return Err(value("clients.name", "each name once".into(), client.name.clone()));
            }
        }
        Ok(())
    }

    /// The limits that decisions need.
    pub fn limits(&self) -> Limits {
        Limits {
            registration_validity: self.limits.registration_validity_seconds,
            payout_validity: self.limits.payout_validity_seconds,
            max_batch_total: self.limits.max_batch_total,
        }
    }

    /// Reads the plan files.
    ///
    /// # Errors
    /// A file that cannot be read or holds no plan that the contract can carry out.
    pub fn read_plans(&self) -> Result<Plans, SettingsError> {
        let mut plans = Plans::new();
        for path in &self.plans {
            let plan = ContractPlan::from_toml(&read_text(path)?)
                .map_err(|error| SettingsError::Text { path: path.clone(), reason: error.to_string() })?;
            plans.add(plan);
        }
        Ok(plans)
    }
}

fn read_text(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::File { path: path.to_owned(), source })
}

fn value(key: &str, expected: String, found: String) -> SettingsError {
    SettingsError::Value { key: key.to_owned(), expected, found }
}

const fn default_poll() -> u64 {
    500
}

const fn default_validity() -> u64 {
    900
}

fn bnb<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    let text = String::deserialize(deserializer)?;
    Amount::from_decimal(&text, BNB_DECIMALS).map_err(serde::de::Error::custom)
}
