//! The service behind the wire: asks the contract and the history, lets the policy decide, signs, and has it all on
//! disk before anything leaves.

mod desk;
mod drafting;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use alloy::primitives::{Address, B256, Bytes};
use banyan_chain::ContractView;
use banyan_chain::eip712::{Domain, Payload};
use banyan_chain::node::Finality;
use banyan_types::Amount;

pub use desk::Desk;

use crate::audit::{AuditError, Event};
use crate::history::History;
use crate::keys::Keys;
use crate::no_signature::NoSignature;
use crate::policy::Limits;
use crate::protocol::{
    PayoutBatchRequest, RegistrationRequest, RetopupRequest, SignedBatch, SignedIntake, Status,
};
use crate::settings::PayloadKind;

/// All that answers requests.
#[derive(Debug)]
pub struct Service {
    domain: Domain,
    finality: Finality,
    view: ContractView,
    history: History,
    keys: Keys,
    limits: Limits,
    kill_switch: PathBuf,
    desk: Mutex<Desk>,
}

/// What to build a [`Service`] from.
#[derive(Debug)]
pub struct Parts {
    /// Chain and contract.
    pub domain: Domain,
    /// How the node is asked for the final block.
    pub finality: Finality,
    /// The contract on our own node.
    pub view: ContractView,
    /// Our own reading of its history.
    pub history: History,
    /// The keys.
    pub keys: Keys,
    /// The limits of decisions.
    pub limits: Limits,
    /// The file that stops all signing while it exists.
    pub kill_switch: PathBuf,
    /// Audit file and windows.
    pub desk: Desk,
}

/// A payload that may be signed.
#[derive(Debug)]
struct Draft {
    payload: Payload,
    /// Block time at which the limits count it.
    time: u64,
    /// What they count: wei for a batch, 1 for another payload.
    weight: Amount,
}

/// A signed payload.
#[derive(Debug)]
struct Signed {
    payload: Payload,
    digest: B256,
    signature: Bytes,
    signer: Address,
}

impl Service {
    /// Begins, which is the audit file's next line.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn start(parts: Parts) -> Result<Arc<Service>, AuditError> {
        let Parts { domain, finality, view, history, keys, limits, kill_switch, mut desk } = parts;
        desk.note(Event::Started {
            chain_id: domain.chain_id,
            contract: domain.contract,
            intake_signer: keys.intake.address(),
            payout_signer: keys.payout.address(),
        })?;
        let desk = Mutex::new(desk);
        Ok(Arc::new(Service { domain, finality, view, history, keys, limits, kill_switch, desk }))
    }

    /// Where the signer stands.
    pub fn status(&self) -> Status {
        let progress = self.history.progress();
        Status {
            chain_id: self.domain.chain_id,
            contract: self.domain.contract,
            seq: progress.seq,
            head: progress.head,
            block: progress.block,
            halted: progress.halted,
            killed: self.is_killed(),
            intake_signer: self.keys.intake.address(),
            payout_signer: self.keys.payout.address(),
        }
    }

    /// A permission to register, for the client of that name.
    ///
    /// # Errors
    /// Why there is none; the audit file has it, too.
    pub async fn registration(
        self: &Arc<Self>,
        client: &str,
        request: RegistrationRequest,
    ) -> Result<SignedIntake, NoSignature> {
        let drafted = self.draft_registration(&request).await;
        let nonce = drafted.as_ref().map_or(0, |(_, nonce)| *nonce);
        let drafted = drafted.map(|(draft, _)| draft);
        let signed = self.conclude(client, PayloadKind::Registration, &request, drafted).await?;
        Ok(self.intake_answer(signed, nonce))
    }

    /// A permission to pay again, for the client of that name.
    ///
    /// # Errors
    /// Why there is none; the audit file has it, too.
    pub async fn retopup(
        self: &Arc<Self>,
        client: &str,
        request: RetopupRequest,
    ) -> Result<SignedIntake, NoSignature> {
        let drafted = self.draft_retopup(&request).await;
        let nonce = drafted.as_ref().map_or(0, |(_, nonce)| *nonce);
        let drafted = drafted.map(|(draft, _)| draft);
        let signed = self.conclude(client, PayloadKind::Retopup, &request, drafted).await?;
        Ok(self.intake_answer(signed, nonce))
    }

    /// A batch, for the client of that name.
    ///
    /// # Errors
    /// Why there is none; the audit file has it, too.
    pub async fn payout_batch(
        self: &Arc<Self>,
        client: &str,
        request: PayoutBatchRequest,
    ) -> Result<SignedBatch, NoSignature> {
        let drafted = self.draft_batch(&request).await;
        let items = drafted.as_ref().map_or_else(|_| Bytes::new(), |(_, items)| items.clone());
        let drafted = drafted.map(|(draft, _)| draft);
        let signed = self.conclude(client, PayloadKind::PayoutBatch, &request, drafted).await?;
        Ok(SignedBatch {
            typed_data: signed.payload.typed_data(&self.domain),
            digest: signed.digest,
            signature: signed.signature,
            signer: signed.signer,
            deadline: signed.payload.deadline(),
            items,
        })
    }

    fn intake_answer(&self, signed: Signed, nonce: u32) -> SignedIntake {
        SignedIntake {
            typed_data: signed.payload.typed_data(&self.domain),
            digest: signed.digest,
            signature: signed.signature,
            signer: signed.signer,
            nonce,
            deadline: signed.payload.deadline(),
        }
    }

    fn is_killed(&self) -> bool {
        // What cannot be looked up counts as thrown.
        self.kill_switch.try_exists().unwrap_or(true)
    }
}
