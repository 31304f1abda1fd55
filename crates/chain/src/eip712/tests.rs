//! The digests against a second implementation that reads the typed data's JSON, and the edges of items and signatures.

use alloy::dyn_abi::TypedData as AnyTypedData;
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;

use super::*;

const DOMAIN: Domain = Domain { chain_id: 31337, contract: Address::repeat_byte(0xC0) };

fn amount(units: i128) -> Amount {
    Amount::from_units(units).unwrap()
}

fn payloads() -> [Payload; 3] {
    let (user, plan) = (Address::repeat_byte(1), PlanHash(B256::repeat_byte(9)));
    let items =
        pack_items(&[(Address::ZERO, amount(5)), (user, amount(45_600_000_000_000_000_000))]).unwrap();
    [
        Payload::Registration(Registration {
            user,
            sponsor: Address::repeat_byte(2),
            amount: amount(20_000_000_000_000_000_000),
            plan,
            nonce: 0,
            deadline: 1_800_000_000,
        }),
        Payload::Retopup(Retopup {
            user,
            amount: amount(40_000_000_000_000_000_000),
            plan,
            nonce: 7,
            deadline: 1_800_000_000,
        }),
        Payload::PayoutBatch(PayoutBatch {
            seq: 15,
            head: B256::repeat_byte(3),
            root: B256::repeat_byte(4),
            max_total: amount(45_600_000_000_000_000_005),
            deadline: 1_800_000_000,
            items,
        }),
    ]
}

/// The typed data's digest by alloy's dynamic implementation, which knows nothing but the JSON. It wants the domain's
/// type spelt out, which `ethers` derives by itself.
fn digest_of_json(typed_data: &TypedData) -> B256 {
    let mut json = serde_json::to_value(typed_data).unwrap();
    json["types"]["EIP712Domain"] = json!([
        { "name": "name", "type": "string" },
        { "name": "version", "type": "string" },
        { "name": "chainId", "type": "uint256" },
        { "name": "verifyingContract", "type": "address" },
    ]);
    serde_json::from_value::<AnyTypedData>(json).unwrap().eip712_signing_hash().unwrap()
}

#[test]
fn the_typed_data_has_the_digest_that_is_signed() {
    for payload in payloads() {
        let typed_data = payload.typed_data(&DOMAIN);
        assert_eq!(digest_of_json(&typed_data), payload.digest(&DOMAIN), "{}", payload.primary_type());
        assert!(typed_data.types.get("EIP712Domain").is_none(), "ethers derives the domain's type itself");
    }
}

#[test]
fn the_domain_is_part_of_every_digest() {
    for payload in payloads() {
        let digest = payload.digest(&DOMAIN);
        assert_ne!(digest, payload.digest(&Domain { chain_id: 56, ..DOMAIN }));
        assert_ne!(digest, payload.digest(&Domain { contract: Address::repeat_byte(0xC1), ..DOMAIN }));
    }
}

#[test]
fn integers_are_decimal_strings_and_addresses_have_their_checksum() {
    let [registration, ..] = payloads();
    let message = registration.typed_data(&DOMAIN).message;
    assert_eq!(message["amount"], "20000000000000000000");
    assert_eq!(message["nonce"], "0");
    assert_eq!(message["user"], Address::repeat_byte(1).to_checksum(None));
}

#[test]
fn items_are_twenty_bytes_of_account_and_twelve_of_amount() {
    let items = [(Address::repeat_byte(0xAB), amount((1 << 96) - 1)), (Address::ZERO, amount(258))];
    let packed = pack_items(&items).unwrap();
    assert_eq!(packed.len(), 64);
    assert_eq!(packed[20..32], [0xFF; 12]);
    assert_eq!(packed[62..], [1, 2]);
    assert_eq!(unpack_items(&packed).unwrap(), items);
}

#[test]
fn an_amount_that_does_not_fit_and_a_length_of_no_item_are_refused() {
    for units in [-1, 1 << 96] {
        let refused = pack_items(&[(Address::ZERO, amount(units))]);
        assert_eq!(refused, Err(PayloadError::Item { account: Address::ZERO, cumulative: amount(units) }));
    }
    assert_eq!(unpack_items(&[0; 33]), Err(PayloadError::Length(33)));
}

#[test]
fn only_signatures_that_the_contract_accepts_are_recovered() {
    let signer = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
    let digest = payloads()[0].digest(&DOMAIN);
    let signature = signer.sign_hash_sync(&digest).unwrap();
    let bytes = signature.as_bytes();
    assert_eq!(recover(digest, &bytes), Some(signer.address()));
    assert_ne!(recover(B256::ZERO, &bytes), Some(signer.address()));
    assert_eq!(recover(digest, &bytes[..64]), None);
    assert_eq!(recover(digest, &[&bytes[..], &[0]].concat()), None);

    let order =
        U256::from_str_radix("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16).unwrap();
    let high = Signature::new(signature.r(), order - signature.s(), !signature.v());
    assert_eq!(
        high.recover_address_from_prehash(&digest).ok(),
        Some(signer.address()),
        "the other s is valid maths"
    );
    assert_eq!(recover(digest, &high.as_bytes()), None);
    let bare = [&bytes[..64], &[bytes[64] - 27]].concat();
    assert_eq!(recover(digest, &bare), None);
}
