//! Doing what was decided: each step is one database transaction, or one message to a node with a note on both sides.

use banyan_chain::node::SendOutcome;
use banyan_ledger::store::try_seal;
use banyan_types::B256;

use super::{Milestone, Result, Settler};
use crate::batch::{Observation, Outcome, State, Step, verdicts};
use crate::error::SettlementError;
use crate::fees::Fee;
use crate::payouts::calldata;
use crate::store::{self, Ending, Leader, NewAttempt, OpenBatch};

impl Settler {
    /// Makes one step; whether the batch should be looked at again in this turn.
    pub(super) async fn apply(
        &mut self,
        leader: &mut Leader,
        open: &OpenBatch,
        seen: &Observation,
        step: Step,
    ) -> Result<bool> {
        match step {
            Step::Wait(_) | Step::Simulate => Ok(false),
            Step::Sign => self.sign(open).await,
            Step::Queue => self.queue(open).await,
            Step::Send { nonce, fee } => self.send(leader, open, seen, nonce, fee).await,
            Step::Resend { attempt } => self.resend(leader, open.batch.attempts[attempt].tx_hash).await,
            Step::Include { attempt, block } => {
                let tx_hash = open.batch.attempts[attempt].tx_hash;
                store::include(leader.connection(), open.id, tx_hash, block).await?;
                store::record_verdicts(leader.connection(), &[(tx_hash, Outcome::Included)]).await?;
                (self.passing)(Milestone::Included);
                Ok(true)
            }
            Step::Return => {
                store::return_to_broadcast(leader.connection(), open.id).await?;
                if let Some(tx_hash) = open.batch.tx_hash {
                    store::record_verdicts(leader.connection(), &[(tx_hash, Outcome::Unknown)]).await?;
                }
                Ok(true)
            }
            Step::Finalize { tx_hash, block } => self.finalize(leader, open, seen, tx_hash, block).await,
            Step::Settle { out } => {
                self.close(leader, open, None, &[State::Final], Ending::Settled { out }).await
            }
            Step::Expire => {
                let from = [State::Signed, State::Queued, State::Broadcast, State::Final];
                self.close(leader, open, Some(seen), &from, Ending::Expired).await
            }
            Step::Abandon(reason) => {
                let from = [State::Building, State::Signed, State::Queued, State::Broadcast];
                self.close(leader, open, Some(seen), &from, Ending::Abandoned { reason }).await
            }
        }
    }

    async fn sign(&self, open: &OpenBatch) -> Result<bool> {
        match self.parts.payouts.sign_batch(open.id).await {
            Ok(_) => {
                (self.passing)(Milestone::Signed);
                Ok(true)
            }
            Err(error) => not_now(error),
        }
    }

    async fn queue(&self, open: &OpenBatch) -> Result<bool> {
        match self.parts.payouts.queue_batch(open.id).await {
            Ok(_) => {
                (self.passing)(Milestone::Queued);
                Ok(true)
            }
            Err(error) => not_now(error),
        }
    }

    /// Writes a new attempt down, then sends it.
    async fn send(
        &self,
        leader: &mut Leader,
        open: &OpenBatch,
        seen: &Observation,
        nonce: u64,
        fee: Fee,
    ) -> Result<bool> {
        let Some(detail) = store::detail(leader.connection(), open.id).await? else { return Ok(false) };
        let Some(data) = calldata(&detail)? else { return Ok(false) };
        let signed = self.parts.executor.sign(data, detail.items.len(), nonce, fee)?;
        let last_words: Vec<(B256, Outcome)> = open
            .batch
            .attempts
            .iter()
            .zip(verdicts(&open.batch, seen))
            .filter(|(attempt, _)| attempt.nonce != nonce)
            .map(|(attempt, verdict)| (attempt.tx_hash, verdict))
            .collect();
        let mut work = leader.begin().await?;
        let attempt = NewAttempt { batch: open.id, nonce, tx_hash: signed.hash, raw: &signed.raw, fee };
        if store::write_attempt(&mut work, &attempt).await?.is_none() {
            return Ok(true);
        }
        store::record_verdicts(&mut work, &last_words).await?;
        store::commit(work).await?;
        (self.passing)(Milestone::Written);
        self.deliver(leader, signed.hash, &signed.raw).await
    }

    async fn resend(&self, leader: &mut Leader, tx_hash: B256) -> Result<bool> {
        let raw = store::raw_attempt(leader.connection(), tx_hash).await?;
        self.deliver(leader, tx_hash, &raw).await
    }

    /// Hands an attempt that is on disk to the node, and keeps the answer.
    async fn deliver(&self, leader: &mut Leader, tx_hash: B256, raw: &[u8]) -> Result<bool> {
        let answer = self.parts.node.send_raw(raw).await;
        (self.passing)(Milestone::Sent);
        let (outcome, detail) = match answer {
            SendOutcome::Accepted => (Outcome::Accepted, None),
            SendOutcome::AlreadyKnown => (Outcome::Accepted, Some("the node had it already".to_owned())),
            SendOutcome::Refused { reason, message } => (Outcome::Refused(reason), Some(message)),
            SendOutcome::Unknown { message } => (Outcome::Unknown, Some(message)),
        };
        tracing::info!(%tx_hash, outcome = outcome.word(), detail, "attempt sent");
        store::record_answer(leader.connection(), tx_hash, outcome, detail.as_deref()).await?;
        (self.passing)(Milestone::Answered);
        // The node needs a moment; what it says of the transaction is seen in the next turn.
        Ok(false)
    }

    async fn finalize(
        &self,
        leader: &mut Leader,
        open: &OpenBatch,
        seen: &Observation,
        tx_hash: B256,
        block: u64,
    ) -> Result<bool> {
        let mut work = leader.begin().await?;
        store::finalize(&mut work, open.id, tx_hash, block).await?;
        store::record_verdicts(&mut work, &last_words(open, seen)).await?;
        store::commit(work).await?;
        (self.passing)(Milestone::Finalized);
        Ok(true)
    }

    async fn close(
        &self,
        leader: &mut Leader,
        open: &OpenBatch,
        seen: Option<&Observation>,
        from: &[State],
        ending: Ending,
    ) -> Result<bool> {
        let mut work = leader.begin().await?;
        if store::close(&mut work, open.id, from, &ending).await? {
            if let Some(seen) = seen {
                store::record_verdicts(&mut work, &last_words(open, seen)).await?;
            }
            (self.passing)(Milestone::Closing);
            store::commit(work).await?;
            try_seal(&self.parts.pool).await;
            (self.passing)(Milestone::Closed);
        }
        Ok(true)
    }
}

fn last_words(open: &OpenBatch, seen: &Observation) -> Vec<(B256, Outcome)> {
    let hashes = open.batch.attempts.iter().map(|attempt| attempt.tx_hash);
    hashes.zip(verdicts(&open.batch, seen)).collect()
}

/// What keeps a batch where it is is logged; only the database's faults end the turn.
fn not_now(error: SettlementError) -> Result<bool> {
    match error {
        SettlementError::Storage(_) => Err(error),
        SettlementError::SignerRefused { .. }
        | SettlementError::SignerUnavailable { .. }
        | SettlementError::NotItsSignature { .. }
        | SettlementError::UnknownBatch(_)
        | SettlementError::WrongState { .. }
        | SettlementError::Held(_)
        | SettlementError::Stopped { .. }
        | SettlementError::BooksNotReady
        | SettlementError::NothingToPay { .. }
        | SettlementError::Payload(_)
        | SettlementError::Node(_)
        | SettlementError::Key(_)
        | SettlementError::Metrics(_) => {
            tracing::warn!(%error, "batch not signed");
            Ok(false)
        }
    }
}
