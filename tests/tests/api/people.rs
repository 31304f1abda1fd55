//! A person with a wallet, as a dApp acts for them.

use alloy::primitives::Address;
use alloy::signers::Signer as _;
use alloy::signers::local::PrivateKeySigner;
use reqwest::Method;
use serde_json::{Value, json};

use super::world::{Answer, World};

/// Somebody who uses the API.
pub struct Person {
    wallet: PrivateKeySigner,
    token: Option<String>,
    /// The refresh token of the sign-in.
    pub refresh: String,
}

impl Person {
    /// Somebody with this wallet, not signed in.
    pub fn new(wallet: PrivateKeySigner) -> Person {
        Person { wallet, token: None, refresh: String::new() }
    }

    /// The wallet's address.
    pub fn address(&self) -> Address {
        self.wallet.address()
    }

    /// The access token of the sign-in.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("somebody who signed in")
    }

    /// Signs a text as wallets do (EIP-191).
    pub async fn sign(&self, text: &str) -> String {
        let signature = self.wallet.sign_message(text.as_bytes()).await.unwrap();
        format!("0x{}", alloy::hex::encode(signature.as_bytes()))
    }

    /// Signs in.
    pub async fn sign_in(&mut self, world: &World) -> Value {
        let wallet = self.address().to_string();
        let asked = json!({ "wallet": wallet });
        let nonce = world.ask(Method::POST, "/auth/nonce", None, Some(&asked)).await.ok();
        let signature = self.sign(nonce["message"].as_str().unwrap()).await;
        let body = json!({ "wallet": wallet, "signature": signature, "nonce": nonce["nonce"] });
        let session = world.ask(Method::POST, "/auth/wallet", None, Some(&body)).await.ok();
        self.token = session["accessToken"].as_str().map(str::to_owned);
        self.refresh = session["refreshToken"].as_str().unwrap().to_owned();
        session
    }

    /// A GET with the access token.
    pub async fn get(&self, world: &World, path: &str) -> Answer {
        world.ask(Method::GET, path, self.token.as_deref(), None).await
    }

    /// A POST with the access token.
    pub async fn post(&self, world: &World, path: &str, body: Value) -> Answer {
        world.ask(Method::POST, path, self.token.as_deref(), Some(&body)).await
    }

    /// A POST with whatever body and headers.
    pub async fn post_raw(&self, world: &World, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        world.ask_raw(Method::POST, path, self.token.as_deref(), Some(body.to_owned()), headers).await
    }

    /// Registers under `sponsor` and waits until the books have it; says what the API quoted.
    pub async fn register(&self, world: &World, sponsor: &str) -> Value {
        let prepared = self.post(world, "/users/register", json!({ "sponsor": sponsor })).await.ok();
        let (succeeded, hash) = world.send(self.address(), &prepared["call"]).await;
        assert!(succeeded, "{prepared:#}");
        let confirmation = json!({ "transactionId": prepared["transactionId"], "txHash": hash });
        let confirmed = self.post(world, "/users/register/confirm", confirmation).await.ok();
        assert_eq!(confirmed["txHash"], hash);
        world
            .until("the registration in the books", || async {
                let profile = self.get(world, "/users/me").await.ok();
                profile["user"]["id"].is_number().then_some(())
            })
            .await;
        prepared
    }

    /// The balances in wei as the API says them.
    pub async fn balances(&self, world: &World) -> Value {
        self.get(world, "/users/me").await.ok()["balances"].clone()
    }
}
