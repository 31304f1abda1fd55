//! What the chain of seals does not say: rows that no seal covers, balances, and positions of the outbox.

use banyan_types::Amount;

use super::rows::Taken;
use super::{Stop, Sums};
use crate::store::Work;
use crate::store::convert::to_u64;
use crate::store::copy::copied;
use crate::verification::may_be_below_zero;
use crate::{Account, Finding, LedgerError};

/// The journal has the rows that were taken and no others, and so have its causes.
pub(super) async fn nothing_more(work: &mut Work<'_>, taken: Taken) -> Result<(), Stop> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM journal_transactions) AS "transactions!",
                  (SELECT count(*) FROM postings) AS "postings!",
                  (SELECT count(*) FROM journal_causes) AS "causes!""#
    )
    .fetch_one(&mut **work)
    .await?;
    let found = (to_u64(row.transactions)?, to_u64(row.postings)?, to_u64(row.causes)?);
    if found == (taken.transactions, taken.postings, taken.transactions) {
        return Ok(());
    }
    Err(stranger(work).await?.into())
}

/// A row that belongs to nothing: counted only when there is one.
async fn stranger(work: &mut Work<'_>) -> Result<Finding, LedgerError> {
    let row = sqlx::query!(
        r#"WITH covered AS (
               SELECT cause, ref, at FROM journal_seals UNION SELECT cause, ref, at FROM journal_unsealed
           ), strangers AS (
               SELECT 1 AS place, 'journal_transactions' AS stranger, concat(t.cause, ' ', t.ref) AS key,
                      'a seal, or a place among what waits for one' AS expected
               FROM journal_transactions t LEFT JOIN covered c USING (cause, ref, at) WHERE c.ref IS NULL
               UNION ALL
               SELECT 2, 'postings', concat(p.cause, ' ', p.ref, ' ', p.ordinal), 'a transaction of its time'
               FROM postings p LEFT JOIN journal_transactions t USING (cause, ref, at)
               WHERE t.ref IS NULL OR p.ordinal > t.last_ordinal
               UNION ALL
               SELECT 3, 'journal_causes', concat(c.cause, ' ', c.ref), 'a transaction of the journal'
               FROM journal_causes c LEFT JOIN journal_transactions t USING (cause, ref, at) WHERE t.ref IS NULL
               UNION ALL
               SELECT 4, 'journal_seals', string_agg(number::text, ' '), 'one seal for a transaction'
               FROM journal_seals GROUP BY cause, ref HAVING count(*) > 1
               UNION ALL
               SELECT 5, 'journal_unsealed', concat(u.cause, ' ', u.ref), 'a transaction that has no seal'
               FROM journal_unsealed u JOIN journal_seals s USING (cause, ref)
           )
           SELECT stranger AS "stranger!", key AS "key!", expected AS "expected!"
           FROM strangers ORDER BY place, key LIMIT 1"#
    )
    .fetch_optional(&mut **work)
    .await?;
    Ok(row.map_or_else(
        || Finding::new("journal_transactions", "all", "the rows that were read", "another number of rows"),
        |row| Finding::new(&row.stranger, row.key, row.expected, "none"),
    ))
}

/// Every balance is the sum of its account's postings, and none is below zero that may not be. How many there are.
pub(super) async fn balances(work: &mut Work<'_>, sums: &Sums) -> Result<u64, Stop> {
    let (mut accounts, mut first) = (0, None);
    let mut kept: Vec<Account> = Vec::with_capacity(sums.len());
    let query = "SELECT kind, owner, balance FROM ONLY accounts ORDER BY kind, owner";
    copied(work, query, |mut row| {
        let account = row.account()?;
        let balance = amount(row.bytes()?)?;
        accounts += 1;
        kept.push(account);
        if first.is_none() {
            first = differs(account, balance, sums);
        }
        Ok(())
    })
    .await?;
    if let Some(finding) = first {
        return Err(finding.into());
    }
    if let Some(lacking) = sums.keys().filter(|account| kept.binary_search(account).is_err()).min() {
        return Err(Finding::new("accounts", lacking, "a balance, for it has postings", "no row").into());
    }
    Ok(accounts)
}

fn amount(bytes: &[u8]) -> Result<Amount, LedgerError> {
    banyan_types::store::amount_from_binary(bytes)
        .map_err(|found| LedgerError::Corrupt { expected: "balances of whole wei", found })
}

fn differs(account: Account, balance: Amount, sums: &Sums) -> Option<Finding> {
    let sum = sums.get(&account).copied().unwrap_or_default();
    if balance.units() != sum {
        let expected = format!("{sum} wei, the sum of its postings");
        return Some(Finding::new("accounts", account, expected, format!("{balance} wei")));
    }
    if sum < 0 && !may_be_below_zero(account) {
        return Some(Finding::new("accounts", account, "nothing below zero", format!("{balance} wei")));
    }
    None
}

/// Positions of the outbox run from 1 to the sealer's last, without gaps.
pub(super) async fn positions(work: &mut Work<'_>) -> Result<(), Stop> {
    let row = sqlx::query!(
        r#"SELECT h.position AS "head!", o.told AS "told!", o.last AS "last!"
           FROM seal_head h,
                (SELECT count(position) AS told, coalesce(max(position), 0) AS last FROM outbox) AS o"#
    )
    .fetch_one(&mut **work)
    .await?;
    if row.told == row.head && row.last == row.head {
        return Ok(());
    }
    let gap = sqlx::query_scalar!(
        r#"SELECT min(before + 1) AS "gap"
           FROM (SELECT position, lag(position, 1, 0) OVER (ORDER BY position) AS before
                 FROM outbox WHERE position IS NOT NULL) AS told
           WHERE position <> before + 1"#
    )
    .fetch_one(&mut **work)
    .await?;
    let (key, found) = match gap {
        Some(gap) => (gap, "none".to_owned()),
        None => (row.last, format!("positions up to {}", row.last)),
    };
    Err(Finding::new("outbox", key, format!("positions 1 to {} without gaps", row.head), found).into())
}

/// Each stop of batches that was lifted was lifted in the open. How many there were.
pub(super) async fn lifts(work: &mut Work<'_>) -> Result<u64, Stop> {
    let quiet = sqlx::query!(
        r#"SELECT l.id AS "id!", l.stop AS "stop!" FROM lifted_stops l
           WHERE l.run > (SELECT told_after_run FROM seal_head) AND NOT EXISTS (
               SELECT FROM audit_logs a WHERE a.action = 'lift_stop' AND a.subject = 'reconciliations/' || l.id)
           ORDER BY l.stop LIMIT 1"#
    )
    .fetch_optional(&mut **work)
    .await?;
    if let Some(quiet) = quiet {
        let expected = format!("a line of the audit log, for it lifted the stop of run {}", quiet.stop);
        return Err(Finding::new("reconciliations", quiet.id, expected, "none").into());
    }
    let lifts =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM lifted_stops"#).fetch_one(&mut **work);
    Ok(to_u64(lifts.await?)?)
}

/// Nothing waits below what the sealer has taken: it would wait for ever.
pub(super) async fn passed_over(work: &mut Work<'_>) -> Result<(), Stop> {
    let row = sqlx::query!(
        r#"SELECT 'journal_unsealed' AS "table!", u.id AS "id!" FROM journal_unsealed u, seal_head h WHERE u.id <= h.taken_to
           UNION ALL
           SELECT 'outbox', o.id FROM outbox o, seal_head h WHERE o.position IS NULL AND o.id <= h.told_to
           LIMIT 1"#
    )
    .fetch_optional(&mut **work)
    .await?;
    let Some(row) = row else { return Ok(()) };
    Err(Finding::new(&row.table, row.id, "a row above what the sealer has taken", "one below it").into())
}
