//! Balances as they are kept now: of a user, of all by kind, and of all beside their postings.

use banyan_types::Amount;

use super::Connection;
use super::convert::{account, to_i64, too_large};
use crate::{Imbalance, LedgerError, Totals, TrialBalance, UserBalances};

/// What a user has now; zeros for who has nothing or does not exist.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn balances(connection: &mut Connection, user: u64) -> Result<UserBalances, LedgerError> {
    let row = sqlx::query!(
        r#"SELECT coalesce(sum(balance) FILTER (WHERE kind = 'payable'), 0)::numeric(38, 18) AS "payable!: Amount",
                  coalesce(sum(balance) FILTER (WHERE kind = 'reserved'), 0)::numeric(38, 18) AS "reserved!: Amount",
                  coalesce(sum(balance) FILTER (WHERE kind = 'in_batch'), 0)::numeric(38, 18) AS "in_batch!: Amount",
                  coalesce(sum(balance) FILTER (WHERE kind = 'owed'), 0)::numeric(38, 18) AS "owed!: Amount"
           FROM (
               SELECT kind, balance FROM accounts
               WHERE owner = $1 AND kind IN ('payable', 'in_batch', 'owed')
               UNION ALL
               SELECT a.kind, a.balance FROM seats s JOIN accounts a ON a.kind = 'reserved' AND a.owner = s.id
               WHERE s.user_id = $1
           ) AS theirs"#,
        to_i64(user)?
    )
    .fetch_one(connection)
    .await?;
    Ok(UserBalances { payable: row.payable, reserved: row.reserved, in_batch: row.in_batch, owed: row.owed })
}

/// All accounts now, by kind.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn totals(connection: &mut Connection) -> Result<Totals, LedgerError> {
    let rows = sqlx::query!(
        r#"SELECT kind::text AS "kind!", least(owner, 1) AS "owner!",
                  sum(balance)::numeric(38, 18) AS "balance!: Amount"
           FROM accounts GROUP BY kind, least(owner, 1)"#
    )
    .fetch_all(connection)
    .await?;
    let mut totals = Totals::default();
    for row in rows {
        totals.add(account(&row.kind, row.owner)?, row.balance).ok_or_else(too_large)?;
    }
    Ok(totals)
}

/// Every account's balance against the sum of its postings, in one read of both.
///
/// # Errors
/// When PostgreSQL fails. Books that do not balance are no error: the answer says so.
pub async fn trial_balance(connection: &mut Connection) -> Result<TrialBalance, LedgerError> {
    let rows = sqlx::query!(
        r#"WITH moved AS (
               SELECT debit_kind AS kind, debit_owner AS owner,
                      CASE debit_kind WHEN 'funds' THEN amount ELSE -amount END AS change
               FROM postings
               UNION ALL
               SELECT credit_kind, credit_owner, CASE credit_kind WHEN 'funds' THEN -amount ELSE amount END
               FROM postings
           ), posted AS (
               SELECT kind, owner, sum(change) AS balance FROM moved GROUP BY kind, owner
           )
           SELECT coalesce(a.kind, p.kind)::text AS "kind!", coalesce(a.owner, p.owner) AS "owner!",
                  coalesce(a.balance, 0)::numeric(38, 18) AS "kept!: Amount",
                  coalesce(p.balance, 0)::numeric(38, 18) AS "posted!: Amount"
           FROM accounts a FULL JOIN posted p ON p.kind = a.kind AND p.owner = a.owner
           ORDER BY coalesce(a.kind, p.kind), coalesce(a.owner, p.owner)"#
    )
    .fetch_all(connection)
    .await?;
    let accounts = rows.len() as u64;
    let (mut totals, mut imbalances) = (Totals::default(), Vec::new());
    for row in rows {
        let account = account(&row.kind, row.owner)?;
        totals.add(account, row.kept).ok_or_else(too_large)?;
        if row.kept != row.posted {
            imbalances.push(Imbalance { account, kept: row.kept, posted: row.posted });
        }
    }
    Ok(TrialBalance { totals, accounts, imbalances })
}
