//! A call as a Safe signs it: EIP-712 `SafeTx`, and the file that its Transaction Builder imports.

use banyan_types::Address;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Call, Wallet};

/// `SafeTx` for the Safe at `safe`. `nonce` is null: the Safe says it, and so, where we do not know it, is its address.
pub fn typed_data(call: &Call, safe: Option<Address>) -> Value {
    let field = |(name, kind): (&str, &str)| json!({ "name": name, "type": kind });
    let fields = [
        ("to", "address"),
        ("value", "uint256"),
        ("data", "bytes"),
        ("operation", "uint8"),
        ("safeTxGas", "uint256"),
        ("baseGas", "uint256"),
        ("gasPrice", "uint256"),
        ("gasToken", "address"),
        ("refundReceiver", "address"),
        ("nonce", "uint256"),
    ];
    json!({
        "domain": { "chainId": call.chain_id, "verifyingContract": safe.map(Wallet) },
        "types": { "SafeTx": fields.map(field) },
        "primaryType": "SafeTx",
        "message": {
            "to": call.to,
            "value": call.value,
            "data": call.data,
            "operation": 0,
            "safeTxGas": "0",
            "baseGas": "0",
            "gasPrice": "0",
            "gasToken": Wallet(Address::ZERO),
            "refundReceiver": Wallet(Address::ZERO),
            "nonce": Value::Null,
        },
    })
}

/// The file for Safe's Transaction Builder.
pub fn builder_file(call: &Call, safe: Option<Address>, says: &str, at: OffsetDateTime) -> Value {
    json!({
        "version": "1.0",
        "chainId": call.chain_id.to_string(),
        "createdAt": at.unix_timestamp() * 1000,
        "meta": {
            "name": "Banyan",
            "description": says,
            "txBuilderVersion": "1.16.5",
            "createdFromSafeAddress": safe.map(|safe| safe.to_string()).unwrap_or_default(),
            "createdFromOwnerAddress": "",
        },
        "transactions": [{
            "to": call.to,
            "value": call.value,
            "data": call.data,
            "contractMethod": Value::Null,
            "contractInputsValues": Value::Null,
        }],
    })
}
