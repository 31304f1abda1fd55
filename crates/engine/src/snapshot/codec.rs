//! The bytes of a snapshot's payload: whole numbers in groups of seven bits, lowest first, and texts with their length.
//!
//! Every value has exactly one form, so equal states have equal bytes. What is read is believed only as far as it can
//! be: a length that the bytes at hand cannot hold, a number in a longer form than it needs and a text that is no
//! UTF-8 are faults.

use banyan_types::Amount;

use crate::UserId;

/// What a snapshot should have said in a place where it says something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) &'static str);

/// Refuses what does not hold.
pub(crate) fn expect(holds: bool, expected: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault(expected)) }
}

/// A payload under way.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.wide(number.into());
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub(crate) fn amount(&mut self, amount: Amount) {
        let units = amount.units();
        self.wide(((units << 1) ^ (units >> 127)) as u128);
    }

    /// Somebody, as the step from `before`: whoever follows her neighbour takes one byte.
    pub(crate) fn step(&mut self, before: UserId, user: UserId) {
        let step = i64::from(user.0) - i64::from(before.0);
        self.number(((step << 1) ^ (step >> 63)) as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn wide(&mut self, mut number: u128) {
        while number > 0x7F {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// A payload that is being read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Reader<'a> {
        Reader { rest: payload }
    }

    pub(crate) fn number(&mut self) -> Result<u64, Fault> {
        u64::try_from(self.wide()?).map_err(|_| Fault("a number below 2^64"))
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64, expected: &'static str) -> Result<u64, Fault> {
        let number = self.number()?;
        expect(number < limit, expected)?;
        Ok(number)
    }

    /// How many entries follow, each of which has a byte at least.
    pub(crate) fn count(&mut self) -> Result<usize, Fault> {
        let count = usize::try_from(self.number()?).ok().filter(|count| *count <= self.rest.len());
        count.ok_or(Fault("no more entries than there are bytes"))
    }

    pub(crate) fn amount(&mut self) -> Result<Amount, Fault> {
        let folded = self.wide()?;
        let units = (folded >> 1) as i128 ^ -((folded & 1) as i128);
        Amount::from_units(units).ok_or(Fault("an amount below 10^38"))
    }

    /// An amount above 0.
    pub(crate) fn payment(&mut self) -> Result<Amount, Fault> {
        let amount = self.amount()?;
        expect(amount.is_positive(), "an amount above 0")?;
        Ok(amount)
    }

    /// Somebody, as the step from `before`.
    pub(crate) fn step(&mut self, before: UserId) -> Result<UserId, Fault> {
        let folded = self.number()?;
        let step = (folded >> 1) as i64 ^ -((folded & 1) as i64);
        let user = i64::from(before.0).checked_add(step).and_then(|user| u32::try_from(user).ok());
        user.map(UserId).ok_or(Fault("a user with a number of 32 bits"))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        let length = self.count()?;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| Fault("a text in UTF-8"))
    }

    /// The payload must end here.
    pub(crate) fn end(&self) -> Result<(), Fault> {
        expect(self.rest.is_empty(), "the payload's end")
    }

    fn wide(&mut self) -> Result<u128, Fault> {
        let mut number = 0u128;
        for group in 0..19 {
            let (byte, rest) = self.rest.split_first().ok_or(Fault("more bytes"))?;
            self.rest = rest;
            let bits = u128::from(byte & 0x7F);
            expect(group < 18 || bits < 4, "a number below 2^128")?;
            number |= bits << (7 * group);
            if byte & 0x80 == 0 {
                expect(group == 0 || bits > 0, "a number in its shortest form")?;
                return Ok(number);
            }
        }
        Err(Fault("a number below 2^128"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_has_one_form_only() {
        for (bytes, fault) in [
            (&[0x80, 0x00][..], "a number in its shortest form"),
            (&[0x80], "more bytes"),
            (&[], "more bytes"),
            (&[0xFF; 19], "a number below 2^128"),
        ] {
            assert_eq!(Reader::new(bytes).wide(), Err(Fault(fault)), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            number in any::<u64>(),
            units in 1 - Amount::LIMIT..Amount::LIMIT,
            users in any::<(u32, u32)>(),
            text in any::<String>(),
        ) {
            let mut out = Writer::default();
            out.number(number);
            out.amount(Amount::from_units(units).unwrap());
            out.step(UserId(users.0), UserId(users.1));
            out.text(&text);
            let bytes = out.into_bytes();
            let mut input = Reader::new(&bytes);
            prop_assert_eq!(input.number(), Ok(number));
            prop_assert_eq!(input.amount().unwrap().units(), units);
            prop_assert_eq!(input.step(UserId(users.0)), Ok(UserId(users.1)));
            prop_assert_eq!(input.text(), Ok(text.as_str()));
            prop_assert_eq!(input.end(), Ok(()));
        }
    }
}
