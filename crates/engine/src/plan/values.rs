//! Values of plan files that several sections have: shares and amounts, as they are written and as they are meant.

use std::borrow::Cow;
use std::fmt;

use banyan_types::{Amount, AmountError, Bps};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::{Currency, PlanError};

/// More steps up than any programme pays; a bound on the work of one event.
pub(crate) const MAX_DEPTH: usize = 100;

/// What the schema calls a share.
pub(crate) const SHARE: &str = "share";
/// What the schema calls an amount.
pub(crate) const AMOUNT: &str = "amount";

/// A share as it is written: a percentage in quotes, or whole basis points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ShareKey {
    /// `"12.5%"`.
    Percentage(String),
    /// `1250`.
    BasisPoints(i64),
}

/// An amount as it is written: a decimal text in the plan's currency, such as `"20"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AmountKey(String);

impl<'de> Deserialize<'de> for ShareKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ShareKey, D::Error> {
        struct Share;
        impl Visitor<'_> for Share {
            type Value = ShareKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a percentage in quotes such as \"12.5%\", or whole basis points such as 1250")
            }

            fn visit_i64<E: Error>(self, points: i64) -> Result<ShareKey, E> {
                Ok(ShareKey::BasisPoints(points))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ShareKey, E> {
                Ok(ShareKey::Percentage(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Share)
    }
}

impl<'de> Deserialize<'de> for AmountKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AmountKey, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = AmountKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount as a decimal text in quotes, such as \"20\" or \"0.5\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<AmountKey, E> {
                Ok(AmountKey(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

impl JsonSchema for ShareKey {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": SHARE,
            "anyOf": [
                { "type": "string", "pattern": r"^0*(100(\.00?)?|[0-9]{1,2}(\.[0-9]{1,2})?)%$" },
                { "type": "integer", "minimum": 0, "maximum": Bps::WHOLE.get() },
            ],
        })
    }
}

impl JsonSchema for AmountKey {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "title": AMOUNT, "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$" })
    }
}

impl ShareKey {
    /// The share.
    pub(crate) fn share(&self, key: &str) -> Result<Bps, PlanError> {
        let read = match self {
            ShareKey::Percentage(text) => text.parse(),
            ShareKey::BasisPoints(points) => match u16::try_from(*points) {
                Ok(points) => Bps::new(points),
                Err(_) => {
                    return Err(refused(key, format!("expected 0 to 10000 basis points, got {points}")));
                }
            },
        };
        read.map_err(|err| refused(key, err.to_string()))
    }
}

impl AmountKey {
    /// An amount of the currency, nothing or more.
    pub(crate) fn amount(&self, key: &str, currency: &Currency) -> Result<Amount, PlanError> {
        let read = Amount::from_decimal(&self.0, currency.decimals);
        let is_negative = match &read {
            Ok(amount) => *amount < Amount::ZERO,
            // More digits would not help.
            Err(AmountError::Fraction { .. }) => self.0.starts_with('-'),
            Err(AmountError::NotAnInteger(_) | AmountError::TooLarge(_)) => false,
        };
        if is_negative {
            return Err(refused(key, format!("expected an amount of 0 or more, got {:?}", self.0)));
        }
        read.map_err(|err| refused(key, err.to_string()))
    }

    /// An amount above 0.
    pub(crate) fn payment(&self, key: &str, currency: &Currency) -> Result<Amount, PlanError> {
        match self.amount(key, currency) {
            Ok(amount) if amount.is_positive() => Ok(amount),
            Ok(_) | Err(_) if self.0.starts_with('-') => Err(self.nothing(key)),
            Ok(_) => Err(self.nothing(key)),
            Err(err) => Err(err),
        }
    }

    fn nothing(&self, key: &str) -> PlanError {
        refused(key, format!("expected an amount above 0, got {:?}", self.0))
    }
}

/// Shares of one payment for the takers above, nearest first: together at most the whole.
pub(crate) fn shares(key: &str, written: &[ShareKey]) -> Result<Vec<Bps>, PlanError> {
    if written.len() > MAX_DEPTH {
        return Err(refused(key, format!("expected at most {MAX_DEPTH} levels, got {}", written.len())));
    }
    let shares: Vec<Bps> = written.iter().map(|share| share.share(key)).collect::<Result<_, _>>()?;
    within_the_whole(key, sum(&shares))?;
    Ok(shares)
}

/// The sum of shares, in basis points.
pub(crate) fn sum(shares: &[Bps]) -> u64 {
    shares.iter().map(|share| u64::from(share.get())).sum()
}

/// Refuses shares of one payment that exceed it.
pub(crate) fn within_the_whole(key: &str, points: u64) -> Result<(), PlanError> {
    if points <= u64::from(Bps::WHOLE.get()) {
        return Ok(());
    }
    let (whole, part) = (points / 100, points % 100);
    let reason =
        format!("expected shares of at most 100% together, got {whole}.{part:02}%: lower one of them");
    Err(refused(key, reason))
}

/// Refuses a number outside its range.
pub(crate) fn within(key: &str, value: u64, least: u64, most: u64) -> Result<(), PlanError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(refused(key, format!("expected {least} to {most}, got {value}")))
    }
}

/// The error about one key's value.
pub(crate) fn refused(key: &str, reason: impl Into<String>) -> PlanError {
    PlanError::Value { key: key.to_owned(), reason: reason.into() }
}
