//! The contract's errors in words.

use alloy::primitives::hex;
use alloy::sol_types::{Revert, SolError, SolInterface};

use super::abi::BanyanSettlement::BanyanSettlementErrors;

/// The error that a reverted call returned, such as `WrongNonce { expected: 1, given: 0 }`; bytes that are no error
/// of the contract are shown in hex.
pub fn revert_reason(data: &[u8]) -> String {
    if data.is_empty() {
        return "it ran out of gas, or said nothing".to_owned();
    }
    if let Ok(error) = BanyanSettlementErrors::abi_decode(data) {
        let shown = format!("{error:?}");
        return shown
            .split_once('(')
            .map_or(shown.as_str(), |(_, inner)| &inner[..inner.len() - 1])
            .to_owned();
    }
    match Revert::abi_decode(data) {
        Ok(revert) => revert.reason,
        Err(_) => format!("an unknown error {}", hex::encode_prefixed(data)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::abi::BanyanSettlement as errors;
    use alloy::primitives::U256;

    #[test]
    fn an_error_of_the_contract_is_shown_with_its_fields() {
        let nonce = errors::WrongNonce { expected: U256::from(1), given: U256::ZERO };
        assert_eq!(revert_reason(&nonce.abi_encode()), "WrongNonce { expected: 1, given: 0 }");
        assert!(revert_reason(&errors::NothingToDo {}.abi_encode()).starts_with("NothingToDo"));
    }

    #[test]
    fn what_is_no_error_of_the_contract_is_shown_as_it_is() {
        assert_eq!(revert_reason(&Revert::from("no").abi_encode()), "no");
        assert!(revert_reason(&[1, 2, 3, 4]).contains("0x01020304"));
        assert!(revert_reason(&[]).contains("out of gas"));
    }
}
