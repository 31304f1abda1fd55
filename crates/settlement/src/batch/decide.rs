//! The decision itself: one function of a batch and what is seen of it.

use super::{Batch, ChainView, Fate, Observation, Outcome, Policy, Simulation, State, Step, Waiting};
use banyan_chain::node::Refusal;

use crate::fees;
use crate::payouts::UNSENT;

/// What to do with `batch`, given what is seen of it.
pub fn next(batch: &Batch, seen: &Observation, policy: &Policy) -> Step {
    if let (true, Some(accounts)) = (is_unsent(batch), &seen.stopped) {
        return Step::Abandon(accounts.clone());
    }
    match batch.state {
        State::Settled | State::Expired | State::Abandoned => Step::Wait(Waiting::Ended),
        State::Building => prepared(batch, seen, Step::Sign, Waiting::ForSignature),
        State::Signed if has_passed(batch, seen) => Step::Expire,
        State::Signed => prepared(batch, seen, Step::Queue, Waiting::ForQueueing),
        State::Queued | State::Broadcast | State::Included => follow(batch, seen, policy),
        State::Final => close(batch, seen),
    }
}

/// Whether nobody outside can have seen it, so that it may still be taken back.
fn is_unsent(batch: &Batch) -> bool {
    UNSENT.contains(&batch.state) && batch.attempts.is_empty()
}

/// What the attempts turned out to be, once one succeeded for good or none can run any more.
pub fn verdicts(batch: &Batch, seen: &Observation) -> Vec<Outcome> {
    let winner = seen.books.executed.map(|executed| executed.tx_hash);
    let fates = seen.fates.iter().copied().chain(std::iter::repeat(Fate::Unknown));
    batch
        .attempts
        .iter()
        .zip(fates)
        .map(|(attempt, fate)| match fate {
            Fate::Mined { success: true, .. } => Outcome::Included,
            Fate::Mined { success: false, .. } => Outcome::Reverted,
            Fate::Unknown | Fate::Absent | Fate::Pending if winner == Some(attempt.tx_hash) => {
                Outcome::Included
            }
            Fate::Unknown | Fate::Absent | Fate::Pending => Outcome::Replaced,
        })
        .collect()
}

/// A batch that no transaction carries yet: the process goes on with its own, people with theirs.
fn prepared(batch: &Batch, seen: &Observation, step: Step, otherwise: Waiting) -> Step {
    match (&seen.held, batch.automatic) {
        (_, false) => Step::Wait(otherwise),
        (Some(reason), true) => Step::Wait(Waiting::Held(reason.clone())),
        (None, true) => step,
    }
}

/// A batch that may be, or was, sent.
fn follow(batch: &Batch, seen: &Observation, policy: &Policy) -> Step {
    if let Some(executed) = seen.books.executed {
        return Step::Finalize { tx_hash: executed.tx_hash, block: executed.block };
    }
    if let Some((attempt, block)) = success(seen) {
        return included(batch, seen, attempt, block);
    }
    let Some(chain) = &seen.chain else { return Step::Wait(Waiting::ForNode) };
    // An attempt whose fate is unknown may be the one that succeeded: nothing is concluded without it.
    if seen.fates.contains(&Fate::Unknown) || seen.fates.len() < batch.attempts.len() {
        return Step::Wait(Waiting::ForNode);
    }
    if batch.state == State::Included {
        return Step::Return;
    }
    if has_passed(batch, seen) {
        return Step::Expire;
    }
    if seen
        .fates
        .iter()
        .any(|fate| matches!(fate, Fate::Mined { block, .. } if *block > chain.finalized.number))
    {
        return Step::Wait(Waiting::ForFinality);
    }
    match batch.attempts.iter().rposition(|attempt| attempt.nonce >= chain.finalized_nonce) {
        None if !is_read(batch, seen, chain) => Step::Wait(Waiting::ForBooks),
        None => send(batch, seen, chain, policy),
        Some(last) => pursue(batch, seen, chain, policy, last),
    }
}

/// Whether the books would know it if an attempt had paid. A nonce that is used up to the finalized block may have
/// been used by the attempt itself: that a node does not have its receipt proves nothing.
fn is_read(batch: &Batch, seen: &Observation, chain: &ChainView) -> bool {
    batch.attempts.is_empty() || seen.books.read.number >= chain.finalized.number
}

/// The attempt that succeeded, if one did.
fn success(seen: &Observation) -> Option<(usize, u64)> {
    seen.fates.iter().enumerate().find_map(|(attempt, fate)| match fate {
        Fate::Mined { block, success: true } => Some((attempt, *block)),
        Fate::Mined { success: false, .. } | Fate::Unknown | Fate::Absent | Fate::Pending => None,
    })
}

/// A batch with an attempt in a block.
fn included(batch: &Batch, seen: &Observation, attempt: usize, block: u64) -> Step {
    let tx_hash = batch.attempts[attempt].tx_hash;
    if seen.chain.is_some_and(|chain| chain.finalized.number >= block) {
        return Step::Finalize { tx_hash, block };
    }
    let known =
        batch.state == State::Included && batch.block == Some(block) && batch.tx_hash == Some(tx_hash);
    if known { Step::Wait(Waiting::ForFinality) } else { Step::Include { attempt, block } }
}

/// Whether the deadline has passed on finalized blocks, and the books have read that far without finding an execution.
fn has_passed(batch: &Batch, seen: &Observation) -> bool {
    match (batch.deadline, &seen.chain) {
        (Some(deadline), Some(chain)) => {
            chain.finalized.time > deadline
                && seen.books.read.time > deadline
                && seen.books.executed.is_none()
        }
        (Some(_), None) | (None, Some(_) | None) => false,
    }
}

/// Whether a transaction sent now could still come too late.
fn is_late(batch: &Batch, chain: &ChainView, policy: &Policy) -> bool {
    batch.deadline.is_none_or(|deadline| chain.head.time.saturating_add(policy.deadline_margin) > deadline)
}

/// No attempt can run any more, or there was none: begin anew, if the contract would take it.
fn send(batch: &Batch, seen: &Observation, chain: &ChainView, policy: &Policy) -> Step {
    if is_late(batch, chain, policy) {
        return Step::Wait(Waiting::ForDeadline);
    }
    if let Some(reason) = &seen.held {
        return Step::Wait(Waiting::Held(reason.clone()));
    }
    if let Some(number) = seen.behind {
        return Step::Wait(Waiting::Behind(number));
    }
    match &seen.simulation {
        Simulation::NotAsked => Step::Simulate,
        Simulation::Unknown => Step::Wait(Waiting::ForNode),
        Simulation::Reverts(reason) => Step::Abandon(format!("the contract would refuse it: {reason}")),
        Simulation::Runs => {
            let fee = match seen.outbid {
                None => fees::first(chain.price, policy.fees),
                Some(other) => fees::outbidding(other, chain.price, policy.fees),
            };
            fee.map_or(Step::Wait(Waiting::ForCheaperGas), |fee| Step::Send {
                nonce: chain.latest_nonce,
                fee,
            })
        }
    }
}

/// The attempt at `last` can still run: see that it reaches a block.
fn pursue(batch: &Batch, seen: &Observation, chain: &ChainView, policy: &Policy, last: usize) -> Step {
    let attempt = &batch.attempts[last];
    if chain.latest_nonce > attempt.nonce {
        // Somebody else's transaction holds the nonce in a block that may still go away.
        return Step::Wait(Waiting::ForFinality);
    }
    if is_late(batch, chain, policy) {
        return Step::Wait(Waiting::ForDeadline);
    }
    if let Some(reason) = &seen.held {
        return Step::Wait(Waiting::Held(reason.clone()));
    }
    let waits = batch
        .attempts
        .iter()
        .zip(&seen.fates)
        .any(|(other, fate)| other.nonce == attempt.nonce && *fate == Fate::Pending);
    if waits {
        let pending_last = seen.fates[last] == Fate::Pending;
        return if pending_last || is_underpriced(attempt.outcome) {
            bump_when_due(batch, seen, chain, policy, last)
        } else {
            resend_when_due(attempt.outcome, seen, policy, last)
        };
    }
    let highest = fees::replacement(attempt.fee, chain.price, policy.fees).is_none()
        && fees::first(chain.price, policy.fees).is_some();
    // The highest offer there is was refused, perhaps for a transaction that the node will forget.
    if is_underpriced(attempt.outcome) && !highest {
        bump(batch, chain, policy, last)
    } else {
        resend_when_due(attempt.outcome, seen, policy, last)
    }
}

/// Whether a higher offer would mend the refusal. Whatever else a node says, the same transaction may yet be taken:
/// funds arrive, pools empty, and a nonce is used only when the chain shows it.
fn is_underpriced(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Refused(reason) => match reason {
            Refusal::Underpriced | Refusal::ReplacementUnderpriced => true,
            Refusal::NonceTooLow
            | Refusal::NonceTooHigh
            | Refusal::FeeTooHigh
            | Refusal::Funds
            | Refusal::Gas
            | Refusal::Reverted
            | Refusal::PoolFull
            | Refusal::Signature => false,
        },
        Outcome::Written
        | Outcome::Accepted
        | Outcome::Unknown
        | Outcome::Included
        | Outcome::Reverted
        | Outcome::Replaced => false,
    }
}

fn bump_when_due(batch: &Batch, seen: &Observation, chain: &ChainView, policy: &Policy, last: usize) -> Step {
    if seen.age >= policy.bump_after {
        bump(batch, chain, policy, last)
    } else {
        Step::Wait(Waiting::ForBlock)
    }
}

/// Replaces the last attempt by one that offers more.
fn bump(batch: &Batch, chain: &ChainView, policy: &Policy, last: usize) -> Step {
    let attempt = &batch.attempts[last];
    match fees::replacement(attempt.fee, chain.price, policy.fees) {
        Some(fee) => Step::Send { nonce: attempt.nonce, fee },
        None => Step::Wait(Waiting::ForCheaperGas),
    }
}

/// Sends what the node does not have; at once if it was never told, otherwise after a moment's patience.
fn resend_when_due(outcome: Outcome, seen: &Observation, policy: &Policy, last: usize) -> Step {
    if outcome == Outcome::Written || seen.quiet >= policy.resend_after {
        Step::Resend { attempt: last }
    } else {
        Step::Wait(Waiting::ForMempool)
    }
}

/// A batch whose transaction is final: the books have the last word.
fn close(batch: &Batch, seen: &Observation) -> Step {
    match (seen.books.executed, batch.block) {
        (Some(executed), _) => Step::Settle { out: executed.out },
        // The block was another branch's: what it held can run no more, and paid nothing.
        (None, _) if has_passed(batch, seen) => Step::Expire,
        (None, Some(block)) if seen.books.read.number >= block => Step::Wait(Waiting::BooksDisagree),
        (None, Some(_) | None) => Step::Wait(Waiting::ForBooks),
    }
}
