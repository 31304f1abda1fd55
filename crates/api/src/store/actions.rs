//! What operators do, and the log of it: tables `audit_logs`, `settings`, and the hold on a user.

use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::problem::Answer;

/// The key of the kill switch in `settings`.
const KILL_SWITCH: &str = "kill_switch";

/// One action to be logged.
#[derive(Clone, Debug)]
pub struct Action<'a> {
    /// Who acted: a wallet.
    pub actor: &'a str,
    /// What was done, such as `user.held`.
    pub action: &'a str,
    /// To whom or what.
    pub subject: &'a str,
    /// The rest.
    pub detail: Value,
}

/// Logs an action.
pub async fn log(connection: &mut PgConnection, action: &Action<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO audit_logs (actor, action, subject, detail) VALUES ($1, $2, $3, $4)",
        action.actor,
        action.action,
        action.subject,
        action.detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Logs an action that was done elsewhere.
pub async fn log_done(pool: &PgPool, action: &Action<'_>) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    log(&mut connection, action).await
}

/// Holds a user back from payouts, or lets them go, and logs it.
pub async fn hold(pool: &PgPool, user: i64, held: bool, action: &Action<'_>) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!("UPDATE users SET held = $2 WHERE id = $1", user, held).execute(&mut *tx).await?;
    log(&mut tx, action).await?;
    tx.commit().await
}

/// Sets the kill switch and logs it.
pub async fn set_kill_switch(pool: &PgPool, value: &Value, action: &Action<'_>) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, now())
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        KILL_SWITCH,
        value
    )
    .execute(&mut *tx)
    .await?;
    log(&mut tx, action).await?;
    tx.commit().await
}

/// The kill switch as it was last set.
pub async fn kill_switch(pool: &PgPool) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!("SELECT value FROM settings WHERE key = $1", KILL_SWITCH).fetch_optional(pool).await
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// Grows with time.
    pub id: i64,
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// The rest.
    pub detail: Value,
}

/// The log below the id `below`, newest first.
pub async fn logged(
    pool: &PgPool,
    actor: Option<&str>,
    action: Option<&str>,
    below: i64,
    limit: i64,
) -> Answer<Vec<Logged>> {
    let rows = sqlx::query_as!(
        Logged,
        "SELECT id, at, actor, action, subject, detail FROM audit_logs
         WHERE ($1::text IS NULL OR lower(actor) = lower($1)) AND ($2::text IS NULL OR action = $2) AND id < $3
         ORDER BY id DESC LIMIT $4",
        actor,
        action,
        below,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
