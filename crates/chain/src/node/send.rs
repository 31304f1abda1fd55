//! What became of a transaction that was handed to a node. The texts of node software are mapped by a table; what is
//! not in it is unknown, and unknown is never treated as refused.

use alloy::primitives::B256;
use alloy::transports::{RpcError, TransportErrorKind};

use super::error::classify;

/// The answer to `eth_sendRawTransaction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The node took it.
    Accepted,
    /// The node has it already.
    AlreadyKnown,
    /// The node did not take it, and never will as it is.
    Refused {
        /// Why.
        reason: Refusal,
        /// The node's own words.
        message: String,
    },
    /// Nobody can say: it may be on its way. Look for it before anything else is sent.
    Unknown {
        /// What is known.
        message: String,
    },
}

/// Why a node refuses a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account's nonce is past it: this transaction, or another one with the nonce, is in a block.
    NonceTooLow,
    /// The nonce leaves a gap larger than the node's pool takes.
    NonceTooHigh,
    /// It does not offer enough more than the one that waits with the same nonce.
    ReplacementUnderpriced,
    /// It offers less than the node's minimum.
    Underpriced,
    /// It offers more than the node allows anybody to offer.
    FeeTooHigh,
    /// The sender cannot pay for value and gas.
    Funds,
    /// Its gas limit is below what any such transaction needs, or above what a block or the chain allows.
    Gas,
    /// The node ran it first, and the contract reverted.
    Reverted,
    /// The node's pool is full.
    PoolFull,
    /// It is signed for another chain, or not well.
    Signature,
}

/// Either the node has it, or it refuses for that reason.
#[derive(Clone, Copy)]
enum Meaning {
    Known,
    Refused(Refusal),
}

/// Phrases of geth, BSC, erigon, nethermind, reth and anvil, in lower case; the first that occurs decides.
const TABLE: [(&str, Meaning); 37] = [
    ("already known", Meaning::Known),
    ("alreadyknown", Meaning::Known),
    ("already imported", Meaning::Known),
    ("known transaction", Meaning::Known),
    ("already in mempool", Meaning::Known),
    ("transaction already in pool", Meaning::Known),
    ("nonce too low", Meaning::Refused(Refusal::NonceTooLow)),
    ("noncetoolow", Meaning::Refused(Refusal::NonceTooLow)),
    ("nonce is too low", Meaning::Refused(Refusal::NonceTooLow)),
    ("oldnonce", Meaning::Refused(Refusal::NonceTooLow)),
    ("invalid transaction nonce", Meaning::Refused(Refusal::NonceTooLow)),
    ("nonce too high", Meaning::Refused(Refusal::NonceTooHigh)),
    ("noncetoohigh", Meaning::Refused(Refusal::NonceTooHigh)),
    ("noncegap", Meaning::Refused(Refusal::NonceTooHigh)),
    ("replacement transaction underpriced", Meaning::Refused(Refusal::ReplacementUnderpriced)),
    ("replacement not allowed", Meaning::Refused(Refusal::ReplacementUnderpriced)),
    ("could not replace", Meaning::Refused(Refusal::ReplacementUnderpriced)),
    ("transaction underpriced", Meaning::Refused(Refusal::Underpriced)),
    ("underpriced", Meaning::Refused(Refusal::Underpriced)),
    ("feetoolow", Meaning::Refused(Refusal::Underpriced)),
    ("gas price below", Meaning::Refused(Refusal::Underpriced)),
    ("max fee per gas less than block base fee", Meaning::Refused(Refusal::Underpriced)),
    ("tx fee", Meaning::Refused(Refusal::FeeTooHigh)),
    ("insufficient funds", Meaning::Refused(Refusal::Funds)),
    ("insufficientfunds", Meaning::Refused(Refusal::Funds)),
    ("insufficient balance", Meaning::Refused(Refusal::Funds)),
    ("intrinsic gas too", Meaning::Refused(Refusal::Gas)),
    ("exceeds block gas limit", Meaning::Refused(Refusal::Gas)),
    ("gas limit too high", Meaning::Refused(Refusal::Gas)),
    ("exceeds maximum", Meaning::Refused(Refusal::Gas)),
    ("gas too", Meaning::Refused(Refusal::Gas)),
    ("reverted", Meaning::Refused(Refusal::Reverted)),
    ("txpool is full", Meaning::Refused(Refusal::PoolFull)),
    ("pool is full", Meaning::Refused(Refusal::PoolFull)),
    ("invalid sender", Meaning::Refused(Refusal::Signature)),
    ("invalid signature", Meaning::Refused(Refusal::Signature)),
    ("chain id", Meaning::Refused(Refusal::Signature)),
];

/// What an answer means for the transaction.
pub(super) fn outcome(host: &str, answer: Result<B256, RpcError<TransportErrorKind>>) -> SendOutcome {
    match answer {
        Ok(_) => SendOutcome::Accepted,
        Err(RpcError::ErrorResp(payload)) => from_words(&payload.message),
        Err(error) => {
            SendOutcome::Unknown { message: classify(host, "eth_sendRawTransaction", error).to_string() }
        }
    }
}

fn from_words(message: &str) -> SendOutcome {
    let lower = message.to_lowercase();
    match TABLE.iter().find(|(phrase, _)| lower.contains(phrase)).map(|(_, meaning)| *meaning) {
        Some(Meaning::Known) => SendOutcome::AlreadyKnown,
        Some(Meaning::Refused(reason)) => SendOutcome::Refused { reason, message: message.to_owned() },
        None => SendOutcome::Unknown { message: message.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_nodes_are_understood() {
        for (message, reason) in [
            ("nonce too low: next nonce 7, tx nonce 3", Refusal::NonceTooLow),
            ("nonce too low", Refusal::NonceTooLow),
            ("nonce too high", Refusal::NonceTooHigh),
            ("replacement transaction underpriced", Refusal::ReplacementUnderpriced),
            ("transaction underpriced: gas tip cap 0, minimum needed 50000000", Refusal::Underpriced),
            ("max fee per gas less than block base fee: address 0x…", Refusal::Underpriced),
            ("insufficient funds for gas * price + value: balance 0", Refusal::Funds),
            ("Insufficient funds for gas * price + value", Refusal::Funds),
            ("tx fee (1.20 ether) exceeds the configured cap (1.00 ether)", Refusal::FeeTooHigh),
            ("intrinsic gas too low: gas 20000, minimum needed 21000", Refusal::Gas),
            ("exceeds block gas limit", Refusal::Gas),
            ("execution reverted: custom error 0x…", Refusal::Reverted),
            ("txpool is full", Refusal::PoolFull),
            ("invalid sender", Refusal::Signature),
        ] {
            let outcome = from_words(message);
            assert_eq!(outcome, SendOutcome::Refused { reason, message: message.to_owned() });
        }
        for message in
            ["already known", "transaction already imported", "known transaction: 0xabc", "ALREADY KNOWN"]
        {
            assert_eq!(from_words(message), SendOutcome::AlreadyKnown);
        }
    }

    #[test]
    fn words_that_are_not_in_the_table_leave_it_unknown() {
        for message in ["internal error", "", "upstream timed out", "service unavailable"] {
            assert_eq!(from_words(message), SendOutcome::Unknown { message: message.to_owned() });
        }
    }

    #[tokio::test]
    async fn a_transaction_handed_to_nobody_is_unknown() {
        let node =
            super::super::Node::connect("http://127.0.0.1:9", std::time::Duration::from_secs(2)).unwrap();
        assert!(matches!(node.send_raw(&[1]).await, SendOutcome::Unknown { .. }));
    }
}
