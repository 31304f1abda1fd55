//! A transaction of an account whose key is at hand, signed and encoded for [`crate::Node::send_raw`].

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;

/// An EIP-1559 transaction before it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The chain that it is for.
    pub chain_id: u64,
    /// The sender's nonce.
    pub nonce: u64,
    /// Who receives it; `None` creates a contract.
    pub to: Option<Address>,
    /// Wei that it carries.
    pub value: U256,
    /// Its calldata.
    pub data: Bytes,
    /// Most gas that it may use.
    pub gas: u64,
    /// Most that a unit of gas may cost, in wei.
    pub max_fee: u128,
    /// Most of it that goes to the validator, in wei.
    pub max_priority_fee: u128,
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Its hash, known before it is sent.
    pub hash: B256,
    /// What a node takes.
    pub raw: Bytes,
}

impl Transaction {
    /// Signs it.
    ///
    /// # Errors
    /// When the key refuses.
    pub fn sign(&self, key: &PrivateKeySigner) -> Result<SignedTransaction, alloy::signers::Error> {
        let unsigned = TxEip1559 {
            chain_id: self.chain_id,
            nonce: self.nonce,
            gas_limit: self.gas,
            max_fee_per_gas: self.max_fee,
            max_priority_fee_per_gas: self.max_priority_fee,
            to: self.to.map_or(TxKind::Create, TxKind::Call),
            value: self.value,
            access_list: Default::default(),
            input: self.data.clone(),
        };
        let signature = key.sign_hash_sync(&unsigned.signature_hash())?;
        let envelope = TxEnvelope::from(unsigned.into_signed(signature));
        Ok(SignedTransaction { hash: *envelope.tx_hash(), raw: envelope.encoded_2718().into() })
    }
}
