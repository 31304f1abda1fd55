//! The wire: HTTP and JSON, a bearer token for each client, and problems that say what was expected.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use banyan_types::strict::with_nearest_key;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clients::{Client, Clients};
use crate::no_signature::NoSignature;
use crate::protocol::{PayoutBatchRequest, RegistrationRequest, RetopupRequest};
use crate::service::Service;
use crate::settings::PayloadKind;

/// Two hundred items need a tenth of this.
const LARGEST_BODY: usize = 256 * 1024;
/// How much of a body that is no request goes to the audit file.
const SHOWN: usize = 1024;

/// What every route sees.
#[derive(Clone, Debug)]
struct Front {
    service: Arc<Service>,
    clients: Arc<Clients>,
}

/// All routes.
pub fn router(service: Arc<Service>, clients: Clients) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/v1/status", get(status))
        .route("/v1/registrations", post(registrations))
        .route("/v1/retopups", post(retopups))
        .route("/v1/payout-batches", post(payout_batches))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Front { service, clients: Arc::new(clients) })
}

async fn healthz(State(front): State<Front>) -> Response {
    let status = front.service.status();
    match status.halted {
        None => Json(json!({ "status": "ok", "seq": status.seq, "block": status.block })).into_response(),
        Some(reason) => {
            let body = Json(json!({ "status": "halted", "reason": reason }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn status(State(front): State<Front>, headers: HeaderMap) -> Result<Response, NoSignature> {
    front.client(&headers)?;
    Ok(Json(front.service.status()).into_response())
}

async fn registrations(
    State(front): State<Front>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, NoSignature> {
    let (client, request) =
        front.receive::<RegistrationRequest>(PayloadKind::Registration, &headers, body).await?;
    front.service.registration(client, request).await.map(|signed| Json(signed).into_response())
}

async fn retopups(
    State(front): State<Front>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, NoSignature> {
    let (client, request) = front.receive::<RetopupRequest>(PayloadKind::Retopup, &headers, body).await?;
    front.service.retopup(client, request).await.map(|signed| Json(signed).into_response())
}

async fn payout_batches(
    State(front): State<Front>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, NoSignature> {
    let (client, request) =
        front.receive::<PayoutBatchRequest>(PayloadKind::PayoutBatch, &headers, body).await?;
    front.service.payout_batch(client, request).await.map(|signed| Json(signed).into_response())
}

async fn not_found(uri: Uri) -> NoSignature {
    NoSignature::NotFound(format!("expected a path of the signer (such as /v1/status), got {}", uri.path()))
}

async fn wrong_method(uri: Uri) -> NoSignature {
    NoSignature::NotFound(format!("{} does not take this method", uri.path()))
}

impl Front {
    fn client(&self, headers: &HeaderMap) -> Result<&Client, NoSignature> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer "));
        token.and_then(|token| self.clients.by_token(token)).ok_or(NoSignature::Unauthenticated)
    }

    /// Who asks, and for what.
    async fn receive<T: DeserializeOwned>(
        &self,
        kind: PayloadKind,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<(&str, T), NoSignature> {
        let client = self.client(headers)?;
        let understood = match &body {
            Ok(body) if client.may(kind) => read::<T>(body),
            Ok(_) => Err(NoSignature::Forbidden(format!(
                "the client {:?} may not ask for {}: its `may` in the signer's settings does not name it",
                client.name(),
                kind.name()
            ))),
            Err(rejection) => Err(NoSignature::BadRequest(format!(
                "expected a body of at most {LARGEST_BODY} bytes: {rejection}"
            ))),
        };
        match understood {
            Ok(request) => Ok((client.name(), request)),
            Err(reason) => {
                let shown = shown(&body.unwrap_or_default());
                Err(self.service.turn_away(client.name(), kind, shown, reason).await)
            }
        }
    }
}

/// Strict: unknown and repeated fields are refused.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, NoSignature> {
    serde_json::from_slice(body).map_err(|error| {
        NoSignature::BadRequest(format!(
            "the body is no such request: {}",
            with_nearest_key(&error.to_string())
        ))
    })
}

/// The beginning of a body that was not understood.
fn shown(body: &[u8]) -> Value {
    let beginning = &body[..body.len().min(SHOWN)];
    Value::String(String::from_utf8_lossy(beginning).into_owned())
}

impl IntoResponse for NoSignature {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        let json = header::HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        match self {
            NoSignature::Limited(_) | NoSignature::NotReady(_) => {
                headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            NoSignature::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            }
            NoSignature::Refused(_)
            | NoSignature::BadRequest(_)
            | NoSignature::Forbidden(_)
            | NoSignature::NotFound(_)
            | NoSignature::Killed
            | NoSignature::Broken(_) => {}
        }
        response
    }
}
