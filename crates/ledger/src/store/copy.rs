//! PostgreSQL's binary copy format: a header, then rows of fields with their lengths, cut into chunks anywhere.

use crate::LedgerError;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// The signature, flags, and the length of a header extension, which is empty.
const HEADER: usize = 19;
/// Columns of a row at most.
const COLUMNS: usize = 8;
/// In the place of a row's count of fields: there are no more rows.
const END: i16 = -1;

/// Rows as they arrive.
pub(super) struct Rows {
    columns: usize,
    /// What has arrived and is not a whole row yet.
    rest: Vec<u8>,
    begun: bool,
    ended: bool,
}

impl Rows {
    /// Rows of so many columns, eight at most, none of which may be NULL.
    pub fn new(columns: usize) -> Rows {
        Rows { columns, rest: Vec::new(), begun: false, ended: false }
    }

    /// Hands every row that is whole now to `take`.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        take: &mut impl FnMut(&[&[u8]]) -> Result<(), LedgerError>,
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
        take: &mut impl FnMut(&[&[u8]]) -> Result<(), LedgerError>,
    ) -> Result<&'a [u8], LedgerError> {
        if !self.begun {
            let Some((header, rows)) = bytes.split_at_checked(HEADER) else { return Ok(bytes) };
            if !header.starts_with(SIGNATURE) {
                return Err(corrupt("another signature"));
            }
            (self.begun, bytes) = (true, rows);
        }
        let mut fields: [&[u8]; COLUMNS] = [&[]; COLUMNS];
        while !self.ended {
            let fields = &mut fields[..self.columns];
            let Some(after) = row(bytes, fields, &mut self.ended)? else { break };
            if !self.ended {
                take(fields)?;
            }
            bytes = after;
        }
        Ok(bytes)
    }

    /// All has arrived.
    pub fn end(&self) -> Result<(), LedgerError> {
        if self.ended && self.rest.is_empty() { Ok(()) } else { Err(corrupt("a copy that broke off")) }
    }
}

/// One row's fields, and what follows it; `None` until all of it is there.
fn row<'a>(
    bytes: &'a [u8],
    fields: &mut [&'a [u8]],
    ended: &mut bool,
) -> Result<Option<&'a [u8]>, LedgerError> {
    let Some((count, mut rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    match i16::from_be_bytes(*count) {
        END => {
            *ended = true;
            return Ok(Some(rest));
        }
        count if usize::try_from(count).is_ok_and(|count| count == fields.len()) => {}
        count => return Err(corrupt(&format!("a row of {count} fields"))),
    }
    for place in fields {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = i32::from_be_bytes(*length);
        let length = usize::try_from(length).map_err(|_| corrupt("a NULL"))?;
        let Some((field, after)) = after.split_at_checked(length) else { return Ok(None) };
        *place = field;
        rest = after;
    }
    Ok(Some(rest))
}

fn corrupt(found: &str) -> LedgerError {
    LedgerError::Corrupt { expected: "rows in PostgreSQL's binary copy format", found: found.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(rows: &[&[&str]]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        for row in rows {
            bytes.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
            for field in *row {
                bytes.extend(i32::try_from(field.len()).unwrap().to_be_bytes());
                bytes.extend(field.as_bytes());
            }
        }
        bytes.extend(END.to_be_bytes());
        bytes
    }

    #[test]
    fn rows_come_whole_wherever_the_chunks_are_cut() {
        let bytes = copied(&[&["payable", "7"], &["", "eight"]]);
        for size in 1..=bytes.len() {
            let (mut rows, mut seen) = (Rows::new(2), Vec::new());
            for chunk in bytes.chunks(size) {
                rows.feed(chunk, &mut |fields| {
                    seen.push(
                        fields.iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect::<Vec<_>>(),
                    );
                    Ok(())
                })
                .unwrap();
            }
            rows.end().unwrap();
            assert_eq!(seen, [["payable", "7"], ["", "eight"]], "in chunks of {size}");
        }
    }

    #[test]
    fn what_is_cut_off_or_of_another_shape_is_refused() {
        let bytes = copied(&[&["payable", "7"]]);
        let mut rows = Rows::new(2);
        rows.feed(&bytes[..bytes.len() - 1], &mut |_| Ok(())).unwrap();
        assert!(rows.end().is_err());
        assert!(Rows::new(3).feed(&bytes, &mut |_| Ok(())).is_err());
        assert!(Rows::new(2).feed(&[b'x'; 30], &mut |_| Ok(())).is_err());
    }
}
