//! Signing in, staying signed in, signing out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use banyan_types::Address;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::auth::{Given, Message, Nonces, family_start, new_token, token_hash, verify};
use crate::extract::{Body, address};
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::actions::{self, Action};
use crate::store::people::{self, UserKey};
use crate::store::sessions::{self, Spent};
use crate::views::Moment;
use crate::views::auth::{NonceAnswer, NonceRequest, RefreshToken, Session, SignIn};
use crate::views::people::User;

/// Get a message to sign
///
/// The nonce in it is good for one sign-in, for five minutes.
#[utoipa::path(post, path = "/v1/auth/nonce", tag = "auth", request_body = NonceRequest,
    responses((status = 200, description = "Sign `message` as it is", body = NonceAnswer)))]
pub async fn nonce(State(app): State<App>, Body(request): Body<NonceRequest>) -> Answer<Json<NonceAnswer>> {
    let wallet = address("wallet", &request.wallet)?;
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).map_err(Problem::internal)?;
    let (nonce, expires_at) = Nonces::fresh(now)?;
    let message = Message {
        domain: &app.settings.domain,
        wallet,
        uri: &app.settings.uri,
        chain_id: app.domain.chain_id,
        nonce: &nonce,
        issued_at: now,
        expires_at,
    }
    .text();
    app.nonces.keep(&nonce, &Given { wallet, message: message.clone() }).await?;
    Ok(Json(NonceAnswer { nonce, message, expires_at: Moment(expires_at) }))
}

/// Sign in with a signed message
///
/// Takes the signature of a key (EIP-191) or of a contract wallet (EIP-1271).
#[utoipa::path(post, path = "/v1/auth/wallet", tag = "auth", request_body = SignIn,
    responses((status = 200, description = "Signed in", body = Session)))]
pub async fn wallet(State(app): State<App>, Body(request): Body<SignIn>) -> Answer<Json<Session>> {
    let wallet = address("wallet", &request.wallet)?;
    let given = app.nonces.take(&request.nonce, wallet).await?;
    verify(app.node(), wallet, &given.message, &request.signature).await?;
    let token = new_token()?;
    let start = family_start(wallet, &token, OffsetDateTime::now_utc(), app.settings.refresh_token_days);
    sessions::keep(&app.pool, &start).await?;
    session(&app, wallet, token).await.map(Json)
}

/// Get a new pair of tokens
///
/// A refresh token is good for one use. When a spent one comes again somebody else may have it, so the whole sign-in ends.
#[utoipa::path(post, path = "/v1/auth/refresh", tag = "auth", request_body = RefreshToken,
    responses((status = 200, description = "A new pair", body = Session)))]
pub async fn refresh(State(app): State<App>, Body(request): Body<RefreshToken>) -> Answer<Json<Session>> {
    let successor = new_token()?;
    let expires_at = OffsetDateTime::now_utc() + Duration::days(i64::from(app.settings.refresh_token_days));
    let (old, new) = (token_hash(&request.refresh_token), token_hash(&successor));
    match sessions::spend(&app.pool, &old, &new, expires_at).await? {
        Spent::Replaced(wallet) => session(&app, wallet, successor).await.map(Json),
        Spent::Invalid => Err(Problem::field(
            Kind::InvalidRefreshToken,
            "refreshToken",
            "expected the refresh token of the last sign-in or refresh, got one that is unknown, expired or signed out: sign in again",
        )),
        Spent::Reused(wallet) => {
            let actor = wallet.to_string();
            let action = Action {
                actor: &actor,
                action: "session.reuse",
                subject: &actor,
                detail: json!({"family": "ended"}),
            };
            actions::log_done(&app.pool, &action).await?;
            tracing::warn!(
                alarm = "refresh_token_reused",
                wallet = actor,
                "a spent refresh token came again"
            );
            Err(Problem::field(
                Kind::RefreshTokenReused,
                "refreshToken",
                "this refresh token was used before, so somebody else may have it: the sign-in has ended, sign in again",
            ))
        }
    }
}

/// Sign out
///
/// Ends the sign-in that the refresh token belongs to. Its access token ends by itself within a quarter of an hour.
#[utoipa::path(post, path = "/v1/auth/logout", tag = "auth", request_body = RefreshToken,
    responses((status = 204, description = "Signed out, or was not signed in")))]
pub async fn logout(State(app): State<App>, Body(request): Body<RefreshToken>) -> Answer<StatusCode> {
    sessions::end(&app.pool, &token_hash(&request.refresh_token)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn session(app: &App, wallet: Address, refresh_token: String) -> Answer<Session> {
    let roles = app.operators.roles(wallet);
    let mut connection = app.pool.acquire().await?;
    let person = people::find(&mut connection, UserKey::Wallet(wallet)).await?;
    let seconds = app.settings.access_token_seconds;
    let access_token = app
        .session_keys
        .sign(wallet, roles.clone(), OffsetDateTime::now_utc(), seconds)
        .map_err(Problem::internal)?;
    Ok(Session {
        access_token,
        refresh_token,
        expires_in: seconds,
        token_type: "Bearer",
        user: User::new(wallet, person.as_ref(), roles),
    })
}
