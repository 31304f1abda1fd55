//! Booking: many transactions at once, one statement per table, idempotent by cause.

use std::collections::BTreeMap;

use banyan_types::Amount;

use super::convert::{account, cause, to_i64, to_u64};
use super::{Connection, Work};
use crate::journal::Difference;
use crate::{Account, Cause, LedgerError, Posting, Transaction};

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
    let known = known(work, &given).await?;
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
        ensure_months(work, &fresh).await?;
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

/// Content hashes of those of the given causes that the journal has.
async fn known(
    connection: &mut Connection,
    given: &BTreeMap<Cause, &Transaction>,
) -> Result<BTreeMap<Cause, [u8; 32]>, LedgerError> {
    let kinds: Vec<&str> = given.keys().map(|cause| cause.kind.name()).collect();
    let references = given.keys().map(|cause| to_i64(cause.reference)).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query!(
        r#"SELECT t.cause::text AS "kind!", t.ref, t.content_hash
           FROM unnest($1::text[], $2::bigint[]) AS given (cause, ref)
           JOIN journal_causes t ON t.cause = given.cause::cause_kind AND t.ref = given.ref"#,
        &kinds as _,
        &references
    )
    .fetch_all(connection)
    .await?;
    let hash = |bytes: Vec<u8>| {
        bytes.try_into().map_err(|bytes: Vec<u8>| LedgerError::Corrupt {
            expected: "content hashes of 32 bytes",
            found: format!("{} bytes", bytes.len()),
        })
    };
    rows.into_iter().map(|row| Ok((cause(&row.kind, row.r#ref)?, hash(row.content_hash)?))).collect()
}

/// Makes the months that the transactions fall into, where they are missing.
async fn ensure_months(
    connection: &mut Connection,
    transactions: &[&Transaction],
) -> Result<(), LedgerError> {
    let times = numbers(transactions, |transaction| transaction.at)?;
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
    let kinds: Vec<&str> = transactions.iter().map(|transaction| transaction.cause.kind.name()).collect();
    let hashes: Vec<[u8; 32]> = transactions.iter().map(|transaction| transaction.content_hash().0).collect();
    let mut columns = PostingColumns::default();
    for transaction in transactions {
        for (ordinal, posting) in transaction.postings.iter().enumerate() {
            columns.push(transaction, ordinal, posting)?;
        }
    }
    sqlx::query!(
        r#"WITH transactions AS (
               INSERT INTO journal_transactions (cause, ref, at, block_number, last_ordinal, content_hash)
               SELECT cause::cause_kind, ref, to_timestamp(at), block, postings - 1, hash
               FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])
                   AS given (cause, ref, at, block, postings, hash)
           )
           INSERT INTO postings
               (cause, ref, ordinal, at, block_number, debit_kind, debit_owner, credit_kind, credit_owner, amount)
           SELECT cause::cause_kind, ref, ordinal, to_timestamp(at), block, debit_kind::account_kind, debit_owner,
                  credit_kind::account_kind, credit_owner, amount
           FROM unnest($7::text[], $8::bigint[], $9::int[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[],
                       $14::text[], $15::bigint[], $16::numeric[])
               AS given (cause, ref, ordinal, at, block, debit_kind, debit_owner, credit_kind, credit_owner, amount)"#,
        &kinds as _,
        &numbers(transactions, |transaction| transaction.cause.reference)?,
        &numbers(transactions, |transaction| transaction.at)?,
        &numbers(transactions, |transaction| transaction.block)?,
        &numbers(transactions, |transaction| transaction.postings.len() as u64)?,
        &hashes as _,
        &columns.causes as _,
        &columns.references,
        &columns.ordinals,
        &columns.times,
        &columns.blocks,
        &columns.debits.kinds as _,
        &columns.debits.owners,
        &columns.credits.kinds as _,
        &columns.credits.owners,
        &columns.amounts as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One number of each transaction as the database's.
fn numbers(transactions: &[&Transaction], pick: fn(&Transaction) -> u64) -> Result<Vec<i64>, LedgerError> {
    transactions.iter().map(|transaction| to_i64(pick(transaction))).collect()
}

#[derive(Default)]
struct PostingColumns {
    causes: Vec<&'static str>,
    references: Vec<i64>,
    ordinals: Vec<i32>,
    times: Vec<i64>,
    blocks: Vec<i64>,
    debits: AccountColumns,
    credits: AccountColumns,
    amounts: Vec<Amount>,
}

#[derive(Default)]
struct AccountColumns {
    kinds: Vec<&'static str>,
    owners: Vec<i64>,
}

impl PostingColumns {
    fn push(
        &mut self,
        transaction: &Transaction,
        ordinal: usize,
        posting: &Posting,
    ) -> Result<(), LedgerError> {
        let cause = transaction.cause;
        self.causes.push(cause.kind.name());
        self.references.push(to_i64(cause.reference)?);
        self.ordinals.push(i32::try_from(ordinal).map_err(|_| LedgerError::Unbookable {
            cause,
            reason: format!("expected fewer than 2^31 postings, got number {ordinal}"),
        })?);
        self.times.push(to_i64(transaction.at)?);
        self.blocks.push(to_i64(transaction.block)?);
        self.debits.push(posting.debit)?;
        self.credits.push(posting.credit)?;
        self.amounts.push(posting.amount);
        Ok(())
    }
}

impl AccountColumns {
    fn push(&mut self, account: Account) -> Result<(), LedgerError> {
        self.kinds.push(account.kind.name());
        self.owners.push(to_i64(account.owner)?);
        Ok(())
    }
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
