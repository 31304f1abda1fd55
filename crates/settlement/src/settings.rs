//! What the configuration file says about payouts: section `[settlement]`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use banyan_types::{Amount, BNB_DECIMALS};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::batch::Policy;
use crate::fees::{FeePolicy, LEAST_BUMP};
use crate::select::{Limits, MAX_ITEMS};

/// Who decides that a batch is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Operators build, sign and submit through the API; the process sends what they submit.
    Manual,
    /// The process also builds, signs and submits by itself, every so often.
    Automatic,
}

/// Section `[settlement]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where `/metrics` and `/healthz` of the settlement process listen.
    pub metrics_listen: SocketAddr,
    /// Who decides that a batch is built.
    pub mode: Mode,
    /// In automatic mode: seconds between two batches.
    #[serde(default = "default_interval_seconds")]
    pub interval_seconds: u64,
    /// Less than this is not worth a transfer; written in BNB, such as `"0.01"`.
    #[serde(deserialize_with = "bnb")]
    pub minimum_payout: Amount,
    /// Most items of a batch, 1 to 200.
    #[serde(default = "default_max_items", deserialize_with = "max_items")]
    pub max_items: usize,
    /// Most that one batch pays, in BNB. It must not exceed the signer's limit of the same name: the signer refuses
    /// what does, and the next batch would be the same.
    #[serde(deserialize_with = "bnb")]
    pub max_batch_total: Amount,
    /// The executor's encrypted keystore.
    pub executor_keystore: PathBuf,
    /// The file that holds its password.
    pub password_file: PathBuf,
    /// Most that a unit of gas may cost, in gwei.
    #[serde(default = "default_max_fee_gwei")]
    pub max_fee_gwei: u32,
    /// By how much a replacement offers more, in percent; at least 10, which is what nodes ask for.
    #[serde(default = "default_bump_percent", deserialize_with = "bump_percent")]
    pub bump_percent: u32,
    /// How long a transaction may wait for a block before it is replaced.
    #[serde(default = "default_bump_after_seconds")]
    pub bump_after_seconds: u64,
    /// How often open batches are looked at.
    #[serde(default = "default_poll_milliseconds")]
    pub poll_milliseconds: u64,
}

fn default_interval_seconds() -> u64 {
    60
}

fn default_max_items() -> usize {
    MAX_ITEMS
}

fn default_max_fee_gwei() -> u32 {
    5
}

fn default_bump_percent() -> u32 {
    10
}

fn default_bump_after_seconds() -> u64 {
    15
}

fn default_poll_milliseconds() -> u64 {
    1_000
}

/// How long a node may deny that it knows an attempt before it is sent again.
const RESEND_AFTER: Duration = Duration::from_secs(3);
/// Seconds of block time before the deadline within which nothing is sent any more.
const DEADLINE_MARGIN: u64 = 10;
/// Wei of a gwei.
const GWEI: u64 = 1_000_000_000;

impl Settings {
    /// What a batch may hold.
    pub fn limits(&self) -> Limits {
        Limits {
            minimum: self.minimum_payout,
            max_items: self.max_items,
            max_total: Some(self.max_batch_total),
        }
    }

    /// The bounds within which the state machine decides.
    pub fn policy(&self) -> Policy {
        let ceiling = u64::from(self.max_fee_gwei).saturating_mul(GWEI);
        Policy {
            fees: FeePolicy { ceiling, bump_percent: u64::from(self.bump_percent) },
            bump_after: Duration::from_secs(self.bump_after_seconds),
            resend_after: RESEND_AFTER,
            deadline_margin: DEADLINE_MARGIN,
        }
    }

    /// How often open batches are looked at.
    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_milliseconds.max(1))
    }
}

fn bnb<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    let text = String::deserialize(deserializer)?;
    let amount = Amount::from_decimal(&text, BNB_DECIMALS).map_err(D::Error::custom)?;
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(D::Error::custom(format!("expected an amount of BNB above 0, such as \"0.01\", got {text:?}")))
    }
}

fn max_items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let items = usize::deserialize(deserializer)?;
    if (1..=MAX_ITEMS).contains(&items) {
        Ok(items)
    } else {
        Err(D::Error::custom(format!("expected max_items from 1 to {MAX_ITEMS}, got {items}")))
    }
}

fn bump_percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let percent = u32::deserialize(deserializer)?;
    if u64::from(percent) >= LEAST_BUMP {
        Ok(percent)
    } else {
        Err(D::Error::custom(format!(
            "expected bump_percent of at least {LEAST_BUMP}, which nodes ask for, got {percent}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::strict::from_toml;

    const LEAST: &str = r#"
        metrics_listen = "127.0.0.1:9103"
        mode = "manual"
        minimum_payout = "0.01"
        max_batch_total = "5000"
        executor_keystore = "executor.json"
        password_file = "password"
    "#;

    #[test]
    fn what_is_left_out_has_its_default() {
        let settings: Settings = from_toml(LEAST).unwrap();
        assert_eq!(settings.mode, Mode::Manual);
        assert_eq!(settings.limits().minimum.units(), 10i128.pow(16));
        assert_eq!(settings.limits().max_items, 200);
        assert_eq!(settings.limits().max_total.unwrap().units(), 5_000 * 10i128.pow(18));
        assert_eq!(settings.policy().fees, FeePolicy { ceiling: 5 * GWEI, bump_percent: 10 });
        assert_eq!(settings.poll(), Duration::from_secs(1));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_would() {
        for (line, words) in [
            ("max_items = 201", "max_items from 1 to 200, got 201"),
            ("max_items = 0", "max_items from 1 to 200, got 0"),
            ("bump_percent = 9", "at least 10"),
            ("poll_miliseconds = 5", "the nearest known key is `poll_milliseconds`"),
        ] {
            let error = from_toml::<Settings>(&format!("{LEAST}\n{line}")).unwrap_err().to_string();
            assert!(error.contains(words), "{line}: {error}");
        }
        assert!(from_toml::<Settings>(&LEAST.replace("manual", "sometimes")).is_err());
    }

    #[test]
    fn a_batch_has_a_largest_total() {
        let line = "max_batch_total = \"5000\"";
        for (instead, words) in [
            ("", "missing field `max_batch_total`"),
            ("max_batch_total = \"0\"", "above 0"),
            ("max_batch_total = \"0.0000000000000000001\"", "at most 18 digits"),
        ] {
            let error = from_toml::<Settings>(&LEAST.replace(line, instead)).unwrap_err().to_string();
            assert!(error.contains(words), "{instead}: {error}");
        }
    }

    #[test]
    fn what_is_shipped_builds_no_batch_that_the_shipped_signer_refuses() {
        let shipped = |path: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
            std::fs::read_to_string(path).unwrap()
        };
        let [ours, signers] = ["config/default.toml", "signer/signer.example.toml"].map(|path| {
            let text = shipped(path);
            let line = text.lines().find(|line| line.starts_with("max_batch_total = ")).unwrap().to_owned();
            let bnb = line.split('"').nth(1).unwrap();
            Amount::from_decimal(bnb, BNB_DECIMALS).unwrap()
        });
        assert!(ours <= signers, "{ours:?} {signers:?}");
    }
}
