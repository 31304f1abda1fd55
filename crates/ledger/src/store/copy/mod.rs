//! Rows in PostgreSQL's own binary form, as `COPY … TO STDOUT (FORMAT binary)` sends them: a header, then rows of fields
//! with their lengths, cut into chunks anywhere. It is how whole tables are read, and the very bytes that are hashed.

mod row;

use futures::TryStreamExt as _;

use super::Connection;
use crate::LedgerError;

pub(super) use row::Row;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// The signature, flags, and the length of a header extension, which is empty.
const HEADER: usize = 19;
/// In the place of a row's count of fields: there are no more rows.
const END: i16 = -1;

/// Hands each row that `query` answers to `take`, as it arrives; the query's text holds numbers and names of ours only.
pub(super) async fn copied(
    connection: &mut Connection,
    query: &str,
    mut take: impl FnMut(Row<'_>) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let mut rows = Rows::default();
    let statement = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
    let mut chunks = connection.copy_out_raw(&statement).await?;
    while let Some(chunk) = chunks.try_next().await? {
        rows.feed(&chunk, &mut take)?;
    }
    rows.end()
}

/// Rows as they arrive.
#[derive(Default)]
struct Rows {
    /// What has arrived and is not a whole row yet.
    rest: Vec<u8>,
    begun: bool,
    ended: bool,
}

impl Rows {
    /// Hands every row that is whole now to `take`.
    fn feed(
        &mut self,
        chunk: &[u8],
        take: &mut impl FnMut(Row<'_>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        if self.rest.is_empty() {
            // PostgreSQL sends a row at a time, mostly: nothing needs to be put together.
            let left = self.whole_rows(chunk, take)?;
            self.rest.extend_from_slice(left);
        } else {
            let mut bytes = std::mem::take(&mut self.rest);
            bytes.extend_from_slice(chunk);
            let left = self.whole_rows(&bytes, take)?.len();
            bytes.drain(..bytes.len() - left);
            self.rest = bytes;
        }
        Ok(())
    }

    /// What is left behind the rows that are whole.
    fn whole_rows<'a>(
        &mut self,
        mut bytes: &'a [u8],
        take: &mut impl FnMut(Row<'_>) -> Result<(), LedgerError>,
    ) -> Result<&'a [u8], LedgerError> {
        if !self.begun {
            let Some((header, rows)) = bytes.split_at_checked(HEADER) else { return Ok(bytes) };
            if !header.starts_with(SIGNATURE) {
                return Err(corrupt("another signature"));
            }
            (self.begun, bytes) = (true, rows);
        }
        while !self.ended {
            let Some((count, fields)) = bytes.split_first_chunk() else { break };
            let count = i16::from_be_bytes(*count);
            if count == END {
                (self.ended, bytes) = (true, fields);
                break;
            }
            let Some(after) = behind(fields, count) else { break };
            take(Row::new(count, fields))?;
            bytes = after;
        }
        Ok(bytes)
    }

    /// All has arrived.
    fn end(&self) -> Result<(), LedgerError> {
        if self.ended && self.rest.is_empty() { Ok(()) } else { Err(corrupt("a copy that broke off")) }
    }
}

/// What follows so many fields; `None` until all of them are there.
fn behind(mut fields: &[u8], count: i16) -> Option<&[u8]> {
    for _ in 0..count {
        fields = row::field(fields)?.1;
    }
    Some(fields)
}

fn corrupt(found: &str) -> LedgerError {
    LedgerError::Corrupt { expected: "rows in PostgreSQL's binary copy format", found: found.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as PostgreSQL sends them; `None` is a NULL.
    fn sent(rows: &[&[Option<&str>]]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        for row in rows {
            bytes.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
            for field in *row {
                let length = field.map_or(-1, |field| i32::try_from(field.len()).unwrap());
                bytes.extend(length.to_be_bytes());
                bytes.extend(field.unwrap_or_default().as_bytes());
            }
        }
        bytes.extend(END.to_be_bytes());
        bytes
    }

    /// The two columns of each row.
    fn read(rows: &mut Rows, chunk: &[u8]) -> Result<Vec<[String; 2]>, LedgerError> {
        let mut seen = Vec::new();
        rows.feed(chunk, &mut |mut row| {
            let mut text = || Ok::<_, LedgerError>(String::from_utf8_lossy(row.bytes()?).into_owned());
            seen.push([text()?, text()?]);
            row.end()
        })?;
        Ok(seen)
    }

    #[test]
    fn rows_come_whole_wherever_the_chunks_are_cut() {
        let bytes = sent(&[&[Some("payable"), Some("7")], &[Some(""), Some("eight")]]);
        for size in 1..=bytes.len() {
            let (mut rows, mut seen) = (Rows::default(), Vec::new());
            for chunk in bytes.chunks(size) {
                seen.extend(read(&mut rows, chunk).unwrap());
            }
            rows.end().unwrap();
            assert_eq!(seen, [["payable", "7"], ["", "eight"]], "in chunks of {size}");
        }
    }

    #[test]
    fn what_is_cut_off_or_of_another_shape_is_refused() {
        let bytes = sent(&[&[Some("payable"), Some("7")]]);
        let mut rows = Rows::default();
        assert_eq!(read(&mut rows, &bytes[..bytes.len() - 1]).unwrap().len(), 1);
        assert!(rows.end().is_err());
        for other in [
            sent(&[&[Some("payable")]]),
            sent(&[&[Some("payable"), Some("7"), Some("more")]]),
            sent(&[&[Some("payable"), None]]),
            vec![b'x'; 30],
        ] {
            assert!(read(&mut Rows::default(), &other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn only_a_boolean_may_be_null() {
        let bytes = sent(&[&[None, Some("\u{1}"), Some("\u{0}"), None]]);
        let mut said = Vec::new();
        let mut take = |mut row: Row<'_>| {
            said.extend([row.bool()?, row.bool()?, row.bool()?]);
            assert!(row.i64().is_err());
            Ok(())
        };
        Rows::default().feed(&bytes, &mut take).unwrap();
        assert_eq!(said, [false, true, false]);
    }
}
