//! The payloads that `BanyanSettlement` accepts signatures over, as EIP-712 typed data: their digests, and the JSON
//! that `ethers` v6 takes (`signTypedData(domain, types, message)` and `verifyTypedData`): no `EIP712Domain` among the
//! types, integers as decimal strings.

use alloy::primitives::{Address, B256, Bytes, Signature, U256};
use alloy::sol_types::{Eip712Domain, SolStruct};
use banyan_types::{Amount, PlanHash};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The domain's name.
pub const NAME: &str = "Banyan Settlement";
/// The domain's version.
pub const VERSION: &str = "1";
/// Bytes of one packed item of a batch.
pub const ITEM_BYTES: usize = 32;
/// The first cumulative amount that an item cannot say: 2^96 wei.
const ITEM_LIMIT: i128 = 1 << 96;

/// The shapes as Solidity has them, for hashing only.
mod shape {
    alloy::sol! {
        struct Registration { address user; address sponsor; uint256 amount; bytes32 plan; uint256 nonce; uint256 deadline; }
        struct Retopup { address user; uint256 amount; bytes32 plan; uint256 nonce; uint256 deadline; }
        struct PayoutBatch { uint256 seq; bytes32 head; bytes32 root; uint256 maxTotal; uint256 deadline; bytes items; }
    }
}

/// Where a payload is valid: one contract on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The chain's id.
    pub chain_id: u64,
    /// The contract.
    pub contract: Address,
}

impl Domain {
    fn separator_parts(&self) -> Eip712Domain {
        Eip712Domain::new(
            Some(NAME.into()),
            Some(VERSION.into()),
            Some(U256::from(self.chain_id)),
            Some(self.contract),
            None,
        )
    }

    /// The domain separator, which the contract states as `domainSeparator()`.
    pub fn separator(&self) -> B256 {
        self.separator_parts().separator()
    }
}

/// Permission to register and pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The wallet, which must send it itself.
    pub user: Address,
    /// Who referred it; the zero address is the company.
    pub sponsor: Address,
    /// What it pays, in wei.
    pub amount: Amount,
    /// The plan in force.
    pub plan: PlanHash,
    /// The account's nonce in the contract.
    pub nonce: u32,
    /// Last second, in block time, at which it is valid.
    pub deadline: u64,
}

/// Permission to pay again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retopup {
    /// The wallet, which must send it itself.
    pub user: Address,
    /// What it pays, in wei.
    pub amount: Amount,
    /// The plan in force.
    pub plan: PlanHash,
    /// The account's nonce in the contract.
    pub nonce: u32,
    /// Last second, in block time, at which it is valid.
    pub deadline: u64,
}

/// Cumulative totals of accounts, bound to one point of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutBatch {
    /// The point of the history.
    pub seq: u64,
    /// The history's head there.
    pub head: B256,
    /// Merkle root of all entitlements there; zero publishes none.
    pub root: B256,
    /// Most that the batch may pay and make owed together, in wei.
    pub max_total: Amount,
    /// Last second, in block time, at which it is valid.
    pub deadline: u64,
    /// The packed items; see [`pack_items`].
    pub items: Bytes,
}

/// Any of the payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Permission to register.
    Registration(Registration),
    /// Permission to pay again.
    Retopup(Retopup),
    /// A payout batch.
    PayoutBatch(PayoutBatch),
}

/// Typed data as `ethers` v6 takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypedData {
    /// Name, version, chain id and contract.
    pub domain: Value,
    /// The one struct's fields, without `EIP712Domain`.
    pub types: Value,
    /// The struct's name.
    pub primary_type: String,
    /// The struct's values; integers are decimal strings.
    pub message: Value,
}

/// Why amounts or accounts make no payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// An item's amount is out of range.
    #[error("expected the cumulative amount of {account} between 0 and 2^96 − 1 wei, got {cumulative}")]
    Item {
        /// The account.
        account: Address,
        /// The amount.
        cumulative: Amount,
    },
    /// Packed items have a length that no number of items has.
    #[error("expected packed items in a multiple of 32 bytes, got {0} bytes")]
    Length(usize),
}

/// Packs a batch's items as the contract reads them: 20 bytes of account, 12 of cumulative amount.
///
/// # Errors
/// When an amount is negative or does not fit into 12 bytes.
pub fn pack_items(items: &[(Address, Amount)]) -> Result<Bytes, PayloadError> {
    let mut packed = Vec::with_capacity(items.len() * ITEM_BYTES);
    for &(account, cumulative) in items {
        if !(0..ITEM_LIMIT).contains(&cumulative.units()) {
            return Err(PayloadError::Item { account, cumulative });
        }
        packed.extend_from_slice(account.as_slice());
        packed.extend_from_slice(&cumulative.units().to_be_bytes()[4..]);
    }
    Ok(packed.into())
}

/// Reads packed items back.
///
/// # Errors
/// When the length is no multiple of an item's.
pub fn unpack_items(packed: &[u8]) -> Result<Vec<(Address, Amount)>, PayloadError> {
    let (items, rest) = packed.as_chunks::<ITEM_BYTES>();
    if !rest.is_empty() {
        return Err(PayloadError::Length(packed.len()));
    }
    Ok(items.iter().map(unpack_item).collect())
}

fn unpack_item(item: &[u8; ITEM_BYTES]) -> (Address, Amount) {
    let units = item[20..].iter().fold(0i128, |units, byte| units << 8 | i128::from(*byte));
    let amount = Amount::from_units(units).expect("12 bytes are below 10^38");
    (Address::from_slice(&item[..20]), amount)
}

/// Wei as the contract counts them. Payload amounts are what a transaction carries, so never negative.
pub(crate) fn wei(amount: Amount) -> U256 {
    U256::from(amount.units().unsigned_abs())
}

impl Registration {
    fn shape(&self) -> shape::Registration {
        shape::Registration {
            user: self.user,
            sponsor: self.sponsor,
            amount: wei(self.amount),
            plan: self.plan.0,
            nonce: U256::from(self.nonce),
            deadline: U256::from(self.deadline),
        }
    }
}

impl Retopup {
    fn shape(&self) -> shape::Retopup {
        shape::Retopup {
            user: self.user,
            amount: wei(self.amount),
            plan: self.plan.0,
            nonce: U256::from(self.nonce),
            deadline: U256::from(self.deadline),
        }
    }
}

impl PayoutBatch {
    fn shape(&self) -> shape::PayoutBatch {
        shape::PayoutBatch {
            seq: U256::from(self.seq),
            head: self.head,
            root: self.root,
            maxTotal: wei(self.max_total),
            deadline: U256::from(self.deadline),
            items: self.items.clone(),
        }
    }
}

impl Payload {
    /// The struct's name in Solidity.
    pub fn primary_type(&self) -> &'static str {
        match self {
            Payload::Registration(_) => "Registration",
            Payload::Retopup(_) => "Retopup",
            Payload::PayoutBatch(_) => "PayoutBatch",
        }
    }

    /// Last second, in block time, at which it is valid.
    pub fn deadline(&self) -> u64 {
        match self {
            Payload::Registration(payload) => payload.deadline,
            Payload::Retopup(payload) => payload.deadline,
            Payload::PayoutBatch(payload) => payload.deadline,
        }
    }

    /// The hash that is signed.
    pub fn digest(&self, domain: &Domain) -> B256 {
        let domain = domain.separator_parts();
        match self {
            Payload::Registration(payload) => payload.shape().eip712_signing_hash(&domain),
            Payload::Retopup(payload) => payload.shape().eip712_signing_hash(&domain),
            Payload::PayoutBatch(payload) => payload.shape().eip712_signing_hash(&domain),
        }
    }

    /// The typed data that has this digest.
    pub fn typed_data(&self, domain: &Domain) -> TypedData {
        let mut types = Map::new();
        types.insert(self.primary_type().to_owned(), self.fields());
        TypedData {
            domain: json!({
                "name": NAME,
                "version": VERSION,
                "chainId": domain.chain_id.to_string(),
                "verifyingContract": domain.contract,
            }),
            types: Value::Object(types),
            primary_type: self.primary_type().to_owned(),
            message: self.message(),
        }
    }

    fn fields(&self) -> Value {
        let fields: &[(&str, &str)] = match self {
            Payload::Registration(_) => &[
                ("user", "address"),
                ("sponsor", "address"),
                ("amount", "uint256"),
                ("plan", "bytes32"),
                ("nonce", "uint256"),
                ("deadline", "uint256"),
            ],
            Payload::Retopup(_) => &[
                ("user", "address"),
                ("amount", "uint256"),
                ("plan", "bytes32"),
                ("nonce", "uint256"),
                ("deadline", "uint256"),
            ],
            Payload::PayoutBatch(_) => &[
                ("seq", "uint256"),
                ("head", "bytes32"),
                ("root", "bytes32"),
                ("maxTotal", "uint256"),
                ("deadline", "uint256"),
                ("items", "bytes"),
            ],
        };
        fields.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect()
    }

    fn message(&self) -> Value {
        match self {
            Payload::Registration(payload) => json!({
                "user": payload.user,
                "sponsor": payload.sponsor,
                "amount": payload.amount,
                "plan": payload.plan,
                "nonce": payload.nonce.to_string(),
                "deadline": payload.deadline.to_string(),
            }),
            Payload::Retopup(payload) => json!({
                "user": payload.user,
                "amount": payload.amount,
                "plan": payload.plan,
                "nonce": payload.nonce.to_string(),
                "deadline": payload.deadline.to_string(),
            }),
            Payload::PayoutBatch(payload) => json!({
                "seq": payload.seq.to_string(),
                "head": payload.head,
                "root": payload.root,
                "maxTotal": payload.max_total,
                "deadline": payload.deadline.to_string(),
                "items": payload.items,
            }),
        }
    }
}

/// Who signed `digest`; `None` for what the contract would not accept either: another length than 65 bytes, a high s,
/// a recovery byte other than 27 or 28, or no point of the curve.
pub fn recover(digest: B256, signature: &[u8]) -> Option<Address> {
    let (_, recovery) = signature.split_at_checked(64).filter(|(_, recovery)| recovery.len() == 1)?;
    if !matches!(recovery[0], 27 | 28) {
        return None;
    }
    let signature = Signature::from_raw(signature).ok()?;
    if signature.normalize_s().is_some() {
        return None;
    }
    signature.recover_address_from_prehash(&digest).ok()
}

#[cfg(test)]
mod tests;
