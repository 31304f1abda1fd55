//! Users and what is theirs: tables `users`, `accounts`, `rewards`, `payouts`, view `user_balances`.

use banyan_types::{Address, Amount};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::snapshot::unsigned;
use super::{wallet, wallet_text};
use crate::problem::Answer;

/// A wallet that the contract accepted, or the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The wallet's leaf in the entitlement tree; 0 is the company.
    pub id: i64,
    /// The wallet; the company's is the zero address.
    pub wallet: Address,
    /// `active`, `frozen` or `pending`.
    pub status: String,
    /// Whether the plan took the registration.
    pub participant: bool,
    /// Frozen on the contract.
    pub frozen: bool,
    /// Held by an operator here.
    pub held: bool,
    /// Has paid again.
    pub has_retopup: bool,
    /// Direct referrals.
    pub referral_count: i32,
    /// Who referred it: id and wallet.
    pub sponsor: Option<(i64, Address)>,
    /// The entry of the history that brought it.
    pub registered_seq: Option<i64>,
    /// When it registered.
    pub registered_at: OffsetDateTime,
}

/// How a request names a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKey {
    /// By id.
    Id(i64),
    /// By wallet.
    Wallet(Address),
}

/// Looks a user up.
pub async fn find(connection: &mut PgConnection, key: UserKey) -> Answer<Option<Person>> {
    let (id, address) = match key {
        UserKey::Id(id) => (Some(id), None),
        UserKey::Wallet(address) => (None, Some(wallet_text(address))),
    };
    let row = sqlx::query!(
        r#"SELECT u.id AS "id!", u.wallet_address AS "wallet_address!", u.status::text AS "status!",
                  u.participant AS "participant!", u.frozen AS "frozen!", u.held AS "held!",
                  u.has_retopup AS "has_retopup!", u.referral_count AS "referral_count!",
                  u.registered_seq AS "registered_seq?", u.created_at AS "created_at!",
                  s.id AS "sponsor_id?", s.wallet_address AS "sponsor_wallet?"
           FROM users u LEFT JOIN users s ON s.id = u.referrer_id
           WHERE u.id = $1 OR u.wallet_address = $2"#,
        id,
        address
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let sponsor = match (row.sponsor_id, row.sponsor_wallet) {
        (Some(id), Some(address)) => Some((id, wallet(&address)?)),
        (Some(_) | None, _) => None,
    };
    Ok(Some(Person {
        id: row.id,
        wallet: wallet(&row.wallet_address)?,
        status: row.status,
        participant: row.participant,
        frozen: row.frozen,
        held: row.held,
        has_retopup: row.has_retopup,
        referral_count: row.referral_count,
        sponsor,
        registered_seq: row.registered_seq,
        registered_at: row.created_at,
    }))
}

/// What the contract ever sent a user or made owed to them, what they took, and their income by kind. In wei.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Income {
    /// All that was ever earned.
    pub entitlement: Amount,
    /// Sent or made owed.
    pub paid: Amount,
    /// Arrived in the wallet.
    pub withdrawn: Amount,
    /// From referrals' payments.
    pub direct: Amount,
    /// From the pool.
    pub pool: Amount,
    /// From retopups below.
    pub level: Amount,
}

/// Reads a user's income.
pub async fn income(connection: &mut PgConnection, user: i64) -> Answer<Income> {
    let row = sqlx::query!(
        r#"SELECT b.direct_income AS "direct!: Amount", b.pool_income AS "pool!: Amount",
                  b.level_income AS "level!: Amount", b.withdrawn AS "withdrawn!: Amount",
                  coalesce((SELECT r.cumulative FROM rewards r WHERE r.user_id = b.user_id
                            AND r.cumulative IS NOT NULL ORDER BY r.id DESC LIMIT 1), 0) AS "entitlement!: Amount",
                  coalesce((SELECT p.paid_total FROM payouts p WHERE p.user_id = b.user_id
                            AND p.paid_total IS NOT NULL ORDER BY p.out DESC LIMIT 1), 0) AS "paid!: Amount"
           FROM user_balances b WHERE b.user_id = $1"#,
        user
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map_or_else(Income::default, |row| Income {
        entitlement: row.entitlement,
        paid: row.paid,
        withdrawn: row.withdrawn,
        direct: row.direct,
        pool: row.pool,
        level: row.level,
    }))
}

/// What is reserved for a user's next tickets, by pool level.
pub async fn reserved_by_level(connection: &mut PgConnection, user: i64) -> Answer<Vec<(i32, Amount)>> {
    let rows = sqlx::query!(
        r#"SELECT p.level, sum(r.amount) AS "amount!: Amount"
           FROM rewards r JOIN pools p ON p.id = r.pool_id
           WHERE r.user_id = $1 AND r.state = 'reserved'
           GROUP BY p.level ORDER BY p.level"#,
        user
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.level, row.amount)).collect())
}

/// A person as a node of the referral tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The user's id.
    pub id: i64,
    /// The sponsor's id.
    pub sponsor: Option<i64>,
    /// The wallet.
    pub wallet: Address,
    /// `active`, `frozen` or `pending`.
    pub status: String,
    /// Whether the plan took the registration.
    pub participant: bool,
    /// Direct referrals.
    pub referral_count: i32,
    /// Has paid again.
    pub has_retopup: bool,
    /// When they registered.
    pub registered_at: OffsetDateTime,
}

/// Direct referrals of a user in order of registration, after the id `after`.
pub async fn referrals(
    connection: &mut PgConnection,
    user: i64,
    after: i64,
    limit: i64,
) -> Answer<Vec<Referral>> {
    let rows = sqlx::query!(
        r#"SELECT id, wallet_address, status::text AS "status!", participant, referral_count, has_retopup, created_at
           FROM users WHERE referrer_id = $1 AND id > $2 ORDER BY id LIMIT $3"#,
        user,
        after,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Referral {
                id: row.id,
                sponsor: Some(user),
                wallet: wallet(&row.wallet_address)?,
                status: row.status,
                participant: row.participant,
                referral_count: row.referral_count,
                has_retopup: row.has_retopup,
                registered_at: row.created_at,
            })
        })
        .collect()
}

/// Direct referrals of a user, counted.
pub async fn referral_total(connection: &mut PgConnection, user: i64) -> Answer<u64> {
    let total = sqlx::query_scalar!(r#"SELECT count(*) AS "total!" FROM users WHERE referrer_id = $1"#, user)
        .fetch_one(connection)
        .await?;
    unsigned(total)
}

/// A user and everyone below them down to `depth`, nearest first; at most `limit` people.
///
/// The limit stands inside, without an order: the recursion works layer by layer and stops when it has enough.
pub async fn below(
    connection: &mut PgConnection,
    user: i64,
    depth: i32,
    limit: i64,
) -> Answer<Vec<Referral>> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE tree AS (
               SELECT u.id, 0 AS depth FROM users u WHERE u.id = $1
               UNION ALL
               SELECT u.id, t.depth + 1 FROM tree t JOIN users u ON u.referrer_id = t.id WHERE t.depth < $2
           )
           SELECT u.id AS "id!", u.referrer_id AS "referrer_id?", u.wallet_address AS "wallet_address!",
                  u.status::text AS "status!", u.participant AS "participant!",
                  u.referral_count AS "referral_count!", u.has_retopup AS "has_retopup!",
                  u.created_at AS "created_at!"
           FROM (SELECT id, depth FROM tree LIMIT $3) t JOIN users u ON u.id = t.id
           ORDER BY t.depth, u.id"#,
        user,
        depth,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Referral {
                id: row.id,
                sponsor: row.referrer_id,
                wallet: wallet(&row.wallet_address)?,
                status: row.status,
                participant: row.participant,
                referral_count: row.referral_count,
                has_retopup: row.has_retopup,
                registered_at: row.created_at,
            })
        })
        .collect()
}
