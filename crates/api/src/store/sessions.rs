//! Refresh tokens: table `refresh_tokens`. Only their hashes are kept; a family is one sign-in.

use banyan_types::Address;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{wallet, wallet_text};
use crate::problem::Answer;

/// A refresh token to be kept.
pub struct NewToken {
    /// The sign-in that it belongs to.
    pub family: Uuid,
    /// Whose it is.
    pub wallet: Address,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
}

/// What became of a refresh token that was handed in.
pub enum Spent {
    /// It was good, and is replaced now.
    Replaced(Address),
    /// It was used before: its family is ended.
    Reused(Address),
    /// It is unknown, expired or ended.
    Invalid,
}

/// Keeps the first token of a family.
pub async fn keep(pool: &PgPool, token: &NewToken) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    insert(&mut connection, token).await
}

async fn insert(connection: &mut sqlx::PgConnection, token: &NewToken) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO refresh_tokens (id, family, wallet_address, token_hash, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, now(), $5)",
        Uuid::now_v7(),
        token.family,
        wallet_text(token.wallet),
        token.hash.as_slice(),
        token.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a token and, if it is good, keeps its successor of the same family, which ends at `expires_at`.
pub async fn spend(
    pool: &PgPool,
    old: &[u8; 32],
    successor: &[u8; 32],
    expires_at: OffsetDateTime,
) -> Answer<Spent> {
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"SELECT id, family, wallet_address, used_at,
                  (revoked_at IS NOT NULL OR expires_at <= now()) AS "ended!"
           FROM refresh_tokens WHERE token_hash = $1 FOR UPDATE"#,
        old.as_slice()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(Spent::Invalid) };
    let owner = wallet(&row.wallet_address)?;
    if row.used_at.is_some() {
        end_family(&mut tx, row.family).await?;
        tx.commit().await?;
        return Ok(Spent::Reused(owner));
    }
    if row.ended {
        return Ok(Spent::Invalid);
    }
    sqlx::query!("UPDATE refresh_tokens SET used_at = now() WHERE id = $1", row.id).execute(&mut *tx).await?;
    let next = NewToken { family: row.family, wallet: owner, hash: *successor, expires_at };
    insert(&mut tx, &next).await?;
    tx.commit().await?;
    Ok(Spent::Replaced(owner))
}

/// Ends the family of a token; an unknown token ends nothing.
pub async fn end(pool: &PgPool, hash: &[u8; 32]) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    let family =
        sqlx::query_scalar!("SELECT family FROM refresh_tokens WHERE token_hash = $1", hash.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
    match family {
        Some(family) => end_family(&mut connection, family).await,
        None => Ok(()),
    }
}

async fn end_family(connection: &mut sqlx::PgConnection, family: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE refresh_tokens SET revoked_at = now() WHERE family = $1 AND revoked_at IS NULL",
        family
    )
    .execute(connection)
    .await?;
    Ok(())
}
