//! One RPC node over HTTP. Every answer is a value of ours or a [`NodeError`] that says whose fault it was; nothing is
//! retried here, because the caller knows what a late answer costs.

mod answer;
mod error;
mod fees;
mod finality;
mod send;

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{RpcRecv, RpcSend};
use serde_json::json;

pub use answer::{Block, RawLog, Receipt, ReceiptLog, TransactionState};
pub use error::NodeError;
pub use fees::Fees;
pub use finality::{Finality, UnknownFinality};
pub use send::{Refusal, SendOutcome};

use answer::{RpcBlock, RpcLog, RpcReceipt, RpcReceiptLogs, RpcTransaction};

/// A block by name or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockTag {
    /// The newest block that the node has.
    Latest,
    /// The newest block that the node says is final.
    Finalized,
    /// The block of that number on the node's chain.
    Number(u64),
}

/// Which of an account's transactions count for its nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceAt {
    /// Those in blocks.
    Latest,
    /// Those that wait in the node's pool, too.
    Pending,
    /// Those in blocks up to that number.
    Block(u64),
}

/// A transaction as `eth_call` and `eth_estimateGas` take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who would send it.
    pub from: Address,
    /// Who would receive it.
    pub to: Address,
    /// Wei that it would carry.
    pub value: U256,
    /// Its calldata.
    pub data: Bytes,
}

/// One RPC node. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Node {
    client: RpcClient,
    host: String,
}

impl Node {
    /// A node at `url`, each of whose answers is awaited for `timeout` at most. Nothing is sent yet.
    ///
    /// # Errors
    /// When `url` is no HTTP address.
    pub fn connect(url: &str, timeout: Duration) -> Result<Node, NodeError> {
        let parsed: reqwest::Url =
            url.parse().map_err(|error| NodeError::Url { reason: format!("{error}") })?;
        let host = match (parsed.scheme(), parsed.host_str()) {
            ("http" | "https", Some(host)) => {
                parsed.port().map_or(host.to_owned(), |port| format!("{host}:{port}"))
            }
            (scheme, _) => return Err(NodeError::Url { reason: format!("its scheme is {scheme:?}") }),
        };
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .build()
            .map_err(|error| NodeError::Url { reason: error.to_string() })?;
        Ok(Node { client: RpcClient::new_http_with_client(client, parsed), host })
    }

    /// Host and port of the node, without what may be secret in its address.
    pub fn host(&self) -> &str {
        &self.host
    }

    async fn ask<P: RpcSend, R: RpcRecv>(&self, method: &'static str, parameters: P) -> Result<R, NodeError> {
        self.client
            .request(method, parameters)
            .await
            .map_err(|error| error::classify(&self.host, method, error))
    }

    /// The chain's id.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn chain_id(&self) -> Result<u64, NodeError> {
        self.ask::<_, U64>("eth_chainId", ()).await.map(|id| id.to())
    }

    /// Makes sure that the node is on the chain of the configuration.
    ///
    /// # Errors
    /// [`NodeError::WrongChain`], or what kept the node from answering.
    pub async fn expect_chain(&self, expected: u64) -> Result<(), NodeError> {
        let found = self.chain_id().await?;
        if found == expected {
            return Ok(());
        }
        Err(NodeError::WrongChain { host: self.host.clone(), expected, found })
    }

    /// A block's number, hash and time; `None` if the node does not have it.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn block(&self, tag: BlockTag) -> Result<Option<Block>, NodeError> {
        let tag = match tag {
            BlockTag::Latest => json!("latest"),
            BlockTag::Finalized => json!("finalized"),
            BlockTag::Number(number) => json!(U64::from(number)),
        };
        let block: Option<RpcBlock> = self.ask("eth_getBlockByNumber", (tag, false)).await?;
        Ok(block.map(Block::from))
    }

    /// The newest block.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn head_block(&self) -> Result<Block, NodeError> {
        self.block(BlockTag::Latest)
            .await?
            .ok_or_else(|| NodeError::missing("eth_getBlockByNumber", "latest"))
    }

    /// The newest final block, by the rule that the configuration names; `None` while there is none.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn finalized_block(&self, finality: Finality) -> Result<Option<Block>, NodeError> {
        match finality {
            Finality::Tag => self.block(BlockTag::Finalized).await,
            Finality::ValidatorQuorum => {
                let block: Option<RpcBlock> = self.ask("eth_getFinalizedBlock", (-2, false)).await?;
                Ok(block.map(Block::from))
            }
        }
    }

    /// All logs of `contract` in the closed range of blocks, as the node gives them: in its order, unchecked. Times
    /// that the node leaves out are fetched with the blocks.
    ///
    /// # Errors
    /// [`NodeError::RangeTooLarge`] when the node wants a smaller range, or what kept it from answering.
    pub async fn logs(&self, contract: Address, from: u64, to: u64) -> Result<Vec<RawLog>, NodeError> {
        let filter = json!({ "address": contract, "fromBlock": U64::from(from), "toBlock": U64::from(to) });
        let logs: Vec<RpcLog> = self.ask("eth_getLogs", (filter,)).await?;
        let mut known: Option<Block> = None;
        let mut complete = Vec::with_capacity(logs.len());
        for log in logs {
            let time = match (log.block_time(), known) {
                (Some(time), _) => time,
                (None, Some(block)) if Some(block.number) == log.block() => block.time,
                (None, _) => known.insert(self.block_of(&log).await?).time,
            };
            complete.push(log.with_time(time)?);
        }
        Ok(complete)
    }

    async fn block_of(&self, log: &RpcLog) -> Result<Block, NodeError> {
        let number =
            log.block().ok_or_else(|| NodeError::missing("eth_getLogs", "the block number of a log"))?;
        let block = self.block(BlockTag::Number(number)).await?;
        block.ok_or_else(|| NodeError::missing("eth_getBlockByNumber", &format!("block {number}")))
    }

    /// What `to` answers to `data` in the state after the block of that hash, which must be on the node's chain
    /// (EIP-1898).
    ///
    /// # Errors
    /// [`NodeError::Reverted`], [`NodeError::NoState`], or what kept the node from answering.
    pub async fn call_at(&self, block_hash: B256, to: Address, data: Bytes) -> Result<Bytes, NodeError> {
        let call = json!({ "to": to, "data": data });
        self.ask("eth_call", (call, at(block_hash))).await
    }

    /// What `call` would return if it were sent now.
    ///
    /// # Errors
    /// [`NodeError::Reverted`], or what kept the node from answering.
    pub async fn try_call(&self, call: &Call) -> Result<Bytes, NodeError> {
        self.ask("eth_call", (call_object(call), "latest")).await
    }

    /// Gas that `call` would use if it were sent now.
    ///
    /// # Errors
    /// [`NodeError::Reverted`], or what kept the node from answering.
    pub async fn estimate_gas(&self, call: &Call) -> Result<u64, NodeError> {
        self.ask::<_, U64>("eth_estimateGas", (call_object(call),)).await.map(|gas| gas.to())
    }

    /// An account's balance, in wei, after the block of that hash (EIP-1898).
    ///
    /// # Errors
    /// [`NodeError::NoState`], or what kept the node from answering.
    pub async fn balance_at(&self, block_hash: B256, account: Address) -> Result<U256, NodeError> {
        self.ask("eth_getBalance", (account, at(block_hash))).await
    }

    /// Code of an account at the head; empty if it is no contract.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn code(&self, account: Address) -> Result<Bytes, NodeError> {
        self.ask("eth_getCode", (account, "latest")).await
    }

    /// Code of an account after the block of that hash (EIP-1898); empty if it is no contract.
    ///
    /// # Errors
    /// [`NodeError::NoState`], or what kept the node from answering.
    pub async fn code_at(&self, block_hash: B256, account: Address) -> Result<Bytes, NodeError> {
        self.ask("eth_getCode", (account, at(block_hash))).await
    }

    /// The next nonce of an account's transactions.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn nonce(&self, account: Address, at: NonceAt) -> Result<u64, NodeError> {
        let tag = match at {
            NonceAt::Latest => json!("latest"),
            NonceAt::Pending => json!("pending"),
            NonceAt::Block(number) => json!(U64::from(number)),
        };
        self.ask::<_, U64>("eth_getTransactionCount", (account, tag)).await.map(|nonce| nonce.to())
    }

    /// What the node wants to be paid for gas.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn fees(&self) -> Result<Fees, NodeError> {
        let gas_price: U256 = self.ask("eth_gasPrice", ()).await?;
        let head: Option<RpcBlock> = self.ask("eth_getBlockByNumber", ("latest", false)).await?;
        let base = head.and_then(|block| block.base_fee()).unwrap_or_default();
        Fees::new(base, gas_price)
    }

    /// Hands a signed transaction to the node. There is no error: what is not known to be refused is
    /// [`SendOutcome::Unknown`].
    pub async fn send_raw(&self, raw: &[u8]) -> SendOutcome {
        let parameters = (Bytes::copy_from_slice(raw),);
        let answer = self.client.request::<_, B256>("eth_sendRawTransaction", parameters).await;
        send::outcome(&self.host, answer)
    }

    /// The receipt of a transaction that is in a block of the node's chain.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn receipt(&self, hash: B256) -> Result<Option<Receipt>, NodeError> {
        let receipt: Option<RpcReceipt> = self.ask("eth_getTransactionReceipt", (hash,)).await?;
        Ok(receipt.map(Receipt::from))
    }

    /// The logs of `contract` in the receipt of a transaction; `None` if the node does not have the receipt.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn receipt_logs(
        &self,
        hash: B256,
        contract: Address,
    ) -> Result<Option<Vec<ReceiptLog>>, NodeError> {
        let receipt: Option<RpcReceiptLogs> = self.ask("eth_getTransactionReceipt", (hash,)).await?;
        receipt.map(|receipt| receipt.of(contract)).transpose()
    }

    /// Where a transaction is, as far as the node knows.
    ///
    /// # Errors
    /// What kept the node from answering.
    pub async fn transaction(&self, hash: B256) -> Result<TransactionState, NodeError> {
        let transaction: Option<RpcTransaction> = self.ask("eth_getTransactionByHash", (hash,)).await?;
        Ok(TransactionState::from(transaction))
    }
}

/// EIP-1898: a block by hash, refused when it is not on the node's chain.
fn at(block_hash: B256) -> serde_json::Value {
    json!({ "blockHash": block_hash, "requireCanonical": true })
}

fn call_object(call: &Call) -> serde_json::Value {
    json!({ "from": call.from, "to": call.to, "value": call.value, "data": call.data })
}
