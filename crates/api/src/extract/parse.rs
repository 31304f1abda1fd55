//! Texts of requests become addresses, amounts and ids, or a problem that names the field.

use banyan_types::{Address, Amount, AmountError, B256};
use serde_json::Value;
use uuid::Uuid;

use crate::problem::{Answer, Kind, Problem};
use crate::store::people::UserKey;

/// An address: 40 hex digits after 0x, and the right checksum where the case is mixed.
pub fn address(field: &str, text: &str) -> Answer<Address> {
    let refused = |what: &str| {
        let got: String = text.chars().take(80).collect();
        Problem::field(
            Kind::InvalidAddress,
            field,
            format!("expected a wallet address (0x and 40 hex digits), got {got:?}: {what}"),
        )
    };
    let digits = text.strip_prefix("0x").ok_or_else(|| refused("it does not start with 0x"))?;
    if digits.len() != 40 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(refused("it has not 40 hex digits"));
    }
    let address: Address = text.parse().map_err(|_| refused("it has not 40 hex digits"))?;
    let mixed =
        digits.bytes().any(|b| b.is_ascii_lowercase()) && digits.bytes().any(|b| b.is_ascii_uppercase());
    if mixed && address.to_string() != text {
        return Err(refused("its checksum is wrong; copy it again, or write it in lower case"));
    }
    Ok(address)
}

/// An amount of wei above nothing, as a base-10 text.
pub fn amount(field: &str, value: &Value) -> Answer<Amount> {
    let refused = |detail: String| Problem::field(Kind::InvalidAmount, field, detail);
    let Value::String(text) = value else {
        return Err(refused(format!(
            "expected a string of whole wei in base 10 (such as \"20000000000000000000\"), got {value}: JSON numbers lose digits"
        )));
    };
    let amount: Amount = text.parse().map_err(|error| refused(explain(text, &error)))?;
    if !amount.is_positive() {
        return Err(refused(format!("expected an amount above 0, got {amount}")));
    }
    Ok(amount)
}

fn explain(text: &str, error: &AmountError) -> String {
    let decimal = text.contains('.') && Amount::from_decimal(text, banyan_types::BNB_DECIMALS).is_ok();
    match (text.contains('.'), decimal) {
        (true, _) => {
            format!("expected whole wei, got {text:?}: there is no fraction of a wei; 1 BNB is 10^18 wei")
        }
        (false, _) => error.to_string(),
    }
}

/// The amount that a request names, if it names one, must be the one that the plan asks for.
pub fn in_force_amount(named: Option<&Value>, asked: Amount) -> Answer<()> {
    let Some(value) = named else { return Ok(()) };
    let given = amount("amount", value)?;
    if given == asked {
        return Ok(());
    }
    let detail = format!(
        "expected {asked} wei, which the plan in force asks for, got {given}: leave `amount` out, or send that"
    );
    Err(Problem::field(Kind::AmountMismatch, "amount", detail))
}

/// Who a user of a path is: `me`, an id, or a wallet.
pub fn user_key(text: &str, me: Address) -> Answer<UserKey> {
    if text == "me" {
        return Ok(UserKey::Wallet(me));
    }
    if let Ok(id) = text.parse::<u32>() {
        return Ok(UserKey::Id(i64::from(id)));
    }
    address("id", text).map(UserKey::Wallet).map_err(|_| {
        let got: String = text.chars().take(80).collect();
        Problem::field(
            Kind::InvalidPath,
            "id",
            format!("expected `me`, a user's number or a wallet address, got {got:?}"),
        )
    })
}

/// Who a sponsor is: `company`, an id, or a wallet (the zero address is the company).
pub fn sponsor(text: &str) -> Answer<UserKey> {
    if text == "company" {
        return Ok(UserKey::Id(0));
    }
    match text.parse::<u32>() {
        Ok(id) => Ok(UserKey::Id(i64::from(id))),
        Err(_) => address("sponsor", text).map(UserKey::Wallet),
    }
}

/// Whom a directive is for: an id or a wallet.
pub fn account(text: &str) -> Answer<UserKey> {
    match text.parse::<u32>() {
        Ok(id) => Ok(UserKey::Id(i64::from(id))),
        Err(_) => address("user", text).map(UserKey::Wallet),
    }
}

/// A pool level of a path.
pub fn level(text: &str, levels: u32) -> Answer<i32> {
    let refused = || {
        let got: String = text.chars().take(20).collect();
        Problem::field(Kind::InvalidPath, "level", format!("expected a level of 1 to {levels}, got {got:?}"))
    };
    let level: u32 = text.parse().map_err(|_| refused())?;
    if !(1..=levels).contains(&level) {
        let detail = format!("expected a level of 1 to {levels}, which the plan has, got {level}");
        return Err(Problem::field(Kind::UnknownLevel, "level", detail));
    }
    i32::try_from(level).map_err(|_| refused())
}

/// The id of a prepared transaction.
pub fn transaction_id(field: &str, text: &str) -> Answer<Uuid> {
    prefixed("txn_", text).ok_or_else(|| {
        let got: String = text.chars().take(80).collect();
        Problem::field(
            Kind::UnknownTransaction,
            field,
            format!("expected the `transactionId` of an answer, got {got:?}"),
        )
    })
}

/// How a path names a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKey {
    /// By id.
    Id(Uuid),
    /// By number.
    Number(i64),
}

/// A batch of a path: `batch_…` or its number.
pub fn batch_key(text: &str) -> Answer<BatchKey> {
    if let Ok(number) = text.parse::<u32>() {
        return Ok(BatchKey::Number(i64::from(number)));
    }
    prefixed("batch_", text).map(BatchKey::Id).ok_or_else(|| {
        let got: String = text.chars().take(80).collect();
        Problem::field(
            Kind::InvalidPath,
            "id",
            format!("expected a batch's id (batch_…) or number, got {got:?}"),
        )
    })
}

/// A reconciliation of a path.
pub fn reconciliation_id(text: &str) -> Answer<Uuid> {
    run_id("recon_", text)
}

/// A replay of a path.
pub fn replay_id(text: &str) -> Answer<Uuid> {
    run_id("replay_", text)
}

fn run_id(prefix: &str, text: &str) -> Answer<Uuid> {
    prefixed(prefix, text).ok_or_else(|| {
        let got: String = text.chars().take(80).collect();
        Problem::field(
            Kind::InvalidPath,
            "id",
            format!("expected the id of an answer ({prefix}…), got {got:?}"),
        )
    })
}

fn prefixed(prefix: &str, text: &str) -> Option<Uuid> {
    text.strip_prefix(prefix).and_then(|id| Uuid::try_parse(id).ok())
}

/// A transaction hash.
pub fn hash(field: &str, text: &str) -> Answer<B256> {
    let bytes = bytes_hex(text).and_then(|bytes| B256::try_from(bytes.as_slice()).ok());
    bytes.ok_or_else(|| {
        let got: String = text.chars().take(80).collect();
        Problem::field(
            Kind::InvalidBody,
            field,
            format!("expected a transaction hash (0x and 64 hex digits), got {got:?}"),
        )
    })
}

/// Bytes written as 0x and hex digits.
pub fn bytes_hex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WALLET: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

    #[test]
    fn addresses_are_taken_in_any_case_but_a_wrong_checksum() {
        for text in [WALLET, &WALLET.to_lowercase(), &format!("0x{}", WALLET[2..].to_uppercase())] {
            assert_eq!(address("wallet", text).unwrap().to_string(), WALLET);
        }
        for text in [
            "",
            "0x",
            "70997970C51812dc3A010C7d01b50e0d17dc79C8",
            "0x70997970C51812dc3A010C7d01b50e0d17dc79c8",
            "0x70997970C51812dc3A010C7d01b50e0d17dc79C",
            "0x70997970C51812dc3A010C7d01b50e0d17dc79Cg",
        ] {
            assert_eq!(address("wallet", text).unwrap_err().kind(), Kind::InvalidAddress, "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_amount_of_wei_is_refused_with_the_reason() {
        assert_eq!(amount("amount", &json!("20")).unwrap().units(), 20);
        for (value, says) in [
            (json!("20.5"), "no fraction of a wei"),
            (json!("0.0000000000000000001"), "no fraction of a wei"),
            (json!(20), "JSON numbers lose digits"),
            (json!("0"), "above 0"),
            (json!("-1"), "above 0"),
            (json!("1e18"), "base 10"),
            (json!(null), "string"),
        ] {
            let problem = amount("amount", &value).unwrap_err();
            assert_eq!(problem.kind(), Kind::InvalidAmount, "{value}");
            assert!(format!("{problem:?}").contains(says), "{problem:?}");
        }
    }

    #[test]
    fn an_amount_need_not_be_named_but_must_be_the_plans() {
        let asked = Amount::from_units(20).unwrap();
        assert!(in_force_amount(None, asked).is_ok());
        assert!(in_force_amount(Some(&json!("20")), asked).is_ok());
        assert_eq!(in_force_amount(Some(&json!("21")), asked).unwrap_err().kind(), Kind::AmountMismatch);
    }

    #[test]
    fn users_and_sponsors_go_by_id_and_wallet() {
        let me: Address = WALLET.parse().unwrap();
        assert_eq!(user_key("me", me).unwrap(), UserKey::Wallet(me));
        assert_eq!(user_key("7", Address::ZERO).unwrap(), UserKey::Id(7));
        assert_eq!(user_key(WALLET, Address::ZERO).unwrap(), UserKey::Wallet(me));
        assert_eq!(user_key("-1", me).unwrap_err().kind(), Kind::InvalidPath);
        assert_eq!(sponsor("company").unwrap(), UserKey::Id(0));
        assert_eq!(sponsor("0x12").unwrap_err().kind(), Kind::InvalidAddress);
    }

    #[test]
    fn ids_carry_their_prefix() {
        let id = Uuid::from_u128(7);
        assert_eq!(transaction_id("transactionId", &format!("txn_{id}")).unwrap(), id);
        assert!(transaction_id("transactionId", &id.to_string()).is_err());
        assert_eq!(batch_key(&format!("batch_{id}")).unwrap(), BatchKey::Id(id));
        assert_eq!(batch_key("3").unwrap(), BatchKey::Number(3));
        assert_eq!(batch_key("x").unwrap_err().kind(), Kind::InvalidPath);
    }

    #[test]
    fn levels_are_those_of_the_plan() {
        assert_eq!(level("10", 10).unwrap(), 10);
        assert_eq!(level("11", 10).unwrap_err().kind(), Kind::UnknownLevel);
        assert_eq!(level("one", 10).unwrap_err().kind(), Kind::InvalidPath);
    }
}
