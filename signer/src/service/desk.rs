//! Where one request after the other is concluded: limits, kill switch, signature, audit file, in this order, and only
//! then the answer.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use banyan_types::Amount;
use serde::Serialize;
use serde_json::Value;

use super::{Draft, Service, Signed};
use crate::audit::{Audit, AuditError, Event, Outcome};
use crate::limits::Window;
use crate::no_signature::NoSignature;
use crate::settings::{LimitSettings, PayloadKind};

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// The audit file and what was signed lately.
#[derive(Debug)]
pub struct Desk {
    audit: Audit,
    intake: Window,
    payouts: Window,
}

impl Desk {
    /// Opens the audit file; what it says was signed in the last minute and hour of block time still counts.
    ///
    /// # Errors
    /// What is wrong with the audit file.
    pub fn open(path: &Path, limits: &LimitSettings) -> Result<Desk, AuditError> {
        let per_minute =
            Amount::from_units(limits.intake_per_minute.into()).expect("32 bits are below 10^38");
        let mut intake = Window::new(MINUTE, per_minute);
        let mut payouts = Window::new(HOUR, limits.payouts_per_hour);
        let audit = Audit::open(path, |event| {
            if let Event::Request { payload, outcome: Outcome::Signed { time, counted, .. }, .. } = event {
                let is_batch = payload == PayloadKind::PayoutBatch.name();
                let window = if is_batch { &mut payouts } else { &mut intake };
                window.note(*time, *counted);
            }
        })?;
        Ok(Desk { audit, intake, payouts })
    }

    /// Appends to the audit file.
    pub(super) fn note(&mut self, event: Event) -> Result<(), AuditError> {
        self.audit.append(event)
    }

    fn window(&mut self, kind: PayloadKind) -> &mut Window {
        match kind {
            PayloadKind::Registration | PayloadKind::Retopup => &mut self.intake,
            PayloadKind::PayoutBatch => &mut self.payouts,
        }
    }
}

impl Service {
    /// Notes a request of an authenticated client that came to nothing before it was understood; its text and the
    /// reason go to the audit file.
    pub async fn turn_away(
        self: &Arc<Self>,
        client: &str,
        kind: PayloadKind,
        request: Value,
        reason: NoSignature,
    ) -> NoSignature {
        let (service, client) = (self.clone(), client.to_owned());
        let noting = tokio::task::spawn_blocking(move || {
            service.note(client, kind, request, unsigned(&reason)).map_or_else(|broken| broken, |()| reason)
        });
        noting.await.unwrap_or_else(|error| NoSignature::Broken(error.to_string()))
    }

    /// Signs what was drafted, unless a limit or the kill switch forbids it; the audit file has the request and its
    /// outcome before this returns.
    pub(super) async fn conclude<R: Serialize>(
        self: &Arc<Self>,
        client: &str,
        kind: PayloadKind,
        request: &R,
        drafted: Result<Draft, NoSignature>,
    ) -> Result<Signed, NoSignature> {
        let request =
            serde_json::to_value(request).map_err(|error| NoSignature::Broken(error.to_string()))?;
        let (service, client) = (self.clone(), client.to_owned());
        // Signing and waiting for the disk would hold up other requests.
        tokio::task::spawn_blocking(move || match drafted {
            Ok(draft) => service.sign_and_note(client, kind, request, draft),
            Err(reason) => {
                service.note(client, kind, request, unsigned(&reason))?;
                Err(reason)
            }
        })
        .await
        .map_err(|error| NoSignature::Broken(error.to_string()))?
    }

    fn sign_and_note(
        &self,
        client: String,
        kind: PayloadKind,
        request: Value,
        draft: Draft,
    ) -> Result<Signed, NoSignature> {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = self.sign(&mut desk, kind, &draft);
        let outcome = match &signed {
            Ok(signed) => Outcome::Signed {
                time: draft.time,
                counted: draft.weight,
                digest: signed.digest,
                signature: signed.signature.clone(),
                signer: signed.signer,
                deadline: signed.payload.deadline(),
            },
            Err(reason) => unsigned(reason),
        };
        append(&mut desk, client, kind, request, outcome)?;
        if signed.is_ok() {
            desk.window(kind).note(draft.time, draft.weight);
        }
        signed
    }

    fn sign(&self, desk: &mut Desk, kind: PayloadKind, draft: &Draft) -> Result<Signed, NoSignature> {
        if self.is_killed() {
            return Err(NoSignature::Killed);
        }
        let window = desk.window(kind);
        if !window.has_room(draft.time, draft.weight) {
            return Err(NoSignature::Limited(over_limit(kind, window, draft)));
        }
        let key = match kind {
            PayloadKind::Registration | PayloadKind::Retopup => &self.keys.intake,
            PayloadKind::PayoutBatch => &self.keys.payout,
        };
        let digest = draft.payload.digest(&self.domain);
        let signature = key.sign(digest).map_err(|error| NoSignature::Broken(error.to_string()))?;
        Ok(Signed { payload: draft.payload.clone(), digest, signature, signer: key.address() })
    }

    fn note(
        &self,
        client: String,
        kind: PayloadKind,
        request: Value,
        outcome: Outcome,
    ) -> Result<(), NoSignature> {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        append(&mut desk, client, kind, request, outcome)
    }
}

fn append(
    desk: &mut Desk,
    client: String,
    kind: PayloadKind,
    request: Value,
    outcome: Outcome,
) -> Result<(), NoSignature> {
    let event = Event::Request { client, payload: kind.name().to_owned(), request, outcome };
    desk.note(event).map_err(|error| {
        tracing::error!(%error, "nothing is signed without the audit file");
        NoSignature::Broken(error.to_string())
    })
}

fn unsigned(reason: &NoSignature) -> Outcome {
    match reason {
        NoSignature::Refused(refusals) => Outcome::Refused { refusals: refusals.clone() },
        NoSignature::BadRequest(_)
        | NoSignature::Unauthenticated
        | NoSignature::Forbidden(_)
        | NoSignature::NotFound(_)
        | NoSignature::Limited(_)
        | NoSignature::Killed
        | NoSignature::NotReady(_)
        | NoSignature::Broken(_) => {
            Outcome::Unsigned { status: reason.status(), detail: reason.problem().detail }
        }
    }
}

fn over_limit(kind: PayloadKind, window: &Window, draft: &Draft) -> String {
    let (limit, passed, asked) = (window.limit(), window.passed(draft.time), draft.weight);
    match kind {
        PayloadKind::Registration | PayloadKind::Retopup => format!(
            "expected at most {limit} registrations and retopups in a minute of block time, and {passed} have been \
             signed: ask again later, or raise limits.intake_per_minute"
        ),
        PayloadKind::PayoutBatch => format!(
            "expected batches of at most {limit} wei in an hour of block time, {passed} have been signed and this one \
             pays {asked}: ask again later, or raise limits.payouts_per_hour"
        ),
    }
}
