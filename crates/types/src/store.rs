//! How an [`Amount`] of wei lies in PostgreSQL: `NUMERIC(38,18)`, the currency's unit with 18 decimals.
//!
//! The codec speaks PostgreSQL's binary numeric format itself, because no ready-made decimal type holds 38 digits.
//! It refuses NaN, infinities, fractions of a wei and what is out of range.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

use crate::{Amount, BNB_DECIMALS};

const SIGN_POSITIVE: u16 = 0x0000;
const SIGN_NEGATIVE: u16 = 0x4000;
/// Base-10,000 digits of an amount: 38 decimal digits aligned at the point need at most 5 before it and 5 behind.
const GROUP: i128 = 10_000;

impl Type<Postgres> for Amount {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("numeric")
    }
}

impl PgHasArrayType for Amount {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_numeric")
    }
}

impl Encode<'_, Postgres> for Amount {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        amount_to_binary(*self, buf);
        Ok(IsNull::No)
    }
}

/// Appends PostgreSQL's binary form of an amount, without its length, for those who write many at once.
pub fn amount_to_binary(amount: Amount, bytes: &mut Vec<u8>) {
    // 18 decimals are 4.5 groups of four; scaled by 100, the fraction is exactly five groups. Beyond the amounts' range
    // of 38 digits there are none, so that eleven groups are enough and their places fit.
    let mut rest = amount.units().unsigned_abs();
    let mut groups = [[0; 2]; 11];
    groups[0] = group(rest % 100 * 100);
    rest /= 100;
    let mut count = 1;
    while rest > 0 {
        groups[count] = group(rest % GROUP.unsigned_abs());
        rest /= GROUP.unsigned_abs();
        count += 1;
    }
    let sign = if amount.units() < 0 { SIGN_NEGATIVE } else { SIGN_POSITIVE };
    bytes.extend_from_slice(&(count as u16).to_be_bytes());
    // `groups` runs from the least significant; group k has weight k − 5.
    bytes.extend_from_slice(&(count as i16 - 1 - 5).to_be_bytes());
    bytes.extend_from_slice(&sign.to_be_bytes());
    bytes.extend_from_slice(&u16::from(BNB_DECIMALS).to_be_bytes());
    for group in groups[..count].iter().rev() {
        bytes.extend_from_slice(group);
    }
}

/// Four decimal digits, which always fit.
fn group(digits: u128) -> [u8; 2] {
    (digits as u16).to_be_bytes()
}

impl Decode<'_, Postgres> for Amount {
    fn decode(value: PgValueRef<'_>) -> Result<Amount, BoxDynError> {
        match value.format() {
            PgValueFormat::Text => Ok(Amount::from_decimal(value.as_str()?, BNB_DECIMALS)?),
            PgValueFormat::Binary => amount_from_binary(value.as_bytes()?).map_err(Into::into),
        }
    }
}

/// Reads PostgreSQL's binary numeric as wei, for those who read many at once.
///
/// # Errors
/// What is no amount: NaN, infinities, fractions of a wei, what is out of range.
pub fn numeric_units(bytes: &[u8]) -> Result<i128, String> {
    amount_from_binary(bytes).map(Amount::units)
}

/// Reads PostgreSQL's binary form of a numeric: count, weight, sign, scale, then base-10,000 digits.
///
/// # Errors
/// NaN, infinities, fractions of a wei, and what is out of range, in words.
pub fn amount_from_binary(bytes: &[u8]) -> Result<Amount, String> {
    let (head, digits) = bytes.split_at_checked(8).ok_or("expected a numeric of at least 8 bytes")?;
    let field = |i: usize| u16::from_be_bytes([head[2 * i], head[2 * i + 1]]);
    let weight = i16::from_be_bytes([head[2], head[3]]);
    let negative = match field(2) {
        SIGN_POSITIVE => false,
        SIGN_NEGATIVE => true,
        0xC000 => return Err("expected an amount, got NaN".into()),
        other => return Err(format!("expected a finite amount, got a numeric of sign {other:#x}")),
    };
    let mut units: i128 = 0;
    for (i, digit) in digits.chunks_exact(2).take(usize::from(field(0))).enumerate() {
        let digit = i128::from(u16::from_be_bytes([digit[0], digit[1]]));
        let place = i32::from(weight) - i32::try_from(i).map_err(|_| "too many digits")?;
        units = units.checked_add(scaled(digit, place)?).ok_or("expected an amount below 10^38 wei")?;
    }
    let units = if negative { -units } else { units };
    Amount::from_units(units).ok_or_else(|| "expected an amount below 10^38 wei".into())
}

/// `digit · 10000^place` of the currency's unit, in wei.
fn scaled(digit: i128, place: i32) -> Result<i128, String> {
    let exponent = 4 * place + i32::from(BNB_DECIMALS);
    match u32::try_from(exponent) {
        Ok(exponent) => 10i128
            .checked_pow(exponent)
            .and_then(|unit| digit.checked_mul(unit))
            .or(if digit == 0 { Some(0) } else { None })
            .ok_or_else(|| "expected an amount below 10^38 wei".into()),
        Err(_) => {
            let divisor = 10i128.checked_pow(exponent.unsigned_abs()).unwrap_or(i128::MAX);
            if digit % divisor == 0 {
                Ok(digit / divisor)
            } else {
                Err("expected whole wei, got a fraction of a wei".into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(amount: Amount) -> Vec<u8> {
        let mut buf = PgArgumentBuffer::default();
        assert!(matches!(amount.encode_by_ref(&mut buf).unwrap(), IsNull::No));
        buf.to_vec()
    }

    #[test]
    fn nan_infinity_and_fractions_of_a_wei_are_refused() {
        assert!(amount_from_binary(&[0, 0, 0, 0, 0xC0, 0, 0, 0]).unwrap_err().contains("NaN"));
        assert!(amount_from_binary(&[0, 0, 0, 0, 0xD0, 0, 0, 0]).is_err());
        // One group at weight −5 is 10^-20 of the unit: 1 is a fraction of a wei, 100 is one wei.
        let group = |digit: u8| [0, 1, 0xFF, 0xFB, 0, 0, 0, 20, 0, digit];
        assert!(amount_from_binary(&group(1)).unwrap_err().contains("fraction of a wei"));
        assert_eq!(amount_from_binary(&group(100)).unwrap().units(), 1);
    }

    #[test]
    fn a_number_out_of_range_is_refused() {
        // 1 at weight 5 is 10^20 of the unit, 10^38 wei.
        assert!(amount_from_binary(&[0, 1, 0, 5, 0, 0, 0, 0, 0, 1]).unwrap_err().contains("10^38"));
        assert!(amount_from_binary(&[0, 1, 0, 90, 0, 0, 0, 0, 0, 1]).is_err());
    }

    proptest! {
        #[test]
        fn the_binary_form_round_trips(units in -Amount::LIMIT + 1..Amount::LIMIT) {
            let amount = Amount::from_units(units).unwrap();
            prop_assert_eq!(amount_from_binary(&encoded(amount)).unwrap(), amount);
        }

        #[test]
        fn small_amounts_round_trip(units in -100_000i128..100_000) {
            let amount = Amount::from_units(units).unwrap();
            prop_assert_eq!(amount_from_binary(&encoded(amount)).unwrap(), amount);
        }
    }
}
