//! Asks the signer, from Rust: what the API and settlement use.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::protocol::{
    PayoutBatchRequest, Problem, RegistrationRequest, RetopupRequest, SignedBatch, SignedIntake, Status,
};

/// A connection to the signer with one client's token.
#[derive(Clone, Debug)]
pub struct SignerClient {
    http: reqwest::Client,
    url: String,
    token: SecretString,
}

/// Why there is no signature. Only [`ClientError::Refused`] and [`ClientError::Rejected`] are final.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClientError {
    /// The chain and the plan do not justify the request; the problem's refusals say what.
    #[error("the signer refuses: {}", .0.detail)]
    Refused(Problem),
    /// Not now: it is not caught up, killed, or over a limit. Ask again.
    #[error("the signer does not sign now: {}", .0.detail)]
    NotNow(Problem),
    /// The request itself or its token is wrong: our own mistake.
    #[error("the signer rejects the request with status {}: {}", .0.status, .0.detail)]
    Rejected(Problem),
    /// The signer itself is broken.
    #[error("the signer fails: {}", .0.detail)]
    Failed(Problem),
    /// Nobody answered in time; whether something was signed is unknown (and harmless: it never left).
    #[error("the signer at {url} cannot be reached ({reason}): start it, or correct signer.url")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// What the connection said.
        reason: String,
    },
    /// What came is no answer of a signer.
    #[error("expected a signer's answer from {url}, got {reason}: correct signer.url")]
    Malformed {
        /// Who answered.
        url: String,
        /// What came.
        reason: String,
    },
}

impl SignerClient {
    /// A client for the signer at `url` (such as `http://127.0.0.1:7070`); each answer is awaited for `timeout` at
    /// most. Nothing is sent yet.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(url: &str, token: SecretString, timeout: Duration) -> Result<SignerClient, ClientError> {
        let url = url.trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder().timeout(timeout).build();
        let http = http.map_err(|error| unreachable(&url, &error))?;
        Ok(SignerClient { http, url, token })
    }

    /// Where the signer stands.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.send(self.http.get(format!("{}/v1/status", self.url))).await
    }

    /// Asks for a permission to register.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn registration(&self, request: &RegistrationRequest) -> Result<SignedIntake, ClientError> {
        self.send(self.http.post(format!("{}/v1/registrations", self.url)).json(request)).await
    }

    /// Asks for a permission to pay again.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn retopup(&self, request: &RetopupRequest) -> Result<SignedIntake, ClientError> {
        self.send(self.http.post(format!("{}/v1/retopups", self.url)).json(request)).await
    }

    /// Asks for a payout batch.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn payout_batch(&self, request: &PayoutBatchRequest) -> Result<SignedBatch, ClientError> {
        self.send(self.http.post(format!("{}/v1/payout-batches", self.url)).json(request)).await
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let request = request.bearer_auth(self.token.expose_secret());
        let response = request.send().await.map_err(|error| unreachable(&self.url, &error))?;
        if !response.status().is_success() {
            return Err(self.problem(response).await);
        }
        response.json().await.map_err(|error| self.malformed(&error))
    }

    async fn problem(&self, response: Response) -> ClientError {
        match response.json::<Problem>().await {
            Ok(problem) => match problem.status {
                422 => ClientError::Refused(problem),
                429 | 503 => ClientError::NotNow(problem),
                500 => ClientError::Failed(problem),
                _ => ClientError::Rejected(problem),
            },
            Err(error) => self.malformed(&error),
        }
    }

    fn malformed(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Malformed { url: self.url.clone(), reason: without_url(error) }
    }
}

fn unreachable(url: &str, error: &reqwest::Error) -> ClientError {
    ClientError::Unreachable { url: url.to_owned(), reason: without_url(error) }
}

/// The innermost cause; the outer ones repeat the address.
fn without_url(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
