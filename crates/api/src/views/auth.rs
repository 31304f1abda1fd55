//! Signing in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Moment;
use super::people::User;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NonceRequest {
    /// The wallet.
    #[schema(example = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
    pub wallet: String,
}

/// What the wallet is to sign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NonceAnswer {
    /// Good for one sign-in.
    pub nonce: String,
    /// The EIP-4361 message: sign it as it is (`wallet.signMessage(message)`).
    pub message: String,
    /// Until when the nonce may be used.
    pub expires_at: Moment,
}

/// A signed message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The wallet.
    pub wallet: String,
    /// Its signature over the message of the nonce, 0x-hex.
    pub signature: String,
    /// The nonce.
    pub nonce: String,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshToken {
    /// The token that the last sign-in or refresh gave.
    pub refresh_token: String,
}

/// What a sign-in gives.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// For the header `Authorization: Bearer …`.
    pub access_token: String,
    /// Good for one use of `/auth/refresh`.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: u32,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Who signed in.
    pub user: User,
}
