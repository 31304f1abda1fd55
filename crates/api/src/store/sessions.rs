//! Refresh tokens: table `refresh_tokens`. Only their hashes are kept; a family is one sign-in.

use banyan_types::Address;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{wallet, wallet_text};
use crate::problem::Answer;

/// Tokens that one sweep takes away at most.
const SWEPT_AT_ONCE: i64 = 1_000;

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
    let Some(family) = lock_family(&mut tx, old).await? else { return Ok(Spent::Invalid) };
    let row = sqlx::query!(
        r#"SELECT id, wallet_address, used_at, revoked_at, (expires_at <= now()) AS "expired!"
           FROM refresh_tokens WHERE token_hash = $1"#,
        old.as_slice()
    )
    .fetch_optional(&mut *tx)
    .await?;
    // It may have been swept while this waited for its family.
    let Some(row) = row else { return Ok(Spent::Invalid) };
    // A family ends once: whoever comes with any of its tokens later changes nothing.
    if row.revoked_at.is_some() {
        return Ok(Spent::Invalid);
    }
    let owner = wallet(&row.wallet_address)?;
    if row.used_at.is_some() {
        end_family(&mut tx, family).await?;
        tx.commit().await?;
        return Ok(Spent::Reused(owner));
    }
    if row.expired {
        return Ok(Spent::Invalid);
    }
    sqlx::query!("UPDATE refresh_tokens SET used_at = now() WHERE id = $1", row.id).execute(&mut *tx).await?;
    let next = NewToken { family, wallet: owner, hash: *successor, expires_at };
    insert(&mut tx, &next).await?;
    tx.commit().await?;
    Ok(Spent::Replaced(owner))
}

/// Ends the family of a token; an unknown token ends nothing.
pub async fn end(pool: &PgPool, hash: &[u8; 32]) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    if let Some(family) = lock_family(&mut tx, hash).await? {
        end_family(&mut tx, family).await?;
    }
    tx.commit().await
}

/// Takes away the tokens of sign-ins that have ended, by sign-out, by reuse or because no token of theirs lives any more, once
/// each one's own lifetime is over; a bounded number at a time; how many. While a sign-in goes on all its tokens are kept, so
/// that whoever comes with a used one is noticed, however old it is.
pub async fn sweep(pool: &PgPool) -> sqlx::Result<u64> {
    let gone = sqlx::query!(
        "DELETE FROM refresh_tokens WHERE id IN (
             SELECT id FROM refresh_tokens old
             WHERE expires_at <= now() AND NOT EXISTS (
                 SELECT FROM refresh_tokens living
                 WHERE living.family = old.family AND living.used_at IS NULL AND living.revoked_at IS NULL
                       AND living.expires_at > now())
             ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
        SWEPT_AT_ONCE
    )
    .execute(pool)
    .await?;
    Ok(gone.rows_affected())
}

/// Makes all who change the family of a token wait for each other until this transaction ends; what is read after it is
/// what the one before left. Locks on rows would not do: a token that is just being added has no row yet to wait for.
async fn lock_family(connection: &mut sqlx::PgConnection, hash: &[u8; 32]) -> sqlx::Result<Option<Uuid>> {
    let family =
        sqlx::query_scalar!("SELECT family FROM refresh_tokens WHERE token_hash = $1", hash.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
    if let Some(family) = family {
        sqlx::query!(
            "SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || $1::uuid::text, 0))",
            family
        )
        .execute(connection)
        .await?;
    }
    Ok(family)
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

#[cfg(test)]
mod tests {
    use banyan_testkit::postgres::{Database, migrated_database, until_waiting};

    use super::*;

    struct SignIn {
        database: Database,
        pool: PgPool,
        ends: OffsetDateTime,
    }

    /// A sign-in whose first token is [1; 32].
    async fn sign_in() -> SignIn {
        let database = migrated_database().await.unwrap();
        let pool = PgPool::connect(database.url()).await.unwrap();
        let ends = OffsetDateTime::now_utc() + time::Duration::days(1);
        let first = NewToken {
            family: Uuid::now_v7(),
            wallet: Address::repeat_byte(1),
            hash: [1; 32],
            expires_at: ends,
        };
        keep(&pool, &first).await.unwrap();
        SignIn { database, pool, ends }
    }

    impl SignIn {
        async fn alive(&self) -> i64 {
            let count = "SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL AND revoked_at IS NULL";
            sqlx::query_scalar(count).fetch_one(&self.pool).await.unwrap()
        }
    }

    /// Holds the token's row, so that the refresh and then the other wait in this order, and lets both go.
    async fn refreshed_while<T>(sign_in: &SignIn, other: impl Future<Output = T>) -> (Spent, T) {
        let mut holding = sign_in.pool.begin().await.unwrap();
        sqlx::query("SELECT 1 FROM refresh_tokens FOR UPDATE").execute(&mut *holding).await.unwrap();
        let (spent, other, ()) = tokio::join!(
            async { spend(&sign_in.pool, &[1; 32], &[2; 32], sign_in.ends).await.unwrap() },
            async {
                until_waiting(&sign_in.pool, 1).await;
                other.await
            },
            async {
                until_waiting(&sign_in.pool, 2).await;
                holding.commit().await.unwrap();
            }
        );
        (spent, other)
    }

    #[tokio::test]
    async fn a_sign_out_ends_the_token_of_a_refresh_under_way() {
        let sign_in = sign_in().await;
        let (spent, ended) = refreshed_while(&sign_in, end(&sign_in.pool, &[1; 32])).await;
        ended.unwrap();
        assert!(matches!(spent, Spent::Replaced(_)));
        assert_eq!(sign_in.alive().await, 0, "in {}", sign_in.database.name());
    }

    #[tokio::test]
    async fn a_reuse_ends_the_token_of_a_refresh_under_way() {
        let sign_in = sign_in().await;
        let reuse = async { spend(&sign_in.pool, &[1; 32], &[3; 32], sign_in.ends).await.unwrap() };
        let (first, second) = refreshed_while(&sign_in, reuse).await;
        assert!(matches!((first, second), (Spent::Replaced(_), Spent::Reused(_))));
        assert_eq!(sign_in.alive().await, 0);
    }

    #[tokio::test]
    async fn a_family_ends_once() {
        let sign_in = sign_in().await;
        let spend = |old: u8, new: u8| {
            let (pool, ends) = (&sign_in.pool, sign_in.ends);
            async move { spend(pool, &[old; 32], &[new; 32], ends).await.unwrap() }
        };
        assert!(matches!(spend(1, 2).await, Spent::Replaced(_)));
        assert!(matches!(spend(1, 3).await, Spent::Reused(_)));
        assert!(matches!(spend(1, 4).await, Spent::Invalid), "the second reuse is no news");
        assert!(matches!(spend(2, 5).await, Spent::Invalid));
        assert_eq!(sign_in.alive().await, 0);
    }

    #[tokio::test]
    async fn what_ended_by_itself_is_swept_in_parts_and_a_reuse_is_noticed_until_then() {
        let sign_in = sign_in().await;
        assert!(matches!(
            spend(&sign_in.pool, &[1; 32], &[2; 32], sign_in.ends).await.unwrap(),
            Spent::Replaced(_)
        ));
        // Its first token is past its own lifetime by now; its second lives.
        let aged = "UPDATE refresh_tokens SET issued_at = now() - interval '31 days', expires_at = now() - interval '1 day'
                    WHERE token_hash = decode(repeat('01', 32), 'hex')";
        assert_eq!(sqlx::query(aged).execute(&sign_in.pool).await.unwrap().rows_affected(), 1);
        let old = "INSERT INTO refresh_tokens (id, family, wallet_address, token_hash, issued_at, expires_at, used_at)
                   SELECT gen_random_uuid(), gen_random_uuid(), '0x' || repeat('22', 20), sha256(n::text::bytea),
                          now() - interval '31 days', now() - interval '1 day', now() - interval '30 days'
                   FROM generate_series(1, 1500) AS n";
        sqlx::query(old).execute(&sign_in.pool).await.unwrap();
        let mut swept = Vec::new();
        for _ in 0..3 {
            swept.push(sweep(&sign_in.pool).await.unwrap());
        }
        assert_eq!(swept, [1_000, 500, 0], "the used token of a sign-in that goes on is not among them");
        let reuse = spend(&sign_in.pool, &[1; 32], &[3; 32], sign_in.ends).await.unwrap();
        assert!(matches!(reuse, Spent::Reused(_)));
        assert_eq!(sign_in.alive().await, 0);
        assert_eq!(
            sweep(&sign_in.pool).await.unwrap(),
            1,
            "the sign-in has ended, and its first token's lifetime too"
        );
    }

    #[tokio::test]
    async fn a_token_that_is_swept_while_somebody_spends_it_is_invalid() {
        let sign_in = sign_in().await;
        let gone = "DELETE FROM refresh_tokens";
        let family: Uuid =
            sqlx::query_scalar("SELECT family FROM refresh_tokens").fetch_one(&sign_in.pool).await.unwrap();
        let mut holding = sign_in.pool.begin().await.unwrap();
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || $1::text, 0))")
            .bind(family)
            .execute(&mut *holding)
            .await
            .unwrap();
        let (spent, ()) = tokio::join!(spend(&sign_in.pool, &[1; 32], &[2; 32], sign_in.ends), async {
            until_waiting(&sign_in.pool, 1).await;
            sqlx::query(gone).execute(&mut *holding).await.unwrap();
            holding.commit().await.unwrap();
        });
        assert!(matches!(spent.unwrap(), Spent::Invalid));
    }
}
