//! Rows in PostgreSQL's own binary form, as `COPY … TO STDOUT (FORMAT binary)` sends them: the very bytes that are hashed.

use futures::TryStreamExt as _;

use crate::store::Connection;
use crate::store::convert;
use crate::{Account, Cause, LedgerError};

/// The signature, the flags and the length of the extension before the first row.
const HEADER: usize = 19;

/// All rows of a query.
pub(super) struct Copied {
    bytes: Vec<u8>,
}

/// The columns of a row, in order.
pub(super) struct Row<'a> {
    rest: &'a [u8],
}

impl Copied {
    /// Reads what `query` answers; its text holds numbers and names of ours only.
    pub async fn of(connection: &mut Connection, query: &str) -> Result<Copied, LedgerError> {
        let statement = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
        let mut stream = connection.copy_out_raw(&statement).await?;
        let mut bytes = Vec::new();
        while let Some(part) = stream.try_next().await? {
            bytes.extend_from_slice(&part);
        }
        Ok(Copied { bytes })
    }

    /// Gives each row to `take`.
    pub fn each<'a>(
        &'a self,
        mut take: impl FnMut(Row<'a>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut rest = self.bytes.get(HEADER..).ok_or_else(|| malformed("its header"))?;
        loop {
            let (count, behind) = rest.split_first_chunk().ok_or_else(|| malformed("a row"))?;
            rest = behind;
            let count = i16::from_be_bytes(*count);
            if count < 0 {
                return Ok(());
            }
            let row = rest;
            for _ in 0..count {
                rest = field(rest)?.1;
            }
            take(Row { rest: row })?;
        }
    }
}

/// A column and what is behind it. A NULL is empty: no column that is read here may be one.
fn field(bytes: &[u8]) -> Result<(&[u8], &[u8]), LedgerError> {
    let (length, rest) = bytes.split_first_chunk().ok_or_else(|| malformed("a column"))?;
    let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
    rest.split_at_checked(length).ok_or_else(|| malformed("a column's bytes"))
}

fn malformed(what: &str) -> LedgerError {
    LedgerError::Corrupt { expected: "COPY's binary form", found: format!("{what} cut short") }
}

impl<'a> Row<'a> {
    /// The row from where it is read now.
    pub fn again(&self) -> Row<'a> {
        Row { rest: self.rest }
    }

    /// The next column.
    pub fn bytes(&mut self) -> Result<&'a [u8], LedgerError> {
        let (field, rest) = field(self.rest)?;
        self.rest = rest;
        Ok(field)
    }

    /// The next column, of so many bytes.
    fn array<const N: usize>(&mut self) -> Result<[u8; N], LedgerError> {
        self.bytes()?.try_into().map_err(|_| malformed("a number"))
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
        Ok(self.bytes()? == [1])
    }

    pub fn hash(&mut self) -> Result<[u8; 32], LedgerError> {
        self.array()
    }

    fn text(&mut self) -> Result<&'a str, LedgerError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| malformed("a name"))
    }

    pub fn cause(&mut self) -> Result<Cause, LedgerError> {
        let kind = self.text()?;
        convert::cause(kind, self.i64()?)
    }

    pub fn account(&mut self) -> Result<Account, LedgerError> {
        let kind = self.text()?;
        convert::account(kind, self.i64()?)
    }
}
