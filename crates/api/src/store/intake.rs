//! Payloads that were prepared for people, and their requests: tables `transactions` and `placement_quotes`.

use banyan_types::{Address, B256, PlanHash};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::snapshot::hash;
use super::{wallet, wallet_text};
use crate::problem::{Answer, Problem};

/// What a payload is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Registering.
    Register,
    /// Paying again.
    Retopup,
}

impl Action {
    /// The database's word.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Register => "REGISTER",
            Action::Retopup => "RETOPUP",
        }
    }
}

/// The seat that a registration would take now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatQuote {
    /// Pool level.
    pub level: i32,
    /// Number of the tree.
    pub tree: i32,
    /// Breadth-first index.
    pub index: i64,
    /// Index of the seat above it.
    pub parent: Option<i64>,
}

/// A signed payload to be recorded.
pub struct NewPayload<'a> {
    /// The new id.
    pub id: Uuid,
    /// Who it is for.
    pub wallet: Address,
    /// The user's id, if the wallet is registered.
    pub user: Option<i64>,
    /// What it is for.
    pub action: Action,
    /// The full typed data.
    pub payload: &'a serde_json::Value,
    /// The signature over it, 0x-hex.
    pub signature: &'a str,
    /// The contract's nonce that it uses up.
    pub nonce: i64,
    /// Its deadline.
    pub expires_at: OffsetDateTime,
    /// The seat quoted with it.
    pub quote: Option<SeatQuote>,
}

/// Records a payload and its quote, together.
pub async fn record(pool: &PgPool, new: &NewPayload<'_>) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "INSERT INTO transactions (id, wallet_address, user_id, action, payload, signature, nonce, status,
                                   expires_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4::text::transaction_action, $5, $6, $7, 'prepared', $8, now(), now())",
        new.id,
        wallet_text(new.wallet),
        new.user,
        new.action.name(),
        new.payload,
        new.signature,
        new.nonce,
        new.expires_at,
    )
    .execute(&mut *tx)
    .await?;
    if let Some(quote) = new.quote {
        sqlx::query!(
            "INSERT INTO placement_quotes (transaction_id, level, tree_number, queue_index, parent_index, created_at)
             VALUES ($1, $2, $3, $4, $5, now())",
            new.id,
            quote.level,
            quote.tree,
            quote.index,
            quote.parent,
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}

/// A payload that was prepared and, as far as is known, not sent yet.
pub struct OpenPayload {
    /// Its id.
    pub id: Uuid,
    /// The full typed data.
    pub payload: serde_json::Value,
    /// The signature over it, 0x-hex.
    pub signature: String,
    /// The contract's nonce that it uses up.
    pub nonce: i64,
    /// Its deadline.
    pub expires_at: OffsetDateTime,
}

/// The wallet's newest payloads for `action` that are prepared and expire after `after`; at most twenty.
pub async fn open_payloads(
    pool: &PgPool,
    owner: Address,
    action: Action,
    after: OffsetDateTime,
) -> sqlx::Result<Vec<OpenPayload>> {
    sqlx::query_as!(
        OpenPayload,
        r#"SELECT id, payload, signature AS "signature!", nonce AS "nonce!", expires_at AS "expires_at!"
           FROM transactions
           WHERE wallet_address = $1 AND action = $2::text::transaction_action AND status = 'prepared'
             AND signature IS NOT NULL AND nonce IS NOT NULL AND expires_at > $3
           ORDER BY created_at DESC LIMIT 20"#,
        wallet_text(owner),
        action.name(),
        after,
    )
    .fetch_all(pool)
    .await
}

/// A recorded payload, as far as a confirmation needs it.
pub struct Recorded {
    /// Who it was prepared for.
    pub wallet: Address,
    /// What it is for.
    pub action: String,
    /// Its state.
    pub status: String,
    /// The transaction that is said to use it.
    pub tx_hash: Option<String>,
}

/// Notes that a wallet sent a payload with the transaction `tx_hash`, if it was not sent before.
pub async fn confirm(pool: &PgPool, id: Uuid, owner: Address, tx_hash: B256) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE transactions SET status = 'submitted', tx_hash = $3, updated_at = now()
         WHERE id = $1 AND wallet_address = $2 AND status = 'prepared' AND action IN ('REGISTER', 'RETOPUP')",
        id,
        wallet_text(owner),
        tx_hash.to_string(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A payload by id.
pub async fn find(pool: &PgPool, id: Uuid) -> Answer<Option<Recorded>> {
    let row = sqlx::query!(
        r#"SELECT wallet_address, action::text AS "action!", status::text AS "status!", tx_hash
           FROM transactions WHERE id = $1 AND action IN ('REGISTER', 'RETOPUP')"#,
        id
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(Recorded {
            wallet: wallet(&row.wallet_address)?,
            action: row.action,
            status: row.status,
            tx_hash: row.tx_hash,
        })
    })
    .transpose()
}

/// A request to be paid.
pub struct Withdrawal {
    /// Its id.
    pub id: Uuid,
    /// `prepared` or `submitted`.
    pub status: String,
    /// Whether this call made it.
    pub fresh: bool,
}

/// Records that a user wants to be paid, unless a request of theirs is still open.
pub async fn request_withdrawal(
    pool: &PgPool,
    user: i64,
    owner: Address,
    payable: &str,
) -> sqlx::Result<Withdrawal> {
    let mut tx = pool.begin().await?;
    // Two requests at once would both see none open; the user's row makes them wait for each other.
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", user).fetch_one(&mut *tx).await?;
    let open = sqlx::query!(
        r#"SELECT id, status::text AS "status!" FROM transactions
           WHERE wallet_address = $1 AND action = 'WITHDRAW' AND status IN ('prepared', 'submitted')"#,
        wallet_text(owner)
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(open) = open {
        return Ok(Withdrawal { id: open.id, status: open.status, fresh: false });
    }
    let id = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO transactions (id, wallet_address, user_id, action, payload, status, created_at, updated_at)
         VALUES ($1, $2, $3, 'WITHDRAW', jsonb_build_object('payable', $4::text), 'prepared', now(), now())",
        id,
        wallet_text(owner),
        user,
        payable
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Withdrawal { id, status: "prepared".to_owned(), fresh: true })
}

/// The plan that the booked history ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPlan {
    /// The plan that was put in force last.
    pub hash: PlanHash,
    /// Whether the programme was wound up since.
    pub wound_up: bool,
}

/// The plan in force at the end of the booked history, and whether it still takes payments.
pub async fn last_plan(connection: &mut PgConnection) -> Answer<LastPlan> {
    let rows = sqlx::query!(
        r#"SELECT plan, directive, data FROM history
           WHERE kind IN ('GENESIS', 'DIRECTIVE') AND (kind = 'GENESIS' OR directive IN ('PLAN', 'WIND_UP'))
           ORDER BY seq DESC LIMIT 2"#
    )
    .fetch_all(connection)
    .await?;
    // A wind-up is for good, so what stands before it is the last plan.
    let wound_up = rows.first().is_some_and(|row| row.directive.as_deref() == Some("WIND_UP"));
    let row = rows.get(usize::from(wound_up));
    let row =
        row.ok_or_else(|| Problem::internal("the history has no genesis: rebuild the books from the chain"))?;
    let bytes = match row.directive.as_deref() {
        // abi.encode(bytes32) is the hash itself.
        Some("PLAN") => row.data.as_deref(),
        Some(_) | None => row.plan.as_deref(),
    };
    Ok(LastPlan { hash: PlanHash(hash(bytes.unwrap_or_default())?), wound_up })
}

/// The plan that payments are judged by: the genesis' or that of the last `PLAN` that came into effect.
pub async fn judging_plan(connection: &mut PgConnection) -> Answer<PlanHash> {
    let bytes = sqlx::query_scalar!(
        r#"SELECT coalesce(plan, data) AS "plan!" FROM history
           WHERE kind IN ('GENESIS', 'DIRECTIVE')
             AND (kind = 'GENESIS' OR (directive = 'PLAN' AND outcome = 'applied'))
           ORDER BY seq DESC LIMIT 1"#
    )
    .fetch_optional(connection)
    .await?;
    Ok(PlanHash(hash(&bytes.unwrap_or_default())?))
}

/// The root that stands on the contract, with the point of the history it was computed over.
pub async fn standing_root(connection: &mut PgConnection) -> Answer<Option<(i64, B256)>> {
    let row = sqlx::query!(
        "SELECT seq, root, voided FROM published_roots ORDER BY block_number DESC, log_index DESC LIMIT 1"
    )
    .fetch_optional(connection)
    .await?;
    row.filter(|row| !row.voided).map(|row| Ok((row.seq, hash(&row.root)?))).transpose()
}
