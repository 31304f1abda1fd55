//! What is said over the wire: requests, answers and problems, as JSON.
//!
//! Amounts are base-10 strings in wei, addresses are written with their EIP-55 checksum, hashes and bytes as 0x-hex,
//! times in seconds of block time since 1970. Unknown fields are refused on both sides.

use alloy::primitives::{Address, B256, Bytes};
use banyan_chain::eip712::TypedData;
use banyan_types::{Amount, PlanHash};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Asks for permission to register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrationRequest {
    /// The wallet that wants to register.
    #[serde(with = "checksummed")]
    pub user: Address,
    /// Who referred it; the zero address is the company.
    #[serde(with = "checksummed")]
    pub sponsor: Address,
    /// What it will pay, in wei.
    pub amount: Amount,
    /// The plan in force.
    pub plan: PlanHash,
}

/// Asks for permission to pay again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetopupRequest {
    /// The registered wallet.
    #[serde(with = "checksummed")]
    pub user: Address,
    /// What it will pay, in wei.
    pub amount: Amount,
    /// The plan in force.
    pub plan: PlanHash,
}

/// Asks for a payout batch over one point of the contract's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayoutBatchRequest {
    /// The point of the history.
    pub seq: u64,
    /// The history's head there.
    pub head: B256,
    /// Merkle root of all entitlements there, or zero for none.
    pub root: B256,
    /// Most that the batch may pay and make owed together, in wei.
    pub max_total: Amount,
    /// The accounts in ascending order of their addresses, each once.
    pub items: Vec<PayoutItem>,
}

/// What one account has earned in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayoutItem {
    /// The account; the zero address is the company.
    #[serde(with = "checksummed")]
    pub account: Address,
    /// Its cumulative total, in wei.
    pub cumulative: Amount,
}

/// A signed permission to register or to pay again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedIntake {
    /// What was signed, as `ethers` v6 takes it.
    pub typed_data: TypedData,
    /// The EIP-712 hash.
    pub digest: B256,
    /// 65 bytes r, s, v with v 27 or 28.
    pub signature: Bytes,
    /// Who signed.
    #[serde(with = "checksummed")]
    pub signer: Address,
    /// The account's nonce that the payload carries.
    pub nonce: u32,
    /// Last second, in block time, at which the payload is valid.
    pub deadline: u64,
}

/// A signed payout batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedBatch {
    /// What was signed, as `ethers` v6 takes it.
    pub typed_data: TypedData,
    /// The EIP-712 hash.
    pub digest: B256,
    /// 65 bytes r, s, v with v 27 or 28.
    pub signature: Bytes,
    /// Who signed.
    #[serde(with = "checksummed")]
    pub signer: Address,
    /// Last second, in block time, at which the batch is valid.
    pub deadline: u64,
    /// The items as the contract takes them: 20 bytes of account, 12 of cumulative amount each.
    pub items: Bytes,
}

/// Where the signer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Status {
    /// The chain's id.
    pub chain_id: u64,
    /// The contract.
    #[serde(with = "checksummed")]
    pub contract: Address,
    /// The last final entry of the history that the signer has read; `null` before the genesis.
    pub seq: Option<u64>,
    /// The head after it; zero before the genesis.
    pub head: B256,
    /// The last final block that the signer has read.
    pub block: u64,
    /// Why the signer cannot follow the history any further; `null` while it can.
    pub halted: Option<String>,
    /// Whether the kill switch is thrown.
    pub killed: bool,
    /// The key that signs registrations and retopups.
    #[serde(with = "checksummed")]
    pub intake_signer: Address,
    /// The key that signs batches.
    #[serde(with = "checksummed")]
    pub payout_signer: Address,
}

/// Why there is no signature (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem; stable.
    pub r#type: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was expected, what came, and what to do.
    pub detail: String,
    /// What in the request is not justified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
}

/// One thing in a request that the chain and the plan do not justify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The field, such as `items[3].cumulative`.
    pub field: String,
    /// What would have been signed.
    pub expected: String,
    /// What was asked.
    pub found: String,
}

/// The problems' stable types.
pub mod problem {
    /// The body is not the JSON that the path takes. Status 400.
    pub const BAD_REQUEST: &str = "urn:banyan:signer:bad-request";
    /// No token, or one that is not known. Status 401.
    pub const UNAUTHENTICATED: &str = "urn:banyan:signer:unauthenticated";
    /// The token's client may not ask for this kind of payload. Status 403.
    pub const FORBIDDEN: &str = "urn:banyan:signer:forbidden";
    /// No such path, or not by this method. Status 404 or 405.
    pub const NOT_FOUND: &str = "urn:banyan:signer:not-found";
    /// The chain and the plan do not justify the request. Status 422.
    pub const REFUSED: &str = "urn:banyan:signer:refused";
    /// More signatures were asked for than the limits allow in this time. Status 429.
    pub const LIMITED: &str = "urn:banyan:signer:limited";
    /// The audit file cannot be written, or a signature failed its own check. Status 500.
    pub const BROKEN: &str = "urn:banyan:signer:broken";
    /// The kill switch is thrown. Status 503.
    pub const KILLED: &str = "urn:banyan:signer:killed";
    /// The signer has not caught up with the chain, or its node does not answer. Status 503.
    pub const NOT_READY: &str = "urn:banyan:signer:not-ready";
}

/// Addresses: written with the checksum; read with it, or all in one case.
mod checksummed {
    use super::{Address, Deserialize, Deserializer, Serializer};
    use serde::de::Error;

    pub(super) fn serialize<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&address.to_checksum(None))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::parse_address(&text).map_err(D::Error::custom)
    }
}

/// Reads an address: `0x` and 40 hexadecimal digits; if their case is mixed it must be the EIP-55 checksum.
///
/// # Errors
/// What is wrong, in words.
pub fn parse_address(text: &str) -> Result<Address, String> {
    let shown: String = text.chars().take(64).collect();
    let wrong = || format!("expected an address (0x and 40 hexadecimal digits), got {shown:?}");
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40).ok_or_else(wrong)?;
    let address: Address = text.parse().map_err(|_| wrong())?;
    let mixed =
        digits.bytes().any(|b| b.is_ascii_lowercase()) && digits.bytes().any(|b| b.is_ascii_uppercase());
    if mixed && address.to_checksum(None) != text {
        return Err(format!(
            "expected the address {} with its checksum, got {shown:?}",
            address.to_checksum(None)
        ));
    }
    Ok(address)
}
