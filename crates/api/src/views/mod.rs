//! What goes out: the JSON of every answer, as the OpenAPI document describes it.

pub mod admin;
pub mod auth;
pub mod config;
pub mod directives;
pub mod explanation;
pub mod intake;
pub mod ledger;
pub mod monitoring;
pub mod payouts;
pub mod people;
pub mod pool;
pub mod rewards;
pub mod safe;
pub mod treasury;

use banyan_types::{Address, Amount, B256};
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use crate::store::snapshot::Cursor;

/// The currency of every amount.
pub const CURRENCY: &str = "BNB";

/// An amount as a base-10 string of wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^-?(0|[1-9][0-9]*)$", example = "20000000000000000000")]
pub struct Wei(pub Amount);

/// A wallet with its EIP-55 checksum; the company's is the zero address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
pub struct Wallet(pub Address);

impl Serialize for Wallet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// 32 bytes as 0x-hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^0x[0-9a-f]{64}$")]
pub struct Hash(pub B256);

/// A moment in UTC as RFC 3339 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-01T00:00:00Z")]
pub struct Moment(pub OffsetDateTime);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.format(&Rfc3339).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

/// Who somebody is: number and wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserRef {
    /// The user's number, which is the wallet's leaf in the entitlement tree; 0 is the company.
    pub id: i64,
    /// The wallet.
    pub wallet: Wallet,
}

impl From<(i64, Address)> for UserRef {
    fn from((id, wallet): (i64, Address)) -> UserRef {
        UserRef { id, wallet: Wallet(wallet) }
    }
}

/// As of which block an answer is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finality {
    /// Always `finalized`: nothing else moves money in the books.
    #[schema(example = "finalized")]
    pub finality: &'static str,
    /// The last block in the books.
    pub block: u64,
    /// Its hash.
    pub block_hash: Hash,
    /// The last entry of the contract's history in the books.
    pub seq: u64,
    /// Time of the block.
    pub at: Moment,
}

impl From<&Cursor> for Finality {
    fn from(cursor: &Cursor) -> Finality {
        Finality {
            finality: "finalized",
            block: cursor.block,
            block_hash: Hash(cursor.block_hash),
            seq: cursor.seq,
            at: Moment(cursor.at),
        }
    }
}

/// A transaction for a wallet to send, as `ethers` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The contract.
    pub to: Wallet,
    /// The calldata, 0x-hex.
    pub data: String,
    /// What goes with it, in wei.
    pub value: Wei,
    /// The chain that it is for.
    pub chain_id: u64,
    /// The contract's role that may send it, where not everyone may.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "guardian")]
    pub role: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets_are_written_with_their_checksum_and_amounts_as_text() {
        let wallet: Address = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8".parse().unwrap();
        let json = serde_json::json!({
            "user": UserRef::from((3, wallet)),
            "amount": Wei(Amount::from_units(-5).unwrap()),
            "hash": Hash(B256::ZERO),
            "at": Moment(OffsetDateTime::UNIX_EPOCH),
        });
        assert_eq!(json["user"]["wallet"], "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
        assert_eq!(json["amount"], "-5");
        assert_eq!(json["hash"], format!("0x{}", "0".repeat(64)));
        assert_eq!(json["at"], "1970-01-01T00:00:00Z");
    }
}
