//! From a request to a draft: catch up with the chain, ask the contract at the newest block, and let the policy decide.

use std::sync::Arc;
use std::time::Duration;

use alloy::primitives::Bytes;
use banyan_chain::contract::Role;
use banyan_chain::eip712::Payload;
use banyan_chain::node::Block;
use banyan_types::Amount;

use super::{Draft, Service};
use crate::no_signature::NoSignature;
use crate::policy::{self, IntakeContract, PayoutContract};
use crate::protocol::{PayoutBatchRequest, RegistrationRequest, RetopupRequest};

/// How long a request waits for the history to be read.
const PATIENCE: Duration = Duration::from_secs(5);

impl Service {
    pub(super) async fn draft_registration(
        &self,
        request: &RegistrationRequest,
    ) -> Result<(Draft, u32), NoSignature> {
        let head = self.catch_up().await?;
        let contract = self.intake_contract(&head, request.user, request.sponsor).await?;
        let decided = self
            .history
            .ask(|entitlements| policy::registration(request, &contract, entitlements, &self.limits));
        let payload = decided.map_err(NoSignature::Refused)?;
        let nonce = payload.nonce;
        Ok((intake(&head, Payload::Registration(payload)), nonce))
    }

    pub(super) async fn draft_retopup(&self, request: &RetopupRequest) -> Result<(Draft, u32), NoSignature> {
        let head = self.catch_up().await?;
        let contract = self.intake_contract(&head, request.user, request.user).await?;
        let decided =
            self.history.ask(|entitlements| policy::retopup(request, &contract, entitlements, &self.limits));
        let payload = decided.map_err(NoSignature::Refused)?;
        let nonce = payload.nonce;
        Ok((intake(&head, Payload::Retopup(payload)), nonce))
    }

    pub(super) async fn draft_batch(
        self: &Arc<Self>,
        request: &PayoutBatchRequest,
    ) -> Result<(Draft, Bytes), NoSignature> {
        let head = self.catch_up().await?;
        let contract = self.payout_contract(&head, request).await?;
        let (service, request) = (self.clone(), request.clone());
        // A root over many accounts is much hashing.
        let deciding = tokio::task::spawn_blocking(move || {
            service
                .history
                .ask(|entitlements| policy::payout_batch(&request, &contract, entitlements, &service.limits))
        });
        let decided = deciding.await.map_err(|error| NoSignature::Broken(error.to_string()))?;
        let grant = decided.map_err(NoSignature::Refused)?;
        let items = grant.payload.items.clone();
        let draft =
            Draft { payload: Payload::PayoutBatch(grant.payload), time: head.time, weight: grant.due };
        Ok((draft, items))
    }

    /// Reads all that our own node says is final, and names its newest block.
    async fn catch_up(&self) -> Result<Block, NoSignature> {
        if self.is_killed() {
            return Err(NoSignature::Killed);
        }
        let node = self.view.node();
        let (newest, last_final) = tokio::try_join!(node.head_block(), node.finalized_block(self.finality))?;
        let no_final = || NoSignature::NotReady("the signer's own node has no final block yet".to_owned());
        let last_final = last_final.ok_or_else(no_final)?;
        let seq = self.view.seq(last_final.hash).await?;
        self.history.reach(seq, PATIENCE).await?;
        Ok(newest)
    }

    async fn intake_contract(
        &self,
        head: &Block,
        user: alloy::primitives::Address,
        sponsor: alloy::primitives::Address,
    ) -> Result<IntakeContract, NoSignature> {
        let (view, key) = (&self.view, self.keys.intake.address());
        let both = [user, sponsor];
        let (plan, paused, may_sign, accounts) = tokio::try_join!(
            view.plan(head.hash),
            view.paused(head.hash),
            view.has_role(head.hash, Role::IntakeSigner, key),
            view.account_states(head.hash, &both),
        )?;
        let (user, sponsor) = (accounts[0], accounts[1]);
        Ok(IntakeContract { time: head.time, plan, paused, may_sign, user, sponsor })
    }

    async fn payout_contract(
        &self,
        at: &Block,
        request: &PayoutBatchRequest,
    ) -> Result<PayoutContract, NoSignature> {
        let (view, key) = (&self.view, self.keys.payout.address());
        let accounts: Vec<_> = request.items.iter().map(|item| item.account).collect();
        let (paused, may_sign, head, accounts) = tokio::try_join!(
            view.paused(at.hash),
            view.has_role(at.hash, Role::PayoutSigner, key),
            view.head_at(at.hash, request.seq),
            view.account_states(at.hash, &accounts),
        )?;
        Ok(PayoutContract { time: at.time, paused, may_sign, head, accounts })
    }
}

fn intake(head: &Block, payload: Payload) -> Draft {
    let one = Amount::from_units(1).expect("one is below 10^38");
    Draft { payload, time: head.time, weight: one }
}
