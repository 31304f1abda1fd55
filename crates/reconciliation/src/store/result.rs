//! What a reconciliation writes: the excess that it found, and its result.

use banyan_ledger::store::{Connection, Pool, Work, book, lock_books, try_seal};
use banyan_ledger::{Account, Cause, LedgerError, Posting, Transaction};
use banyan_types::Amount;

use super::Books;
use super::accounts::insert_accounts;
use crate::difference::Difference;
use crate::figures::ComparedAccount;
use crate::reconciler::Reconciliation;

/// Differences that are stored of one run; the figures say how many there were.
const STORED_DIFFERENCES: usize = 1_000;

/// Stores the result, its differences, what was compared of each account, and the forced ether that it found: all of it or nothing. Behind the books' lock, so
/// that results are numbered in the order in which they appear; `books` are what was compared.
pub(crate) async fn save(
    pool: &Pool,
    result: &Reconciliation,
    books: &Books,
    accounts: &[ComparedAccount],
    requested_by: &str,
) -> Result<(), LedgerError> {
    let mut work = pool.begin().await?;
    lock_books(&mut work).await?;
    // The result comes first: the books take forced ether only as the last result has found it.
    let run = insert_result(&mut work, result, books.last_run, requested_by).await?;
    book_excess(&mut work, books, result.figures.chain.excess).await?;
    insert_accounts(&mut work, run, accounts).await?;
    insert_differences(&mut work, result).await?;
    work.commit().await?;
    try_seal(pool).await;
    Ok(())
}

/// Books what `excess`, the contract's surplus at the books' block, has grown by since it was booked last.
async fn book_excess(work: &mut Work<'_>, books: &Books, excess: Amount) -> Result<(), LedgerError> {
    let booked = sqlx::query_scalar!(
        r#"SELECT balance AS "balance: Amount" FROM accounts WHERE kind = 'excess' AND owner = 0"#
    )
    .fetch_optional(&mut **work)
    .await?;
    let increase = excess.checked_sub(booked.unwrap_or_default()).unwrap_or_default();
    if increase.is_positive() {
        let posting = Posting { debit: Account::FUNDS, credit: Account::EXCESS, amount: increase };
        let (cause, postings) = (Cause::excess(books.block), vec![posting]);
        let transaction = Transaction { cause, at: books.at, block: books.block, postings };
        book(work, &[transaction]).await?;
    }
    Ok(())
}

/// The result's row; its number is returned. `after_run` is the last run that was stored when the books were read.
async fn insert_result(
    connection: &mut Connection,
    result: &Reconciliation,
    after_run: i64,
    requested_by: &str,
) -> Result<i64, LedgerError> {
    let figures = serde_json::to_value(&result.figures).map_err(|error| LedgerError::Corrupt {
        expected: "figures that are JSON",
        found: error.to_string(),
    })?;
    let run = sqlx::query_scalar!(
        r#"INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                        finished_at, balanced, stops_batches, figures)
           VALUES ($1, $2::text::reconciliation_scope, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           RETURNING run"#,
        result.id,
        result.scope.name(),
        after_run,
        i64::try_from(result.block).unwrap_or(i64::MAX),
        result.block_hash.as_slice(),
        i64::try_from(result.seq).unwrap_or(i64::MAX),
        requested_by,
        result.started_at,
        result.finished_at,
        result.balanced(),
        result.stops_batches(),
        figures
    )
    .fetch_one(connection)
    .await?;
    Ok(run)
}

async fn insert_differences(connection: &mut Connection, result: &Reconciliation) -> Result<(), LedgerError> {
    let stored = &result.differences[..result.differences.len().min(STORED_DIFFERENCES)];
    let texts = |pick: fn(&Difference) -> String| stored.iter().map(pick).collect::<Vec<_>>();
    let ordinals: Vec<i32> = (0..).take(stored.len()).collect();
    let stops: Vec<bool> = stored.iter().map(|it| it.kind.stops_batches()).collect();
    let wallets: Vec<Option<String>> =
        stored.iter().map(|it| it.account.map(|account| format!("{account:#x}"))).collect();
    let evidence: Vec<serde_json::Value> =
        stored.iter().map(|it| it.evidence.iter().map(|row| row.to_json()).collect()).collect();
    sqlx::query!(
        r#"INSERT INTO reconciliation_differences
               (reconciliation_id, ordinal, kind, stops_batches, wallet_address, expected, found, evidence)
           SELECT $1, ordinal, kind, stops, wallet, expected, found, evidence
           FROM unnest($2::int[], $3::text[], $4::bool[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
               AS given (ordinal, kind, stops, wallet, expected, found, evidence)"#,
        result.id,
        &ordinals,
        &texts(|it| it.kind.name().to_owned()),
        &stops,
        &wallets as _,
        &texts(|it| it.expected.clone()),
        &texts(|it| it.found.clone()),
        &evidence
    )
    .execute(connection)
    .await?;
    Ok(())
}
