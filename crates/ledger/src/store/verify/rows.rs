//! Which rows of the journal a stretch of seals needs, and how they are read.

use banyan_types::store::amount_from_binary;

use crate::store::Connection;
use crate::store::copy::{Row, copied};
use crate::verification::{PostingRow, Seal, Stretch, TransactionRow};
use crate::{Cause, CauseKind, LedgerError, Posting, SealPoint};

/// Seals after `after`, at most `limit` of them.
pub(super) async fn seals(
    connection: &mut Connection,
    after: u64,
    limit: u64,
) -> Result<Vec<Seal>, LedgerError> {
    let query = format!(
        "SELECT number, hash, cause, ref, at FROM journal_seals WHERE number > {after} ORDER BY number LIMIT {limit}"
    );
    let mut seals = Vec::new();
    copied(connection, &query, |mut row| {
        let point = SealPoint { number: row.u64()?, hash: row.hash()? };
        seals.push(Seal { point: Some(point), cause: row.cause()?, at: row.i64()? });
        Ok(())
    })
    .await?;
    Ok(seals)
}

/// What waits for its seal: rows of the queue after `after`, and the last one's id.
pub(super) async fn unsealed(
    connection: &mut Connection,
    after: i64,
    limit: u64,
) -> Result<(Vec<Seal>, i64), LedgerError> {
    let query = format!(
        "SELECT id, cause, ref, at FROM journal_unsealed WHERE id > {after} ORDER BY id LIMIT {limit}"
    );
    let (mut waiting, mut last) = (Vec::new(), after);
    copied(connection, &query, |mut row| {
        last = row.i64()?;
        waiting.push(Seal { point: None, cause: row.cause()?, at: row.i64()? });
        Ok(())
    })
    .await?;
    Ok((waiting, last))
}

/// How many rows were taken into a stretch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    pub transactions: u64,
    pub postings: u64,
}

/// Reads the journal's rows of the stretch: for each kind of cause the range of its numbers, in the order of the key.
pub(super) async fn fill(connection: &mut Connection, stretch: &mut Stretch) -> Result<Taken, LedgerError> {
    let mut taken = Taken::default();
    let Some((first, last)) = stretch.times() else { return Ok(taken) };
    for kind in CauseKind::ALL {
        let numbers = || stretch.causes().filter(|cause| cause.kind == kind).map(|cause| cause.reference);
        let (Some(low), Some(high)) = (numbers().min(), numbers().max()) else { continue };
        let range = Range { kind, low, high, first, last };
        copied(connection, &range.transactions(), |row| {
            taken.transactions += u64::from(transaction(row, stretch)?);
            Ok(())
        })
        .await?;
        copied(connection, &range.postings(), |row| {
            taken.postings += u64::from(posting(row, stretch)?);
            Ok(())
        })
        .await?;
    }
    Ok(taken)
}

/// A part of the journal: one kind of cause, its numbers, and the times (microseconds since 2000) that say which months.
struct Range {
    kind: CauseKind,
    low: u64,
    high: u64,
    first: i64,
    last: i64,
}

impl Range {
    fn condition(&self, table: &str) -> String {
        let time = |at: i64| format!("timestamptz '2000-01-01 00:00:00Z' + interval '1 microsecond' * {at}");
        let (first, last) = (time(self.first), time(self.last));
        let (kind, low, high) = (self.kind.name(), self.low, self.high);
        format!(
            "{table}.cause = '{kind}' AND {table}.ref BETWEEN {low} AND {high} AND {table}.at BETWEEN {first} AND {last}"
        )
    }

    fn transactions(&self) -> String {
        format!(
            "SELECT t.cause, t.ref, t.at, t.block_number, t.last_ordinal, t.content_hash,
                    c.at = t.at AND c.content_hash = t.content_hash
             FROM journal_transactions t LEFT JOIN journal_causes c USING (cause, ref)
             WHERE {} ORDER BY t.cause, t.ref",
            self.condition("t")
        )
    }

    fn postings(&self) -> String {
        format!(
            "SELECT cause, ref, ordinal, at, block_number, debit_kind, debit_owner, credit_kind, credit_owner, amount
             FROM postings WHERE {} ORDER BY cause, ref, ordinal",
            self.condition("postings")
        )
    }
}

/// The columns as `journal_row_bytes` puts them together.
fn transaction(row: Row<'_>, stretch: &mut Stretch) -> Result<bool, LedgerError> {
    let bytes = hashed(&row, &[true, false, false, false, false, false])?;
    let mut row = row;
    let cause: Cause = row.cause()?;
    let (at, block, last_ordinal) = (row.i64()?, row.u64()?, row.u32()?);
    let (content_hash, caused) = (row.bytes()?, row.bool()?);
    let row =
        TransactionRow { cause, at, block, last_ordinal, content_hash, caused, bytes: bytes.as_slice() };
    Ok(stretch.transaction(&row))
}

/// The columns as `posting_row_bytes` puts them together.
fn posting(row: Row<'_>, stretch: &mut Stretch) -> Result<bool, LedgerError> {
    let bytes = hashed(&row, &[true, false, false, false, false, true, false, true, false, false])?;
    let mut row = row;
    let cause: Cause = row.cause()?;
    let (ordinal, at, block) = (row.u32()?, row.i64()?, row.u64()?);
    let (debit, credit) = (row.account()?, row.account()?);
    let amount = amount_from_binary(row.bytes()?)
        .map_err(|found| LedgerError::Corrupt { expected: "amounts of whole wei", found })?;
    let posting = Posting { debit, credit, amount };
    Ok(stretch.posting(&PostingRow { cause, ordinal, at, block, posting, bytes: bytes.as_slice() }))
}

/// The bytes of a row that its hash covers.
struct Hashed {
    bytes: [u8; 256],
    length: usize,
}

impl Hashed {
    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, part: &[u8]) -> Result<(), LedgerError> {
        let end = self.length + part.len();
        let place = self.bytes.get_mut(self.length..end).ok_or_else(|| LedgerError::Corrupt {
            expected: "rows of the journal of at most 256 bytes",
            found: "a longer one".to_owned(),
        })?;
        place.copy_from_slice(part);
        self.length = end;
        Ok(())
    }
}

/// The first columns of the row one behind the other; a word is ended by a zero byte.
fn hashed(row: &Row<'_>, words: &[bool]) -> Result<Hashed, LedgerError> {
    let mut row = row.again();
    let mut hashed = Hashed { bytes: [0; 256], length: 0 };
    for word in words {
        hashed.push(row.bytes()?)?;
        if *word {
            hashed.push(&[0])?;
        }
    }
    Ok(hashed)
}
