//! The chain's JSON-RPC interface: transactions of the funded wallets, and what nobody could do to a real chain.

use std::time::{Duration, Instant};

use alloy::primitives::{Address, B256, Bytes, U256};
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// How long a transaction may take to be mined.
const PATIENCE: Duration = Duration::from_secs(30);

/// BSC's gas cap of a transaction.
const MOST_GAS: u64 = 16_777_216;

/// A chain's JSON-RPC interface. Cloning it opens no new connections.
#[derive(Clone, Debug)]
pub struct Rpc {
    url: String,
    client: reqwest::Client,
}

/// A transaction that is in a block.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mined {
    /// Its hash.
    #[serde(rename = "transactionHash")]
    pub hash: B256,
    /// The block that it is in.
    #[serde(rename = "blockNumber")]
    block: U256,
    status: U256,
    #[serde(rename = "gasUsed")]
    gas: U256,
    /// The contract that it created.
    #[serde(rename = "contractAddress")]
    pub contract: Option<Address>,
}

impl Mined {
    /// Number of the block that it is in.
    #[must_use]
    pub fn block(&self) -> u64 {
        self.block.saturating_to()
    }

    /// Whether it did not revert.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == U256::from(1)
    }

    /// The gas that it used.
    #[must_use]
    pub fn gas(&self) -> u64 {
        self.gas.saturating_to()
    }
}

impl Rpc {
    /// The interface at a URL.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), client: reqwest::Client::new() }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// URL of the chain's WebSocket interface.
    #[must_use]
    pub fn websocket_url(&self) -> String {
        self.url.replacen("http", "ws", 1)
    }

    /// Sends a transaction of a funded wallet (anvil signs for those) and does not wait for it.
    /// `to: None` creates a contract.
    ///
    /// # Errors
    /// With the revert's data when it would revert, unless `gas` is given: then it is sent all the same.
    pub async fn submit(
        &self,
        from: Address,
        to: Option<Address>,
        data: Bytes,
        value: U256,
        gas: Option<u64>,
    ) -> Result<B256> {
        let mut transaction = json!({ "from": from, "data": data, "value": value });
        if let Some(to) = to {
            transaction["to"] = json!(to);
        }
        transaction["gas"] = json!(U256::from(gas.unwrap_or(MOST_GAS)));
        if gas.is_none() {
            // Not eth_estimateGas: with BSC's cap on a transaction it hides the reason of a revert.
            self.call("eth_call", json!([transaction, "latest"])).await?;
        }
        parse("eth_sendTransaction", self.call("eth_sendTransaction", json!([transaction])).await?)
    }

    /// Sends a transaction of a funded wallet and waits until it is in a block.
    ///
    /// # Errors
    /// With the revert's data when it would revert.
    pub async fn transact(&self, from: Address, to: Address, data: Bytes, value: U256) -> Result<Mined> {
        let hash = self.submit(from, Some(to), data, value, None).await?;
        self.mined(hash).await
    }

    /// Creates a contract and waits until it is there.
    ///
    /// # Errors
    /// With the revert's data when its constructor reverts.
    pub async fn create(&self, from: Address, code: Bytes, value: U256) -> Result<Address> {
        let hash = self.submit(from, None, code, value, None).await?;
        self.mined(hash).await?.contract.ok_or_else(|| Error::Rpc {
            method: "eth_getTransactionReceipt".to_owned(),
            reason: format!("{hash} created no contract"),
        })
    }

    /// The receipt of a transaction, if it is in a block.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn receipt(&self, hash: B256) -> Result<Option<Mined>> {
        parse("eth_getTransactionReceipt", self.call("eth_getTransactionReceipt", json!([hash])).await?)
    }

    /// Waits until a transaction is in a block.
    ///
    /// # Errors
    /// When it is not after half a minute.
    pub async fn mined(&self, hash: B256) -> Result<Mined> {
        let start = Instant::now();
        loop {
            if let Some(mined) = self.receipt(hash).await? {
                return Ok(mined);
            }
            if start.elapsed() > PATIENCE {
                let reason = format!("{hash} is in no block after {} s", PATIENCE.as_secs());
                return Err(Error::Rpc { method: "eth_getTransactionReceipt".to_owned(), reason });
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The raw answer of a view at the head.
    ///
    /// # Errors
    /// When the node refuses, or the view reverts.
    pub async fn view(&self, to: Address, data: Bytes) -> Result<Bytes> {
        parse("eth_call", self.call("eth_call", json!([{ "to": to, "data": data }, "latest"])).await?)
    }

    /// Time of the head block, in seconds since 1970.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn time(&self) -> Result<u64> {
        let mut block = self.call("eth_getBlockByNumber", json!(["latest", false])).await?;
        parse::<U256>("eth_getBlockByNumber", block["timestamp"].take()).map(|time| time.saturating_to())
    }

    /// One JSON-RPC call.
    ///
    /// # Errors
    /// With the node's reason when it refuses.
    pub async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        let failed = |reason: String| Error::Rpc { method: method.to_owned(), reason };
        let answer = self.client.post(&self.url).json(&body).send().await;
        let answer = answer.map_err(|reason| failed(reason.to_string()))?;
        let mut answer: Value = answer.json().await.map_err(|reason| failed(reason.to_string()))?;
        match answer.get("error") {
            Some(error) => Err(failed(error.to_string())),
            None => Ok(answer.get_mut("result").map(Value::take).unwrap_or_default()),
        }
    }

    /// Many JSON-RPC calls in one request; their answers in the order of the calls.
    ///
    /// # Errors
    /// With the node's reason when it refuses any of them.
    pub async fn batch(&self, calls: &[(&str, Value)]) -> Result<Vec<Value>> {
        let request = |(id, (method, parameters)): (usize, &(&str, Value))| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters });
        let body: Vec<Value> = calls.iter().enumerate().map(request).collect();
        let failed = |reason: String| Error::Rpc { method: format!("a batch of {}", calls.len()), reason };
        let answer = self.client.post(&self.url).json(&body).send().await;
        let answer = answer.map_err(|reason| failed(reason.to_string()))?;
        let answers: Vec<Value> = answer.json().await.map_err(|reason| failed(reason.to_string()))?;
        let mut results = vec![Value::Null; calls.len()];
        for mut answer in answers {
            if let Some(error) = answer.get("error") {
                return Err(failed(error.to_string()));
            }
            let place = answer["id"].as_u64().and_then(|id| results.get_mut(usize::try_from(id).ok()?));
            let place = place.ok_or_else(|| failed("an answer to no call".to_owned()))?;
            *place = answer["result"].take();
        }
        Ok(results)
    }

    /// Mines `blocks` empty blocks (or blocks of what waits, when mining is on demand), one second apart.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn mine(&self, blocks: u64) -> Result<()> {
        self.call("anvil_mine", json!([U256::from(blocks), U256::from(1)])).await.map(drop)
    }

    /// Mines as much as makes everything so far final: finality is two blocks behind the head.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn finalize(&self) -> Result<()> {
        self.mine(2).await
    }

    /// Moves the clock of the following blocks forward, and mines one so that it is seen.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn increase_time(&self, seconds: u64) -> Result<()> {
        self.call("evm_increaseTime", json!([U256::from(seconds)])).await?;
        self.mine(1).await
    }

    /// Sets an account's balance, in wei.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn set_balance(&self, account: Address, wei: U256) -> Result<()> {
        self.call("anvil_setBalance", json!([account, wei])).await.map(drop)
    }

    /// The balance of an account at the head, in wei.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn balance(&self, account: Address) -> Result<U256> {
        let answer = self.call("eth_getBalance", json!([account, "latest"])).await?;
        parse("eth_getBalance", answer)
    }

    /// Number of the head block.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn head(&self) -> Result<u64> {
        let answer = self.call("eth_blockNumber", json!([])).await?;
        parse::<U256>("eth_blockNumber", answer).map(|number| number.saturating_to())
    }

    /// Changes to a block every `seconds`, or (0) to a block for each transaction.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn set_interval(&self, seconds: u64) -> Result<()> {
        self.call("evm_setAutomine", json!([seconds == 0])).await?;
        self.call("evm_setIntervalMining", json!([seconds])).await.map(drop)
    }

    /// Throws the last `depth` blocks away and mines as many others, without the transactions that were in them.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn reorganize(&self, depth: u64) -> Result<()> {
        self.call("anvil_reorg", json!([depth, []])).await.map(drop)
    }

    /// Takes a waiting transaction out of the pool.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn drop_transaction(&self, hash: B256) -> Result<()> {
        self.call("anvil_dropTransaction", json!([hash])).await.map(drop)
    }

    /// Forces ether into an account that does not want it, as a self-destructing contract would.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn force(&self, account: Address, wei: U256) -> Result<()> {
        let before = self.balance(account).await?;
        self.set_balance(account, before + wei).await
    }
}

fn parse<T: serde::de::DeserializeOwned>(method: &str, answer: Value) -> Result<T> {
    let shown = answer.to_string();
    serde_json::from_value(answer)
        .map_err(|reason| Error::Rpc { method: method.to_owned(), reason: format!("{reason} in {shown}") })
}
