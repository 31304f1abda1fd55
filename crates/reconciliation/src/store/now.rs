//! From a difference down to the rows that it is about, as they are now.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Connection;
use serde_json::Value;

/// Rows of one table that are shown at most.
const SHOWN: i64 = 100;

/// A row as it is now: each column as PostgreSQL writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowNow {
    /// The table.
    pub table: &'static str,
    /// Columns and their values, an object of texts and nulls.
    pub columns: Value,
}

/// Which rows the words of an evidence mean.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meant {
    Reward(i64),
    User(i64),
    Seat(i64),
    Entry(i64),
    Cursor,
    PayoutsOf(i64),
    Account(String, i64),
    AccountsOfKind(String),
    ReservesOf(i64),
    Booked(String, i64),
}

fn meant(table: &str, id: &str) -> Option<Meant> {
    let number = |text: &str| text.parse::<i64>().ok();
    match table {
        "rewards" => number(id).map(Meant::Reward),
        "users" => number(id).map(Meant::User),
        "seats" => number(id).map(Meant::Seat),
        "history" => number(id.strip_prefix("seq ")?).map(Meant::Entry),
        "blockchain_sync" => Some(Meant::Cursor),
        "payouts" => number(id.strip_prefix("user_id ")?.split(',').next()?).map(Meant::PayoutsOf),
        "journal_transactions" => {
            let (cause, reference) = id.split_once('/')?;
            number(reference).map(|reference| Meant::Booked(cause.to_owned(), reference))
        }
        "accounts" => match (id.strip_prefix("reserved of seats of user "), id.split_once('/')) {
            (Some(user), _) => number(user).map(Meant::ReservesOf),
            (None, Some((kind, owner))) => number(owner).map(|owner| Meant::Account(kind.to_owned(), owner)),
            (None, None) => Some(Meant::AccountsOfKind(id.to_owned())),
        },
        _ => None,
    }
}

/// The rows that an evidence of a difference names, as they are now, with what belongs to them: an account's last postings, an
/// entry's log. Nothing where the row is gone, or the evidence names none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn rows_now(
    connection: &mut Connection,
    table: &str,
    id: &str,
) -> Result<Vec<RowNow>, LedgerError> {
    let Some(meant) = meant(table, id) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    match meant {
        Meant::Reward(id) => rows.extend(named("rewards", reward(connection, id).await?)),
        Meant::User(id) => rows.extend(named("users", user(connection, id).await?)),
        Meant::Seat(id) => rows.extend(named("seats", seat(connection, id).await?)),
        Meant::Cursor => rows.extend(named("blockchain_sync", cursor(connection).await?)),
        Meant::PayoutsOf(user) => rows.extend(named("payouts", payouts(connection, user).await?)),
        Meant::Entry(seq) => {
            rows.extend(named("history", entry(connection, seq).await?));
            rows.extend(named("chain_events", log(connection, seq).await?));
        }
        Meant::Account(kind, owner) => {
            rows.extend(named("accounts", accounts(connection, &kind, Some(owner)).await?));
            rows.extend(named("postings", postings(connection, &kind, owner).await?));
        }
        Meant::Booked(cause, reference) => {
            rows.extend(named("journal_transactions", booked(connection, &cause, reference).await?));
        }
        Meant::AccountsOfKind(kind) => {
            rows.extend(named("accounts", accounts(connection, &kind, None).await?));
        }
        Meant::ReservesOf(user) => rows.extend(named("accounts", reserves(connection, user).await?)),
    }
    Ok(rows)
}

fn named(table: &'static str, rows: Vec<Value>) -> impl Iterator<Item = RowNow> {
    rows.into_iter().map(move |columns| RowNow { table, columns })
}

async fn reward(connection: &mut Connection, id: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM rewards t WHERE id = $1"#,
        id
    )
    .fetch_all(connection)
    .await?)
}

async fn user(connection: &mut Connection, id: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM users t WHERE id = $1"#,
        id
    )
    .fetch_all(connection)
    .await?)
}

async fn seat(connection: &mut Connection, id: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM seats t WHERE id = $1"#,
        id
    )
    .fetch_all(connection)
    .await?)
}

async fn cursor(connection: &mut Connection) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM blockchain_sync t"#
    )
    .fetch_all(connection)
    .await?)
}

async fn entry(connection: &mut Connection, seq: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM history t WHERE seq = $1"#,
        seq
    )
    .fetch_all(connection)
    .await?)
}

async fn log(connection: &mut Connection, seq: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM chain_events t JOIN history h USING (block_number, log_index) WHERE h.seq = $1"#,
        seq
    )
    .fetch_all(connection)
    .await?)
}

async fn payouts(connection: &mut Connection, user: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM payouts t WHERE user_id = $1 ORDER BY out DESC LIMIT $2"#,
        user,
        SHOWN
    )
    .fetch_all(connection)
    .await?)
}

async fn accounts(
    connection: &mut Connection,
    kind: &str,
    owner: Option<i64>,
) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM accounts t
           WHERE kind::text = $1 AND ($2::bigint IS NULL OR owner = $2) ORDER BY balance DESC, owner LIMIT $3"#,
        kind,
        owner,
        SHOWN
    )
    .fetch_all(connection)
    .await?)
}

async fn reserves(connection: &mut Connection, user: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM seats s JOIN accounts t ON t.kind = 'reserved' AND t.owner = s.id
           WHERE s.user_id = $1 ORDER BY s.id LIMIT $2"#,
        user,
        SHOWN
    )
    .fetch_all(connection)
    .await?)
}

async fn booked(connection: &mut Connection, cause: &str, reference: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM journal_transactions t WHERE cause = $1::text::cause_kind AND ref = $2"#,
        cause,
        reference
    )
    .fetch_all(connection)
    .await?)
}

/// The last postings of an account.
async fn postings(connection: &mut Connection, kind: &str, owner: i64) -> Result<Vec<Value>, LedgerError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS "row!"
           FROM (
               SELECT * FROM postings
               WHERE debit_kind <> 'funds' AND debit_kind = $1::text::account_kind AND debit_owner = $2
               UNION ALL
               SELECT * FROM postings
               WHERE debit_kind = 'funds' AND 'funds' = $1::text::account_kind AND debit_owner = $2
               UNION ALL
               SELECT * FROM postings WHERE credit_kind = $1::text::account_kind AND credit_owner = $2
           ) AS t ORDER BY t.cause DESC, t.ref DESC, t.ordinal DESC LIMIT $3"#,
        kind,
        owner,
        SHOWN
    )
    .fetch_all(connection)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_every_evidence_are_understood() {
        let account = |kind: &str, owner| Some(Meant::Account(kind.to_owned(), owner));
        for (table, id, expected) in [
            ("rewards", "1048577", Some(Meant::Reward(1_048_577))),
            ("users", "0", Some(Meant::User(0))),
            ("seats", "4402341478401", Some(Meant::Seat(4_402_341_478_401))),
            ("history", "seq 7", Some(Meant::Entry(7))),
            ("blockchain_sync", "1", Some(Meant::Cursor)),
            ("payouts", "user_id 4", Some(Meant::PayoutsOf(4))),
            ("payouts", "user_id 4, latest paid_total", Some(Meant::PayoutsOf(4))),
            ("accounts", "payable/4", account("payable", 4)),
            ("accounts", "funds/0", account("funds", 0)),
            ("accounts", "owed", Some(Meant::AccountsOfKind("owed".to_owned()))),
            ("accounts", "reserved of seats of user 4", Some(Meant::ReservesOf(4))),
            ("journal_transactions", "entry/7", Some(Meant::Booked("entry".to_owned(), 7))),
            ("rewards", "many", None),
            ("settings", "kill_switch", None),
        ] {
            assert_eq!(meant(table, id), expected, "{table} {id}");
        }
    }
}
