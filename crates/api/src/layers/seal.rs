//! Answers that are kept for a repeated request may hold tokens, so they are kept sealed: the key is derived from the
//! request itself, which the database does not hold. Whoever can send the request again can open its answer; nobody
//! else can.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The digest under which a request is recognised.
pub fn digest(operation: &str, body: &[u8]) -> [u8; 32] {
    hash(b"banyan request", operation, body)
}

/// Closes an answer for the request that it answers.
pub fn seal(operation: &str, body: &[u8], answer: &[u8]) -> Option<String> {
    let mut nonce = [0; NONCE_LEN];
    aws_lc_rs::rand::fill(&mut nonce).ok()?;
    let mut sealed = answer.to_vec();
    let sealing = Nonce::assume_unique_for_key(nonce);
    key(operation, body)?.seal_in_place_append_tag(sealing, Aad::empty(), &mut sealed).ok()?;
    Some(STANDARD.encode([&nonce[..], &sealed].concat()))
}

/// Opens an answer with the request that it answered; `None` if it was another one.
pub fn open(operation: &str, body: &[u8], sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
    let mut answer = sealed.to_vec();
    let opening = Nonce::assume_unique_for_key(*nonce);
    let opened = key(operation, body)?.open_in_place(opening, Aad::empty(), &mut answer).ok()?;
    Some(opened.to_vec())
}

fn key(operation: &str, body: &[u8]) -> Option<LessSafeKey> {
    let secret = hash(b"banyan answer", operation, body);
    UnboundKey::new(&AES_256_GCM, &secret).ok().map(LessSafeKey::new)
}

/// The purpose and the operation are length-prefixed, so that no two inputs run together.
fn hash(purpose: &[u8], operation: &str, body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [purpose, operation.as_bytes()] {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.update(body);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_request_opens_the_answer() {
        let sealed = seal("POST /a", b"{1}", b"token").unwrap();
        assert!(!sealed.contains("token"));
        assert_eq!(open("POST /a", b"{1}", &sealed).unwrap(), b"token");
        assert_eq!(open("POST /a", b"{2}", &sealed), None);
        assert_eq!(open("POST /b", b"{1}", &sealed), None);
        assert_eq!(open("POST /a", b"{1}", "not base64"), None);
    }

    #[test]
    fn the_digest_does_not_give_the_key_away() {
        assert_ne!(digest("POST /a", b"x"), hash(b"banyan answer", "POST /a", b"x"));
        assert_ne!(digest("POST /a", b"x"), digest("POST /ax", b""));
    }
}
