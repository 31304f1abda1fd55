//! Answers already given: table `idempotency_keys`.

use sqlx::PgPool;

/// What a key says about a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the first with this key: answer it, then say so with [`answer`] or [`release`].
    Ours,
    /// The key came with another request.
    OtherRequest,
    /// The first request is still being answered.
    Running,
    /// It was answered; the body is sealed, and `None` if there was none.
    Answered {
        /// The HTTP status of the answer.
        status: u16,
        /// The sealed body.
        sealed: Option<String>,
    },
}

/// Takes the key for a request. A key that is not answered and was not taken or [renewed](renew) for a minute is taken
/// over: its server died.
pub async fn claim(
    pool: &PgPool,
    actor: &str,
    key: &str,
    operation: &str,
    digest: &[u8; 32],
) -> sqlx::Result<Claim> {
    let taken = sqlx::query!(
        "INSERT INTO idempotency_keys AS k (actor, key, operation, body_hash, created_at)
         VALUES ($1, $2, $3, $4, now())
         ON CONFLICT (actor, key) DO UPDATE
         SET operation = excluded.operation, body_hash = excluded.body_hash, created_at = now()
         WHERE k.status IS NULL AND k.created_at < now() - interval '1 minute'",
        actor,
        key,
        operation,
        digest.as_slice(),
    )
    .execute(pool)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(Claim::Ours);
    }
    let first = sqlx::query!(
        "SELECT body_hash, status, response FROM idempotency_keys WHERE actor = $1 AND key = $2",
        actor,
        key
    )
    .fetch_optional(pool)
    .await?;
    Ok(match first {
        // The first request was refused meanwhile, so its key is free again: the client may ask once more.
        None => Claim::Running,
        Some(row) if row.body_hash != digest => Claim::OtherRequest,
        Some(row) => match row.status.and_then(|status| u16::try_from(status).ok()) {
            None => Claim::Running,
            Some(status) => Claim::Answered {
                status,
                sealed: row.response.and_then(|value| value.as_str().map(str::to_owned)),
            },
        },
    })
}

/// Says that the request is still being answered.
pub async fn renew(pool: &PgPool, actor: &str, key: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET created_at = now() WHERE actor = $1 AND key = $2 AND status IS NULL",
        actor,
        key
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Keeps the answer.
pub async fn answer(
    pool: &PgPool,
    actor: &str,
    key: &str,
    status: u16,
    sealed: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET status = $3, response = to_jsonb($4::text) WHERE actor = $1 AND key = $2",
        actor,
        key,
        i32::from(status),
        sealed,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Frees the key of a request that was refused.
pub async fn release(pool: &PgPool, actor: &str, key: &str) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2 AND status IS NULL", actor, key)
        .execute(pool)
        .await?;
    Ok(())
}

/// Makes every key two minutes older than it is.
#[cfg(test)]
pub async fn age(pool: &PgPool) {
    let older = "UPDATE idempotency_keys SET created_at = created_at - interval '2 minutes'";
    sqlx::query(older).execute(pool).await.expect("the keys can be made older");
}
