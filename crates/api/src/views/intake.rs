//! Paying in: what a wallet gets to sign nothing, but to send.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Call, Finality, Hash, Moment, Wallet, Wei};

/// Under whom to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// A participant's wallet or number, or `company`.
    #[schema(example = "company")]
    pub sponsor: String,
    /// What the wallet means to pay, in wei; if given it must be what the plan asks for.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub amount: Option<Value>,
}

/// A further payment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetopupRequest {
    /// What the wallet means to pay, in wei; if given it must be what the plan asks for.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub amount: Option<Value>,
}

/// A `null` is something that was given, not something left out.
pub fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A signed permission to pay, and the transaction that uses it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Payload {
    /// `txn_…`, for the confirmation.
    pub transaction_id: String,
    /// What was signed: `{domain, types, primaryType, message}`, as ethers v6 takes it.
    #[schema(value_type = Object)]
    pub typed_data: Value,
    /// The signer's signature, 0x-hex.
    pub signature: String,
    /// The EIP-712 hash.
    pub digest: Hash,
    /// Who signed.
    pub signer: Wallet,
    /// The account's nonce that the payload uses up.
    pub nonce: u32,
    /// Last second, in block time, at which the contract takes it.
    pub deadline: u64,
    /// The same as a moment.
    pub expires_at: Moment,
    /// The seat that would be taken now; null when the plan seats nobody on this payment.
    pub quote: Option<Quote>,
    /// The transaction: `wallet.sendTransaction({to, data, value})`.
    pub call: Call,
    /// What is paid, in wei.
    pub amount: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// Hash of the plan in force.
    pub plan: Hash,
    /// As of when the request was checked.
    pub finality: Finality,
}

/// The seat that would be taken now. Nothing is reserved: the seat follows from the order of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quote {
    /// Always true.
    pub quote: bool,
    /// Pool level.
    pub level: i32,
    /// Number of the tree.
    pub tree: i32,
    /// Breadth-first index.
    pub index: i64,
    /// Index of the seat above.
    pub parent: Option<i64>,
    /// Who would sit there: `registrant` or `sponsor`.
    #[serde(rename = "for")]
    pub seated: &'static str,
    /// What the seat costs in all.
    pub ticket: Wei,
    /// What of it goes to the pool.
    pub price: Wei,
    /// `BNB`.
    pub currency: &'static str,
}

/// Says that a payload was sent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmRequest {
    /// The payload's `transactionId`.
    pub transaction_id: String,
    /// The transaction's hash.
    pub tx_hash: String,
}

/// What is known of a payload that was sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Confirmation {
    /// The payload's id.
    pub transaction_id: String,
    /// `REGISTER` or `RETOPUP`.
    pub action: String,
    /// `submitted`, or `confirmed` once the books have it.
    pub status: String,
    /// The transaction's hash.
    pub tx_hash: Option<String>,
    /// As of when.
    pub finality: Finality,
}

/// Asks to be paid. There is nothing to choose: all that is payable.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRequest {}

/// A request to be paid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Withdrawal {
    /// `txn_…`.
    pub request_id: String,
    /// `prepared`, then `submitted` when a batch has taken it.
    pub status: String,
    /// What is payable now.
    pub payable: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

/// Proof of what an account has earned, against the root that stands on the contract.
#[derive(Serialize, ToSchema)]
pub struct Proof {
    /// The account as the contract knows it; the company is the zero address.
    pub account: Wallet,
    /// All that it had earned at the root's point of the history.
    pub cumulative: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// The standing root.
    pub root: Hash,
    /// The root's point of the history.
    pub seq: i64,
    /// The siblings from the leaf to the root.
    pub proof: Vec<Hash>,
    /// All that the contract sent it or made owed.
    pub paid: Wei,
    /// What a claim would pay now.
    pub claimable: Wei,
    /// The claim; anybody may send it, the money goes to the account.
    pub call: Call,
    /// As of when.
    pub finality: Finality,
}
