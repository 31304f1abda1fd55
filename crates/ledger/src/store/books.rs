//! Booking: many transactions at once, one statement per table, idempotent by cause.

use std::collections::BTreeMap;

use banyan_types::Amount;

use super::columns::columns;
use super::convert::{account, cause, to_i64, to_u64};
use super::{Connection, Work};
use crate::journal::Difference;
use crate::{Cause, LedgerError, Posting, Transaction};

/// What [`book`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Transactions written now.
    pub new: usize,
    /// Transactions that had been written before with the same content.
    pub known: usize,
}

/// Waits for the books and keeps them until `work` ends: whoever reads balances in order to write postings holds them.
/// Taking them again in the same work does nothing. Who may only read the database cannot hold them.
///
/// # Errors
/// [`LedgerError::Held`] after half a minute; when PostgreSQL fails.
pub async fn lock_books(work: &mut Work<'_>) -> Result<(), LedgerError> {
    sqlx::query!("SELECT FROM books_lock WHERE id = 1 FOR UPDATE").execute(&mut **work).await?;
    Ok(())
}

/// Writes `transactions` and takes the books' lock until `work` ends. One that has been written before with the same
/// content is left alone.
///
/// # Errors
/// [`LedgerError::Conflict`] if a cause has another content, in the journal or among `transactions`, naming the field;
/// [`LedgerError::Unbookable`] for what is no transaction; PostgreSQL's refusal, such as of a balance below zero. After
/// an error `work` must be dropped.
pub async fn book(work: &mut Work<'_>, transactions: &[Transaction]) -> Result<Booked, LedgerError> {
    let mut given = BTreeMap::new();
    for transaction in transactions {
        transaction.check()?;
        if let Some(first) = given.insert(transaction.cause, transaction) {
            same(first, transaction)?;
        }
    }
    lock_books(work).await?;
    let Standing { known, months_missing } = standing(work, &given).await?;
    let fresh: Vec<&Transaction> =
        given.values().copied().filter(|transaction| !known.contains_key(&transaction.cause)).collect();
    for (cause, hash) in &known {
        if *hash != given[cause].content_hash().0 {
            let booked = read(work, *cause).await?;
            same(&booked, given[cause])?;
            let found = format!("{cause} with a content hash that is not its content's");
            return Err(LedgerError::Corrupt { expected: "each transaction's own hash", found });
        }
    }
    if !fresh.is_empty() {
        if months_missing {
            ensure_months(work, &fresh).await?;
        }
        insert(work, &fresh).await?;
    }
    Ok(Booked { new: fresh.len(), known: transactions.len() - fresh.len() })
}

fn same(booked: &Transaction, given: &Transaction) -> Result<(), LedgerError> {
    match booked.difference(given) {
        None => Ok(()),
        Some(Difference { field, booked, given: now }) => {
            Err(LedgerError::Conflict { cause: given.cause, field, booked, given: now })
        }
    }
}

/// What the journal has of the given transactions.
struct Standing {
    /// Content hashes of those that it has.
    known: BTreeMap<Cause, [u8; 32]>,
    /// It lacks a month that one of them falls into.
    months_missing: bool,
}

async fn standing(
    connection: &mut Connection,
    given: &BTreeMap<Cause, &Transaction>,
) -> Result<Standing, LedgerError> {
    let kinds: Vec<&str> = given.keys().map(|cause| cause.kind.name()).collect();
    let references = given.keys().map(|cause| to_i64(cause.reference)).collect::<Result<Vec<_>, _>>()?;
    let times = given.values().map(|it| to_i64(it.at)).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query!(
        r#"SELECT months.missing AS "missing!", t.cause::text AS "kind?", t.ref AS "reference?",
                  t.content_hash AS "hash?"
           FROM (
               SELECT count(*) > count(i.inhrelid) AS missing
               FROM (
                   SELECT DISTINCT date_trunc('month', to_timestamp(at), 'UTC') AT TIME ZONE 'UTC' AS month
                   FROM unnest($3::bigint[]) AS given (at)
               ) AS m
               CROSS JOIN (VALUES ('journal_transactions'), ('postings')) AS p (parent)
               LEFT JOIN pg_inherits i ON i.inhparent = ('public.' || parent)::regclass
                   AND i.inhrelid = to_regclass('public.' || parent || to_char(month, '_YYYY_MM'))
           ) AS months
           LEFT JOIN (
               unnest($1::text[], $2::bigint[]) AS given (cause, ref)
               JOIN journal_causes t ON t.cause = given.cause::cause_kind AND t.ref = given.ref
           ) ON true"#,
        &kinds as _,
        &references,
        &times
    )
    .fetch_all(connection)
    .await?;
    let months_missing = rows.iter().any(|row| row.missing);
    let mut known = BTreeMap::new();
    for row in rows {
        // Without a known one there is a row all the same, for the months.
        let (Some(kind), Some(reference), Some(hash)) = (row.kind, row.reference, row.hash) else { continue };
        let hash = hash.try_into().map_err(|bytes: Vec<u8>| LedgerError::Corrupt {
            expected: "content hashes of 32 bytes",
            found: format!("{} bytes", bytes.len()),
        })?;
        known.insert(cause(&kind, reference)?, hash);
    }
    Ok(Standing { known, months_missing })
}

/// Makes the months that the transactions fall into, where they are missing.
async fn ensure_months(
    connection: &mut Connection,
    transactions: &[&Transaction],
) -> Result<(), LedgerError> {
    let times = transactions.iter().map(|it| to_i64(it.at)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        r#"SELECT count(ensure_journal_months(month, month))
           FROM (
               SELECT DISTINCT date_trunc('month', to_timestamp(at), 'UTC') AS month
               FROM unnest($1::bigint[]) AS given (at)
           ) AS months"#,
        &times
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Transactions and postings are one statement: the database takes neither without the other.
async fn insert(connection: &mut Connection, transactions: &[&Transaction]) -> Result<(), LedgerError> {
    let (heads, postings) = columns(transactions)?;
    sqlx::query!(
        r#"WITH transactions AS (
               INSERT INTO journal_transactions (cause, ref, at, block_number, last_ordinal, content_hash)
               SELECT * FROM unnest($1::cause_kind[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::int[], $6::bytea[])
           )
           INSERT INTO postings
               (cause, ref, ordinal, at, block_number, debit_kind, debit_owner, credit_kind, credit_owner, amount)
           SELECT * FROM unnest($7::cause_kind[], $8::bigint[], $9::int[], $10::timestamptz[], $11::bigint[],
                                $12::account_kind[], $13::bigint[], $14::account_kind[], $15::bigint[], $16::numeric[])"#,
        &heads.causes as _,
        &heads.references,
        &heads.times as _,
        &heads.blocks,
        &heads.last_ordinals,
        &heads.hashes as _,
        &postings.causes as _,
        &postings.references,
        &postings.ordinals,
        &postings.times as _,
        &postings.blocks,
        &postings.debits.kinds as _,
        &postings.debits.owners,
        &postings.credits.kinds as _,
        &postings.credits.owners,
        &postings.amounts as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A transaction as the journal has it.
async fn read(connection: &mut Connection, cause: Cause) -> Result<Transaction, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT extract(epoch FROM t.at)::bigint AS "at!", t.block_number,
                  p.debit_kind::text AS "debit_kind!", p.debit_owner,
                  p.credit_kind::text AS "credit_kind!", p.credit_owner, p.amount AS "amount: Amount"
           FROM journal_transactions t JOIN postings p USING (cause, ref, at)
           WHERE t.cause = $1::text::cause_kind AND t.ref = $2
           ORDER BY p.ordinal"#,
        cause.kind.name(),
        to_i64(cause.reference)?
    )
    .fetch_all(connection)
    .await?;
    let mut transaction = Transaction { cause, at: 0, block: 0, postings: Vec::with_capacity(rows.len()) };
    for row in rows {
        (transaction.at, transaction.block) = (to_u64(row.at)?, to_u64(row.block_number)?);
        transaction.postings.push(Posting {
            debit: account(&row.debit_kind, row.debit_owner)?,
            credit: account(&row.credit_kind, row.credit_owner)?,
            amount: row.amount,
        });
    }
    Ok(transaction)
}
