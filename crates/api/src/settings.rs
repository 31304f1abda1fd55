//! What the configuration file says about the API: sections `[api]` and `[operators]`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use banyan_types::{Address, well_known};
use serde::Deserialize;

use crate::role::Role;

/// Section `[api]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where `/metrics` and `/healthz` listen for the operators' own tools.
    pub metrics_listen: SocketAddr,
    /// The domain that wallets show when somebody signs in (EIP-4361).
    pub domain: String,
    /// The URI that the sign-in is for (EIP-4361).
    pub uri: String,
    /// The Ed25519 key (PKCS#8 PEM) that signs access tokens; made when missing, readable by its owner only.
    pub session_key_file: PathBuf,
    /// How long an access token lives.
    #[serde(default = "default_access_token_seconds")]
    pub access_token_seconds: u32,
    /// How long a refresh token lives.
    #[serde(default = "default_refresh_token_days")]
    pub refresh_token_days: u32,
    /// How many requests a wallet, or an address that is not signed in, may make in a minute.
    #[serde(default = "default_requests_per_minute")]
    pub requests_per_minute: u32,
    /// How many registrations and retopups a wallet may have prepared in a minute: the signer's own limit is one for all.
    #[serde(default = "default_intakes_per_minute")]
    pub intakes_per_minute: u32,
    /// How long a request may take before it is given up.
    #[serde(default = "default_request_timeout_seconds")]
    pub request_timeout_seconds: u32,
    /// Origins of web pages that may call the API from a browser; none by default.
    #[serde(default)]
    pub cors_origins: Vec<String>,
}

fn default_access_token_seconds() -> u32 {
    900
}

fn default_refresh_token_days() -> u32 {
    30
}

fn default_requests_per_minute() -> u32 {
    600
}

fn default_intakes_per_minute() -> u32 {
    10
}

fn default_request_timeout_seconds() -> u32 {
    30
}

/// Section `[operators]`: the roles of wallets beyond `participant`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Operators(BTreeMap<Address, Vec<Role>>);

impl Operators {
    /// Every role of a wallet.
    pub fn roles(&self, wallet: Address) -> Vec<Role> {
        let mut roles = vec![Role::Participant];
        roles.extend(self.0.get(&wallet).into_iter().flatten());
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

impl Operators {
    /// A wallet among them whose key everybody has, on a chain where such keys are refused.
    pub fn test_key(&self, chain_id: u64) -> Option<Address> {
        self.0.keys().copied().find(|wallet| well_known::is_refused(*wallet, chain_id))
    }
}

impl FromIterator<(Address, Vec<Role>)> for Operators {
    fn from_iter<I: IntoIterator<Item = (Address, Vec<Role>)>>(entries: I) -> Operators {
        Operators(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_a_participant_and_operators_are_more() {
        let operators: Operators = banyan_types::strict::from_toml(
            "\"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\" = [\"operator\", \"auditor\"]",
        )
        .unwrap();
        let operator = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8".parse().unwrap();
        assert_eq!(operators.roles(operator), [Role::Participant, Role::Operator, Role::Auditor]);
        assert_eq!(operators.roles(Address::ZERO), [Role::Participant]);
        // Hardhat's and anvil's second key.
        assert_eq!(operators.test_key(31_337), None);
        assert_eq!(operators.test_key(56), Some(operator));
    }

    #[test]
    fn a_misspelt_role_is_named() {
        let err = banyan_types::strict::from_toml::<Operators>(
            "\"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\" = [\"oprator\"]",
        )
        .unwrap_err();
        assert!(err.to_string().contains("oprator"), "{err}");
    }
}
