//! A row's columns, taken one after the other.

use super::corrupt;
use crate::store::convert;
use crate::{Account, AccountKind, Cause, LedgerError};

/// The columns of a row, in order.
pub(in crate::store) struct Row<'a> {
    /// Columns that were not taken yet, and their bytes.
    left: i16,
    rest: &'a [u8],
}

/// A field, or `None` for a NULL, and what is behind it; nothing unless all of it is there.
pub(super) fn field(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    match usize::try_from(i32::from_be_bytes(*length)) {
        Ok(length) => rest.split_at_checked(length).map(|(field, rest)| (Some(field), rest)),
        Err(_) => Some((None, rest)),
    }
}

impl<'a> Row<'a> {
    pub(super) fn new(count: i16, fields: &'a [u8]) -> Row<'a> {
        Row { left: count, rest: fields }
    }

    /// The row from where it is read now.
    pub fn again(&self) -> Row<'a> {
        Row { ..*self }
    }

    fn next(&mut self) -> Result<Option<&'a [u8]>, LedgerError> {
        let next = if self.left > 0 { field(self.rest) } else { None };
        let (field, rest) = next.ok_or_else(|| corrupt("a row of fewer fields"))?;
        (self.left, self.rest) = (self.left - 1, rest);
        Ok(field)
    }

    /// There are no more columns.
    pub fn end(&self) -> Result<(), LedgerError> {
        if self.left == 0 { Ok(()) } else { Err(corrupt("a row of more fields")) }
    }

    /// The next column.
    pub fn bytes(&mut self) -> Result<&'a [u8], LedgerError> {
        self.next()?.ok_or_else(|| corrupt("a NULL"))
    }

    /// The next column, of so many bytes.
    fn array<const N: usize>(&mut self) -> Result<[u8; N], LedgerError> {
        self.bytes()?.try_into().map_err(|_| corrupt("a number of another length"))
    }

    pub fn i64(&mut self) -> Result<i64, LedgerError> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, LedgerError> {
        convert::to_u64(self.i64()?)
    }

    pub fn u32(&mut self) -> Result<u32, LedgerError> {
        let number = i32::from_be_bytes(self.array()?);
        u32::try_from(number)
            .map_err(|_| LedgerError::Corrupt { expected: "ordinals from 0 on", found: number.to_string() })
    }

    /// A boolean; NULL is no.
    pub fn bool(&mut self) -> Result<bool, LedgerError> {
        Ok(self.next()? == Some(&[1]))
    }

    pub fn hash(&mut self) -> Result<[u8; 32], LedgerError> {
        self.array()
    }

    fn text(&mut self) -> Result<&'a str, LedgerError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| corrupt("a name that is no text"))
    }

    pub fn cause(&mut self) -> Result<Cause, LedgerError> {
        let kind = self.text()?;
        convert::cause(kind, self.i64()?)
    }

    /// A kind of account and its owner, as they lie in the table.
    pub fn kind_and_owner(&mut self) -> Result<(AccountKind, i64), LedgerError> {
        let name = self.text()?;
        let kind = AccountKind::from_name(name).ok_or_else(|| LedgerError::Corrupt {
            expected: "a known kind of account",
            found: name.to_owned(),
        })?;
        Ok((kind, self.i64()?))
    }

    pub fn account(&mut self) -> Result<Account, LedgerError> {
        let kind = self.text()?;
        convert::account(kind, self.i64()?)
    }
}
