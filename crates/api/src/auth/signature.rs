//! Whether a wallet signed a message: by its key (EIP-191), or, if the wallet is a contract, by its own word (EIP-1271).

use alloy_primitives::{Signature, eip191_hash_message};
use banyan_chain::Node;
use banyan_types::Address;

use super::contract_wallet;
use crate::extract::bytes_hex;
use crate::problem::{Answer, Kind, Problem};

/// Lets pass only what `wallet` signed. A node is asked only when the key's signature is not the wallet's.
pub async fn verify(node: &Node, wallet: Address, message: &str, signature: &str) -> Answer<()> {
    let refused = |detail: String| Err(Problem::field(Kind::InvalidSignature, "signature", detail));
    let Some(bytes) = bytes_hex(signature) else {
        return refused("expected a signature (0x and hex digits, 65 bytes from a key), got no hex: sign the `message` as it is".to_owned());
    };
    let signer = recover(message, &bytes);
    if signer == Some(wallet) {
        return Ok(());
    }
    if contract_wallet::accepts(node, wallet, message, &bytes).await? {
        return Ok(());
    }
    let got = signer.map_or_else(|| "no signature at all".to_owned(), |signer| format!("one of {signer}"));
    refused(format!(
        "expected a signature of {wallet}, got {got}: sign the `message` of POST /v1/auth/nonce as it is, with that wallet"
    ))
}

/// The key that signed, as an address.
fn recover(message: &str, signature: &[u8]) -> Option<Address> {
    let signature = Signature::from_raw(signature).ok()?;
    signature.recover_address_from_prehash(&eip191_hash_message(message)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_short_is_no_signature() {
        assert_eq!(recover("hello", &[]), None);
        assert_eq!(recover("hello", &[0; 65]), None);
    }

    #[tokio::test]
    async fn the_key_that_signed_is_found() {
        use alloy::signers::{Signer as _, local::PrivateKeySigner};
        let wallet = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
        let signature = wallet.sign_message(b"hello").await.unwrap();
        assert_eq!(recover("hello", &signature.as_bytes()), Some(wallet.address()));
        assert_ne!(recover("hallo", &signature.as_bytes()), Some(wallet.address()));
    }
}
