//! Wallets that are contracts sign by answering `isValidSignature(bytes32,bytes)` (EIP-1271).

use alloy_primitives::{B256, Bytes, U256, eip191_hash_message};
use banyan_chain::{Node, NodeError};
use banyan_types::Address;

use crate::problem::Answer;

/// The function's selector, and the answer that means yes.
const MAGIC: [u8; 4] = [0x16, 0x26, 0xba, 0x7e];

/// Whether `wallet` is a contract that takes `signature` for its own, as of the latest block.
pub async fn accepts(node: &Node, wallet: Address, message: &str, signature: &[u8]) -> Answer<bool> {
    if node.code(wallet).await?.is_empty() {
        return Ok(false);
    }
    let head = node.head_block().await?;
    match node.call_at(head.hash, wallet, question(message, signature)).await {
        Ok(answer) => Ok(answer.len() == 32 && answer.starts_with(&MAGIC)),
        // Whether the contract reverts, runs into an invalid opcode or out of gas: it did not say yes.
        Err(NodeError::Reverted { .. } | NodeError::Rpc { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The call: the digest, then the signature as dynamic bytes.
fn question(message: &str, signature: &[u8]) -> Bytes {
    let word = |number: usize| B256::from(U256::from(number));
    let padding = vec![0; signature.len().next_multiple_of(32) - signature.len()];
    [
        &MAGIC[..],
        eip191_hash_message(message).as_slice(),
        word(64).as_slice(),
        word(signature.len()).as_slice(),
        signature,
        &padding,
    ]
    .concat()
    .into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use alloy::sol_types::SolCall as _;
    use banyan_testkit::anvil::{Anvil, Options};

    alloy::sol! {
        function isValidSignature(bytes32 hash, bytes signature) returns (bytes4);
    }

    #[test]
    fn the_question_is_encoded_as_solidity_reads_it() {
        for length in [0, 1, 32, 65] {
            let signature = vec![9; length];
            let expected = isValidSignatureCall {
                hash: eip191_hash_message("hello"),
                signature: signature.clone().into(),
            };
            assert_eq!(question("hello", &signature), expected.abi_encode());
        }
    }

    /// Contracts that answer in every way but yes: an invalid opcode, a loop until the gas is gone, a revert, nothing, too
    /// little; then one that says yes.
    #[tokio::test]
    async fn whatever_a_contract_does_but_say_yes_is_no() {
        let anvil = tokio::task::spawn_blocking(|| Anvil::start(&Options::default())).await.unwrap().unwrap();
        let node = Node::connect(anvil.rpc().url(), Duration::from_secs(20)).unwrap();
        let yes = "0x631626ba7e60e01b5f5260205ff3";
        for (code, accepted) in [
            ("0xfe", false),
            ("0x5b5f56", false),
            ("0x5f5ffd", false),
            ("0x00", false),
            ("0x60045ff3", false),
            (yes, true),
        ] {
            let wallet = Address::repeat_byte(0xc0);
            anvil.rpc().call("anvil_setCode", serde_json::json!([wallet, code])).await.unwrap();
            let answer = accepts(&node, wallet, "hello", &[9; 65]).await;
            assert_eq!(answer.unwrap(), accepted, "{code}");
        }
        drop(anvil);
        let gone = accepts(&node, Address::repeat_byte(0xc0), "hello", &[9; 65]).await;
        assert_eq!(gone.unwrap_err().kind(), crate::problem::Kind::ChainUnavailable);
    }
}
