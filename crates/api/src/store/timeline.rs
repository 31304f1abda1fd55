//! What else happened to a user besides rewards: retopups, money that left, and payloads prepared for them. Each list is
//! read backwards from a position of its own.

use banyan_types::{Address, Amount};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{wallet, wallet_text};
use crate::problem::Answer;

/// A retopup; the id is the seq.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retopup {
    /// The entry of the history.
    pub id: i64,
    /// How much was paid.
    pub amount: Amount,
    /// `confirmed`, or `failed` if the plan refused it.
    pub status: String,
    /// The payment's transaction.
    pub tx_hash: String,
    /// Block time.
    pub at: OffsetDateTime,
}

/// The retopups of a user below the id `below`, newest first.
pub async fn retopups(
    connection: &mut PgConnection,
    user: i64,
    below: i64,
    limit: i64,
) -> Answer<Vec<Retopup>> {
    let rows = sqlx::query_as!(
        Retopup,
        r#"SELECT id, amount AS "amount: Amount", status::text AS "status!", tx_hash, created_at AS at
           FROM retopups WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"#,
        user,
        below,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Money that left the contract for a user, or became owed to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outflow {
    /// The contract's number of it.
    pub out: i64,
    /// `paid`, `owed` or `owed_withdrawn`.
    pub kind: String,
    /// How much.
    pub amount: Amount,
    /// All that was ever sent or made owed.
    pub paid_total: Option<Amount>,
    /// Where it went, if not to the user's own wallet.
    pub destination: Option<Address>,
    /// The transaction.
    pub tx_hash: String,
    /// Block time.
    pub at: OffsetDateTime,
}

/// The outflows of a user below the number `below`, newest first.
pub async fn outflows(
    connection: &mut PgConnection,
    user: i64,
    below: i64,
    limit: i64,
) -> Answer<Vec<Outflow>> {
    let rows = sqlx::query!(
        r#"SELECT out, kind::text AS "kind!", amount AS "amount: Amount", paid_total AS "paid_total: Amount",
                  destination, tx_hash, at
           FROM payouts WHERE user_id = $1 AND out < $2 ORDER BY out DESC LIMIT $3"#,
        user,
        below,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Outflow {
                out: row.out,
                kind: row.kind,
                amount: row.amount,
                paid_total: row.paid_total,
                destination: row.destination.as_deref().map(wallet).transpose()?,
                tx_hash: row.tx_hash,
                at: row.at,
            })
        })
        .collect()
}

/// A payload that was prepared for a wallet, or a request of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Its id; ids grow with time.
    pub id: Uuid,
    /// `REGISTER`, `RETOPUP` or `WITHDRAW`.
    pub action: String,
    /// `prepared`, `submitted`, `confirmed`, `failed` or `expired`.
    pub status: String,
    /// The transaction that used it.
    pub tx_hash: Option<String>,
    /// When it ends, in block time.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was prepared.
    pub at: OffsetDateTime,
    /// The seat quoted with it: level, tree, index, parent.
    pub quote: Option<(i32, i32, i64, Option<i64>)>,
}

/// The payloads of a wallet below the id `below`, newest first.
pub async fn prepared(
    connection: &mut PgConnection,
    owner: Address,
    below: Uuid,
    limit: i64,
) -> Answer<Vec<Prepared>> {
    let rows = sqlx::query!(
        r#"SELECT t.id AS "id!", t.action::text AS "action!", t.status::text AS "status!",
                  t.tx_hash AS "tx_hash?", t.expires_at AS "expires_at?", t.created_at AS "created_at!", q.level AS "level?", q.tree_number AS "tree?", q.queue_index AS "index?",
                  q.parent_index AS "parent_index?"
           FROM transactions t LEFT JOIN placement_quotes q ON q.transaction_id = t.id
           WHERE t.wallet_address = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3"#,
        wallet_text(owner),
        below,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Prepared {
            id: row.id,
            action: row.action,
            status: row.status,
            tx_hash: row.tx_hash,
            expires_at: row.expires_at,
            at: row.created_at,
            quote: match (row.level, row.tree, row.index) {
                (Some(level), Some(tree), Some(index)) => Some((level, tree, index, row.parent_index)),
                (Some(_) | None, Some(_) | None, Some(_) | None) => None,
            },
        })
        .collect())
}
