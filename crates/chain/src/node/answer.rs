//! What an RPC node answers, as it is on the wire and as the rest of Banyan sees it.

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use serde::{Deserialize, Serialize};

use super::NodeError;

/// A block, as far as Banyan needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its time in seconds since 1970.
    pub time: u64,
}

/// A log as a node gave it: nothing about it is proven yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLog {
    /// Who emitted it.
    pub address: Address,
    /// Number of its block.
    pub block: u64,
    /// Hash of its block.
    pub block_hash: B256,
    /// Time of its block in seconds since 1970.
    pub block_time: u64,
    /// Hash of its transaction.
    pub tx_hash: B256,
    /// Its position in the block.
    pub log_index: u64,
    /// Its topics.
    pub topics: Vec<B256>,
    /// Its data.
    pub data: Bytes,
    /// Whether a reorganization took it away.
    pub removed: bool,
}

/// A log as the receipt of its transaction holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptLog {
    /// Number of its block.
    pub block: u64,
    /// Hash of its block.
    pub block_hash: B256,
    /// Its position in the block.
    pub log_index: u64,
    /// Its topics.
    pub topics: Vec<B256>,
    /// Its data.
    pub data: Bytes,
}

/// What became of a transaction that is in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of its block.
    pub block: u64,
    /// Hash of its block.
    pub block_hash: B256,
    /// Whether it ran to its end; if not, it did nothing but cost gas.
    pub success: bool,
    /// Gas that it used.
    pub gas_used: u64,
    /// What a unit of gas cost, in wei.
    pub gas_price: U256,
}

/// Where a transaction is, as far as a node knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// The node does not know it. It may still exist elsewhere.
    Unknown,
    /// It waits in the node's pool.
    Pending,
    /// It is in that block.
    Included {
        /// The block's number.
        block: u64,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RpcBlock {
    number: U64,
    hash: B256,
    timestamp: U64,
    #[serde(default)]
    base_fee_per_gas: Option<U256>,
}

impl RpcBlock {
    pub(super) fn base_fee(&self) -> Option<U256> {
        self.base_fee_per_gas
    }
}

impl From<RpcBlock> for Block {
    fn from(block: RpcBlock) -> Block {
        Block { number: block.number.to(), hash: block.hash, time: block.timestamp.to() }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RpcLog {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
    block_number: Option<U64>,
    block_hash: Option<B256>,
    #[serde(default)]
    block_timestamp: Option<U64>,
    transaction_hash: Option<B256>,
    log_index: Option<U64>,
    #[serde(default)]
    removed: bool,
}

impl RpcLog {
    pub(super) fn block(&self) -> Option<u64> {
        self.block_number.map(|number| number.to())
    }

    /// Some nodes state it, others leave it out.
    pub(super) fn block_time(&self) -> Option<u64> {
        self.block_timestamp.map(|time| time.to())
    }

    /// Fails for a log that is in no block yet.
    pub(super) fn with_time(self, block_time: u64) -> Result<RawLog, NodeError> {
        let lacks = |what: &str| NodeError::missing("eth_getLogs", what);
        Ok(RawLog {
            address: self.address,
            block: self.block_number.ok_or_else(|| lacks("the block number of a log"))?.to(),
            block_hash: self.block_hash.ok_or_else(|| lacks("the block hash of a log"))?,
            block_time,
            tx_hash: self.transaction_hash.ok_or_else(|| lacks("the transaction hash of a log"))?,
            log_index: self.log_index.ok_or_else(|| lacks("the index of a log"))?.to(),
            topics: self.topics,
            data: self.data,
            removed: self.removed,
        })
    }

    fn in_receipt(self) -> Result<ReceiptLog, NodeError> {
        let lacks = |what: &str| NodeError::missing("eth_getTransactionReceipt", what);
        Ok(ReceiptLog {
            block: self.block_number.ok_or_else(|| lacks("the block number of a log"))?.to(),
            block_hash: self.block_hash.ok_or_else(|| lacks("the block hash of a log"))?,
            log_index: self.log_index.ok_or_else(|| lacks("the index of a log"))?.to(),
            topics: self.topics,
            data: self.data,
        })
    }
}

/// A receipt as far as its logs go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RpcReceiptLogs {
    logs: Vec<RpcLog>,
}

impl RpcReceiptLogs {
    /// Those that `contract` emitted.
    pub(super) fn of(self, contract: Address) -> Result<Vec<ReceiptLog>, NodeError> {
        let own = self.logs.into_iter().filter(|log| log.address == contract);
        own.map(RpcLog::in_receipt).collect()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RpcReceipt {
    block_number: U64,
    block_hash: B256,
    status: U64,
    gas_used: U64,
    #[serde(default)]
    effective_gas_price: U256,
}

impl From<RpcReceipt> for Receipt {
    fn from(receipt: RpcReceipt) -> Receipt {
        Receipt {
            block: receipt.block_number.to(),
            block_hash: receipt.block_hash,
            success: receipt.status == U64::from(1),
            gas_used: receipt.gas_used.to(),
            gas_price: receipt.effective_gas_price,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RpcTransaction {
    #[serde(default)]
    block_number: Option<U64>,
}

impl From<Option<RpcTransaction>> for TransactionState {
    fn from(transaction: Option<RpcTransaction>) -> TransactionState {
        match transaction.map(|transaction| transaction.block_number) {
            None => TransactionState::Unknown,
            Some(None) => TransactionState::Pending,
            Some(Some(block)) => TransactionState::Included { block: block.to() },
        }
    }
}
