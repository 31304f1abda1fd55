//! Balances as of a moment, worked out of the postings or out of the projections: the two must say the same.

use banyan_types::Amount;

use super::Connection;
use super::convert::{account, to_i64, too_large};
use crate::{Account, Difference, LedgerError, Moment, Source, Totals, UserBalances};

/// What one account had; zero where it did not exist.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn balance_at(
    connection: &mut Connection,
    source: Source,
    account: Account,
    moment: Moment,
) -> Result<Amount, LedgerError> {
    let (block, owner) = (to_i64(moment.block)?, to_i64(account.owner)?);
    let balance = match source {
        Source::Journal => {
            sqlx::query_scalar!(
                // The funds are on one side of nearly every posting, so that only other accounts are looked up by an index.
                r#"SELECT coalesce(sum(change), 0)::numeric(38, 18) AS "balance!: Amount"
               FROM (
                   SELECT change, block_number, at FROM journal_movements
                   WHERE kind <> 'funds' AND kind = $1::text::account_kind AND owner = $2
                   UNION ALL
                   SELECT change, block_number, at FROM journal_movements
                   WHERE kind = 'funds' AND 'funds' = $1::text::account_kind AND owner = $2
               ) AS moved
               WHERE block_number <= $3 AND at <= to_timestamp($4::bigint)"#,
                account.kind.name(),
                owner,
                block,
                to_i64(moment.time)?
            )
            .fetch_one(connection)
            .await?
        }
        Source::Projections => sqlx::query_scalar!(
            r#"SELECT coalesce(sum(change), 0)::numeric(38, 18) AS "balance!: Amount" FROM projected_movements
                   WHERE kind = $1::text::account_kind AND owner = $2 AND block_number <= $3"#,
            account.kind.name(),
            owner,
            block
        )
        .fetch_one(connection)
        .await?,
    };
    Ok(balance)
}

/// What a user had, by where it was; zeros for who had nothing.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn user_balances_at(
    connection: &mut Connection,
    source: Source,
    user: u64,
    moment: Moment,
) -> Result<UserBalances, LedgerError> {
    let (block, user) = (to_i64(moment.block)?, to_i64(user)?);
    let rows: Vec<(String, Amount)> = match source {
        Source::Journal => {
            sqlx::query!(
                r#"SELECT kind::text AS "kind!", sum(change)::numeric(38, 18) AS "balance!: Amount"
               FROM (
                   SELECT kind, change, block_number, at FROM journal_movements
                   WHERE kind IN ('payable', 'in_batch', 'owed') AND owner = $1
                   UNION ALL
                   SELECT m.kind, m.change, m.block_number, m.at
                   FROM seats s JOIN journal_movements m ON m.kind = 'reserved' AND m.owner = s.id
                   WHERE s.user_id = $1
               ) AS theirs
               WHERE block_number <= $2 AND at <= to_timestamp($3::bigint)
               GROUP BY kind"#,
                user,
                block,
                to_i64(moment.time)?
            )
            .map(|row| (row.kind, row.balance))
            .fetch_all(connection)
            .await?
        }
        Source::Projections => {
            sqlx::query!(
                r#"SELECT kind::text AS "kind!", sum(change)::numeric(38, 18) AS "balance!: Amount"
               FROM projected_movements WHERE user_id = $1 AND block_number <= $2 GROUP BY kind"#,
                user,
                block
            )
            .map(|row| (row.kind, row.balance))
            .fetch_all(connection)
            .await?
        }
    };
    let mut balances = UserBalances::default();
    for (kind, balance) in rows {
        let field = match kind.as_str() {
            "payable" => &mut balances.payable,
            "reserved" => &mut balances.reserved,
            "in_batch" => &mut balances.in_batch,
            "owed" => &mut balances.owed,
            _ => return Err(LedgerError::Corrupt { expected: "accounts that a user can own", found: kind }),
        };
        *field = balance;
    }
    Ok(balances)
}

/// Every account that had something, in the order of kinds and owners.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn balances_at(
    connection: &mut Connection,
    source: Source,
    moment: Moment,
) -> Result<Vec<(Account, Amount)>, LedgerError> {
    let block = to_i64(moment.block)?;
    let rows: Vec<(String, i64, Amount)> = match source {
        Source::Journal => sqlx::query!(
            r#"SELECT kind::text AS "kind!", owner AS "owner!", sum(change)::numeric(38, 18) AS "balance!: Amount"
               FROM journal_movements WHERE block_number <= $1 AND at <= to_timestamp($2::bigint)
               GROUP BY journal_movements.kind, owner HAVING sum(change) <> 0
               ORDER BY journal_movements.kind, owner"#,
            block,
            to_i64(moment.time)?
        )
        .map(|row| (row.kind, row.owner, row.balance))
        .fetch_all(connection)
        .await?,
        Source::Projections => sqlx::query!(
            r#"SELECT kind::text AS "kind!", owner AS "owner!", sum(change)::numeric(38, 18) AS "balance!: Amount"
               FROM projected_movements WHERE block_number <= $1
               GROUP BY projected_movements.kind, owner HAVING sum(change) <> 0
               ORDER BY projected_movements.kind, owner"#,
            block
        )
        .map(|row| (row.kind, row.owner, row.balance))
        .fetch_all(connection)
        .await?,
    };
    rows.into_iter().map(|(kind, owner, balance)| Ok((account(&kind, owner)?, balance))).collect()
}

/// All accounts by kind.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn totals_at(
    connection: &mut Connection,
    source: Source,
    moment: Moment,
) -> Result<Totals, LedgerError> {
    let block = to_i64(moment.block)?;
    let rows: Vec<(String, i64, Amount)> = match source {
        Source::Journal => {
            sqlx::query!(
                r#"SELECT kind::text AS "kind!", least(owner, 1) AS "owner!",
                      sum(change)::numeric(38, 18) AS "balance!: Amount"
               FROM journal_movements WHERE block_number <= $1 AND at <= to_timestamp($2::bigint)
               GROUP BY kind, least(owner, 1)"#,
                block,
                to_i64(moment.time)?
            )
            .map(|row| (row.kind, row.owner, row.balance))
            .fetch_all(connection)
            .await?
        }
        Source::Projections => {
            sqlx::query!(
                r#"SELECT kind::text AS "kind!", least(owner, 1) AS "owner!",
                      sum(change)::numeric(38, 18) AS "balance!: Amount"
               FROM projected_movements WHERE block_number <= $1 GROUP BY kind, least(owner, 1)"#,
                block
            )
            .map(|row| (row.kind, row.owner, row.balance))
            .fetch_all(connection)
            .await?
        }
    };
    let mut totals = Totals::default();
    for (kind, owner, balance) in rows {
        totals.add(account(&kind, owner)?, balance).ok_or_else(too_large)?;
    }
    Ok(totals)
}

/// The first `limit` accounts of which postings and projections say something else, in the order of kinds and owners.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn differences_at(
    connection: &mut Connection,
    moment: Moment,
    limit: u32,
) -> Result<Vec<Difference>, LedgerError> {
    let rows = sqlx::query!(
        r#"WITH posted AS (
               SELECT kind, owner, sum(change) AS balance FROM journal_movements
               WHERE block_number <= $1 AND at <= to_timestamp($2::bigint) GROUP BY kind, owner
           ), projected AS (
               SELECT kind, owner, sum(change) AS balance FROM projected_movements
               WHERE block_number <= $1 GROUP BY kind, owner
           )
           SELECT coalesce(j.kind, p.kind)::text AS "kind!", coalesce(j.owner, p.owner) AS "owner!",
                  coalesce(j.balance, 0)::numeric(38, 18) AS "posted!: Amount",
                  coalesce(p.balance, 0)::numeric(38, 18) AS "projected!: Amount"
           FROM posted j FULL JOIN projected p ON p.kind = j.kind AND p.owner = j.owner
           WHERE coalesce(j.balance, 0) <> coalesce(p.balance, 0)
           ORDER BY coalesce(j.kind, p.kind), coalesce(j.owner, p.owner) LIMIT $3"#,
        to_i64(moment.block)?,
        to_i64(moment.time)?,
        i64::from(limit)
    )
    .fetch_all(connection)
    .await?;
    let differences = rows.into_iter().map(|row| {
        let account = account(&row.kind, row.owner)?;
        Ok(Difference { account, posted: row.posted, projected: row.projected })
    });
    differences.collect()
}
