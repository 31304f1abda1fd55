//! The signer's permission to pay: one that the wallet was given and can still use, or a new one.
//!
//! The signer signs so many a minute for everybody together. Whoever asks for the same thing again gets the same payload,
//! so that nobody can use that up for all others by asking.

use alloy_primitives::{Bytes, Signature};
use banyan_chain::contract::{self, Role};
use banyan_chain::eip712::{Domain, Payload, Registration, Retopup};
use banyan_signer::protocol::{RegistrationRequest, RetopupRequest, SignedIntake};
use banyan_types::{Address, Amount, PlanHash};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::problem::Answer;
use crate::state::App;
use crate::store::intake::{Action, OpenPayload, open_payloads};

/// What a payload must have left to be given out again: time for a person to look and for a block to take it.
const MARGIN: Duration = Duration::minutes(5);

/// What a wallet wants to pay for.
pub enum Wanted {
    /// To register.
    Register(RegistrationRequest),
    /// To pay again.
    Retopup(RetopupRequest),
}

impl Wanted {
    /// What it is for.
    pub fn action(&self) -> Action {
        match self {
            Wanted::Register(_) => Action::Register,
            Wanted::Retopup(_) => Action::Retopup,
        }
    }

    /// Who pays.
    pub fn wallet(&self) -> Address {
        match self {
            Wanted::Register(request) => request.user,
            Wanted::Retopup(request) => request.user,
        }
    }

    /// How much.
    pub fn amount(&self) -> Amount {
        match self {
            Wanted::Register(request) => request.amount,
            Wanted::Retopup(request) => request.amount,
        }
    }

    /// Under which plan.
    pub fn plan(&self) -> PlanHash {
        match self {
            Wanted::Register(request) => request.plan,
            Wanted::Retopup(request) => request.plan,
        }
    }

    /// A new permission.
    pub async fn sign(&self, app: &App) -> Answer<SignedIntake> {
        match self {
            Wanted::Register(request) => Ok(app.signer.registration(request).await?),
            Wanted::Retopup(request) => Ok(app.signer.retopup(request).await?),
        }
    }

    /// The call that uses a permission.
    pub fn calldata(&self, signed: &SignedIntake) -> Bytes {
        let (nonce, deadline) = (signed.nonce, signed.deadline);
        match self {
            Wanted::Register(request) => {
                contract::register(&registration(request, nonce, deadline), &signed.signature)
            }
            Wanted::Retopup(request) => {
                contract::retopup(&retopup(request, nonce, deadline), &signed.signature)
            }
        }
    }

    fn payload(&self, nonce: u32, deadline: u64) -> Payload {
        match self {
            Wanted::Register(request) => Payload::Registration(registration(request, nonce, deadline)),
            Wanted::Retopup(request) => Payload::Retopup(retopup(request, nonce, deadline)),
        }
    }

    /// The permission in `open`, if it is for exactly this.
    fn matching(&self, open: &OpenPayload, domain: &Domain) -> Option<SignedIntake> {
        let nonce = u32::try_from(open.nonce).ok()?;
        let deadline = u64::try_from(open.expires_at.unix_timestamp()).ok()?;
        let payload = self.payload(nonce, deadline);
        let typed_data = payload.typed_data(domain);
        if serde_json::to_value(&typed_data).ok()? != open.payload {
            return None;
        }
        let digest = payload.digest(domain);
        let signature: Bytes = open.signature.parse().ok()?;
        let signer = Signature::from_raw(&signature).ok()?.recover_address_from_prehash(&digest).ok()?;
        Some(SignedIntake { typed_data, digest, signature, signer, nonce, deadline })
    }
}

fn registration(request: &RegistrationRequest, nonce: u32, deadline: u64) -> Registration {
    let &RegistrationRequest { user, sponsor, amount, plan } = request;
    Registration { user, sponsor, amount, plan, nonce, deadline }
}

fn retopup(request: &RetopupRequest, nonce: u32, deadline: u64) -> Retopup {
    let &RetopupRequest { user, amount, plan } = request;
    Retopup { user, amount, plan, nonce, deadline }
}

/// A permission for `wanted` that was given before and that the contract would still take for a while; `now` is block
/// time as of the books.
pub async fn unused(app: &App, wanted: &Wanted, now: OffsetDateTime) -> Answer<Option<(Uuid, SignedIntake)>> {
    let open = open_payloads(&app.pool, wanted.wallet(), wanted.action(), now + MARGIN).await?;
    let same = open.iter().find_map(|open| Some((open.id, wanted.matching(open, &app.domain)?)));
    let Some((id, signed)) = same else { return Ok(None) };
    // The books are some blocks behind; what was used in the latest one must not be given out again.
    let head = app.node().head_block().await?;
    let account = app.view.account(head.hash, wanted.wallet()).await?;
    let lasts = signed.deadline > head.time.saturating_add(MARGIN.whole_seconds().unsigned_abs());
    let usable = account.nonce == signed.nonce
        && lasts
        && app.view.has_role(head.hash, Role::IntakeSigner, signed.signer).await?;
    Ok(usable.then_some((id, signed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::signers::SignerSync as _;
    use alloy::signers::local::PrivateKeySigner;

    const DOMAIN: Domain = Domain { chain_id: 31337, contract: Address::repeat_byte(7) };
    const DEADLINE: i64 = 1_800_000_000;

    fn request() -> RegistrationRequest {
        RegistrationRequest {
            user: Address::repeat_byte(1),
            sponsor: Address::repeat_byte(2),
            amount: Amount::from_units(20).unwrap(),
            plan: PlanHash(alloy_primitives::B256::repeat_byte(3)),
        }
    }

    fn recorded(wanted: &Wanted, key: &PrivateKeySigner) -> OpenPayload {
        let payload = wanted.payload(4, DEADLINE.unsigned_abs());
        let signature = key.sign_hash_sync(&payload.digest(&DOMAIN)).unwrap();
        OpenPayload {
            id: Uuid::nil(),
            payload: serde_json::to_value(payload.typed_data(&DOMAIN)).unwrap(),
            signature: Bytes::copy_from_slice(&signature.as_bytes()).to_string(),
            nonce: 4,
            expires_at: OffsetDateTime::from_unix_timestamp(DEADLINE).unwrap(),
        }
    }

    #[test]
    fn the_same_wish_finds_its_payload_again_with_who_signed_it() {
        let key = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
        let wanted = Wanted::Register(request());
        let found = wanted.matching(&recorded(&wanted, &key), &DOMAIN).unwrap();
        assert_eq!((found.signer, found.nonce, found.deadline), (key.address(), 4, DEADLINE.unsigned_abs()));
        assert_eq!(found.digest, wanted.payload(4, DEADLINE.unsigned_abs()).digest(&DOMAIN));
    }

    #[test]
    fn another_wish_does_not() {
        let key = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
        let open = recorded(&Wanted::Register(request()), &key);
        let (user, amount, plan) = (request().user, request().amount, request().plan);
        for other in [
            Wanted::Register(RegistrationRequest { user: Address::repeat_byte(9), ..request() }),
            Wanted::Register(RegistrationRequest { sponsor: Address::ZERO, ..request() }),
            Wanted::Register(RegistrationRequest { amount: Amount::from_units(21).unwrap(), ..request() }),
            Wanted::Register(RegistrationRequest {
                plan: PlanHash(alloy_primitives::B256::ZERO),
                ..request()
            }),
            Wanted::Retopup(RetopupRequest { user, amount, plan }),
        ] {
            assert!(other.matching(&open, &DOMAIN).is_none());
        }
        let elsewhere = Domain { contract: Address::repeat_byte(8), ..DOMAIN };
        assert!(Wanted::Register(request()).matching(&open, &elsewhere).is_none());
    }
}
