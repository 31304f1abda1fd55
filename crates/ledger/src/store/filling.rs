//! Many new rows of a table at once, by `COPY … FROM STDIN (FORMAT binary)`: PostgreSQL takes the rows as they come, where
//! it would take arrays of columns apart, put rows together and cast them first, which cost more than writing them.
//!
//! The compiler does not check such a statement. So a table's columns, their types and where their values come from are
//! one list, and [`Table::check`] compares it with the database before anything is written.

use banyan_types::store::amount_to_binary;
use banyan_types::{Amount, B256};

use super::{Connection, Work};
use crate::LedgerError;

/// The signature, flags, and the length of a header extension, which is empty.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// In the place of a row's count of columns: there are no more rows.
const END: i16 = -1;
/// In the place of a column's length.
const NULL: i32 = -1;
/// PostgreSQL counts time from 2000 on.
const SECONDS_TO_2000: i64 = 946_684_800;

/// A table, and the columns that each `R` fills; the others get their defaults.
#[derive(Debug)]
pub struct Table<R: 'static> {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in any order.
    pub columns: &'static [(&'static str, Column<R>)],
}

/// A column's type, and the value that a row has for it; `None` is NULL.
#[derive(Debug)]
pub enum Column<R> {
    /// `bigint`.
    BigInt(fn(&R) -> Option<i64>),
    /// `int`.
    Int(fn(&R) -> Option<i32>),
    /// `boolean`.
    Boolean(fn(&R) -> bool),
    /// `numeric`.
    Numeric(fn(&R) -> Option<Amount>),
    /// `timestamptz`, from seconds since 1970.
    Time(fn(&R) -> i64),
    /// `bytea`.
    Bytes(fn(&R) -> Option<&[u8]>),
    /// `bytea[]`, whose elements all have 32 bytes.
    Hashes(fn(&R) -> &[B256]),
    /// `text` or `varchar`.
    Text(fn(&R) -> Option<&str>),
    /// `text` or `varchar`: bytes in lower-case hex behind `0x`.
    Hex(fn(&R) -> Option<&[u8]>),
    /// A word of the enumeration of this name.
    Word(&'static str, fn(&R) -> &'static str),
    /// `jsonb`.
    Json(fn(&R) -> String),
}

impl<R> Table<R> {
    /// Writes the rows, in their order.
    ///
    /// # Errors
    /// PostgreSQL's refusal; after it `work` must be dropped.
    pub async fn fill(&self, work: &mut Work<'_>, rows: &[R]) -> Result<(), LedgerError> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let statement = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", self.name, names.join(", "));
        // Ready before it begins: the server does not count who is silent within a COPY as idle.
        let bytes = self.encode(rows)?;
        let mut copy = work.copy_in_raw(&statement).await?;
        copy.send(bytes).await?;
        copy.finish().await?;
        Ok(())
    }

    /// That the database has the table with these columns, of these types.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`], naming the first column that it has otherwise; when PostgreSQL fails.
    pub async fn check(&self, connection: &mut Connection) -> Result<(), LedgerError> {
        let columns = sqlx::query!(
            r#"SELECT attname::text AS "name!", format_type(atttypid, NULL) AS "kind!"
               FROM pg_attribute
               WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"#,
            self.name
        )
        .fetch_all(connection)
        .await?;
        for (name, column) in self.columns {
            let found = columns.iter().find(|found| found.name == *name).map(|found| found.kind.as_str());
            if found.is_none_or(|found| !column.is_of(found)) {
                let found =
                    format!("{}.{name} of type {}", self.name, found.unwrap_or("none: it is missing"));
                return Err(LedgerError::Corrupt { expected: "the columns that this program writes", found });
            }
        }
        Ok(())
    }

    /// The rows in the binary form.
    fn encode(&self, rows: &[R]) -> Result<Vec<u8>, LedgerError> {
        let count = i16::try_from(self.columns.len()).map_err(|_| too_long("columns"))?;
        let mut bytes = Vec::with_capacity(rows.len() * self.columns.len() * 24);
        bytes.extend_from_slice(HEADER);
        for row in rows {
            bytes.extend_from_slice(&count.to_be_bytes());
            for (_, column) in self.columns {
                column.encode(row, &mut bytes)?;
            }
        }
        bytes.extend_from_slice(&END.to_be_bytes());
        Ok(bytes)
    }
}

impl<R> Column<R> {
    /// Whether it can be written to a column of the type that PostgreSQL calls so.
    fn is_of(&self, kind: &str) -> bool {
        match self {
            Column::BigInt(_) => kind == "bigint",
            Column::Int(_) => kind == "integer",
            Column::Boolean(_) => kind == "boolean",
            Column::Numeric(_) => kind == "numeric",
            Column::Time(_) => kind == "timestamp with time zone",
            Column::Bytes(_) => kind == "bytea",
            Column::Hashes(_) => kind == "bytea[]",
            Column::Text(_) | Column::Hex(_) => matches!(kind, "text" | "character varying"),
            Column::Word(name, _) => kind == *name,
            Column::Json(_) => kind == "jsonb",
        }
    }

    fn encode(&self, row: &R, bytes: &mut Vec<u8>) -> Result<(), LedgerError> {
        match self {
            Column::BigInt(pick) => sized(bytes, pick(row).map(i64::to_be_bytes)),
            Column::Int(pick) => sized(bytes, pick(row).map(i32::to_be_bytes)),
            Column::Boolean(pick) => sized(bytes, Some([u8::from(pick(row))])),
            Column::Numeric(pick) => match pick(row) {
                Some(amount) => measured(bytes, |bytes| amount_to_binary(amount, bytes)),
                None => sized(bytes, None::<[u8; 0]>),
            },
            Column::Time(pick) => {
                let time = microseconds(pick(row)).ok_or_else(|| too_long("seconds"))?;
                sized(bytes, Some(time.to_be_bytes()))
            }
            Column::Bytes(pick) => sized(bytes, pick(row)),
            Column::Hashes(pick) => measured(bytes, |bytes| hashes(bytes, pick(row))),
            Column::Text(pick) => sized(bytes, pick(row)),
            Column::Hex(pick) => match pick(row) {
                Some(hex) => measured(bytes, |bytes| lower_hex(bytes, hex)),
                None => sized(bytes, None::<[u8; 0]>),
            },
            Column::Word(_, pick) => sized(bytes, Some(pick(row))),
            // The first byte is the version of jsonb's binary form; the rest is text.
            Column::Json(pick) => measured(bytes, |bytes| {
                bytes.push(1);
                bytes.extend_from_slice(pick(row).as_bytes());
            }),
        }
    }
}

/// A `timestamptz` from seconds since 1970.
pub(super) fn microseconds(seconds: i64) -> Option<i64> {
    seconds.checked_sub(SECONDS_TO_2000)?.checked_mul(1_000_000)
}

/// A value behind its length.
fn sized(bytes: &mut Vec<u8>, value: Option<impl AsRef<[u8]>>) -> Result<(), LedgerError> {
    let Some(value) = value else {
        bytes.extend_from_slice(&NULL.to_be_bytes());
        return Ok(());
    };
    let value = value.as_ref();
    let length = i32::try_from(value.len()).map_err(|_| too_long("bytes"))?;
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
    Ok(())
}

/// What `write` writes, behind its length.
fn measured(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), LedgerError> {
    let place = bytes.len();
    bytes.extend_from_slice(&NULL.to_be_bytes());
    write(bytes);
    let length = i32::try_from(bytes.len() - place - 4).map_err(|_| too_long("bytes"))?;
    bytes[place..place + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// A one-dimensional array of `bytea`, in the binary form of arrays.
fn hashes(bytes: &mut Vec<u8>, hashes: &[B256]) {
    const BYTEA: i32 = 17;
    // An empty array has no dimension.
    let dimensions = i32::from(!hashes.is_empty());
    for number in [dimensions, 0, BYTEA] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    if dimensions == 1 {
        // At most four topics, so that nothing is cut off here.
        let count = u32::try_from(hashes.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&1i32.to_be_bytes());
    }
    for hash in hashes {
        bytes.extend_from_slice(&32i32.to_be_bytes());
        bytes.extend_from_slice(hash.as_slice());
    }
}

fn lower_hex(bytes: &mut Vec<u8>, of: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.extend_from_slice(b"0x");
    for byte in of {
        bytes.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

fn too_long(what: &str) -> LedgerError {
    LedgerError::Corrupt { expected: "rows that PostgreSQL can hold", found: format!("too many {what}") }
}
