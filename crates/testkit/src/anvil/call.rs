//! What a test may do to the chain that nobody could do to a real one.

use alloy::primitives::{Address, B256, U256};
use serde_json::{Value, json};

use super::Anvil;
use crate::error::{Error, Result};

impl Anvil {
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
