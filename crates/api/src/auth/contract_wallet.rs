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
        Err(NodeError::Reverted { .. }) => Ok(false),
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
    use super::*;
    use alloy::sol_types::SolCall as _;

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
}
