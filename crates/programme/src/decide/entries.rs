//! Entries of the history: judged, kept, and turned into users, retopups, rewards and a transaction of the journal.

use banyan_entitlement::{Judgement, Outcome, kind_text};
use banyan_ledger::{Cause, Transaction};
use banyan_types::history::{ChainEvent, Entry, EntryBody};
use banyan_types::{Amount, B256};

use super::people::Newcomer;
use super::{Deciding, place, seconds, signed};
use crate::rows::{HistoryRow, PaymentRow, RetopupRow};
use crate::{Alarm, ProgrammeError};

impl Deciding<'_> {
    pub(super) fn entry(
        &mut self,
        event: &ChainEvent,
        entry: &Entry,
        stated: B256,
    ) -> Result<(), ProgrammeError> {
        let judgement = self.memory.read(entry)?;
        let computed = self.memory.cursor.head;
        if computed != stated {
            return Err(ProgrammeError::Head { seq: entry.seq, stated, computed });
        }
        let row = history(event, entry, stated, &judgement)?;
        self.tell_entry(&row, &judgement);
        self.rows.history.push(row);
        self.alarm(&judgement);
        self.people_of(event, entry, &judgement)?;
        self.book_entry(event, entry, &judgement)
    }

    fn alarm(&mut self, judgement: &Judgement) {
        let seq = judgement.seq;
        match &judgement.outcome {
            Outcome::Applied => {}
            Outcome::Refused(reason) => {
                self.rows.alarms.push(Alarm::Refused { seq, reason: reason.to_string() });
            }
            Outcome::Recorded(reason) => {
                self.rows.alarms.push(Alarm::Recorded { seq, reason: reason.to_string() });
            }
        }
    }

    /// Users and retopups, and the payment that a payload was signed for.
    fn people_of(
        &mut self,
        event: &ChainEvent,
        entry: &Entry,
        judgement: &Judgement,
    ) -> Result<(), ProgrammeError> {
        let (wallet, action) = match &entry.body {
            EntryBody::Genesis { .. } | EntryBody::Directive { .. } => return Ok(()),
            EntryBody::Registration { user, .. } => (*user, "REGISTER"),
            EntryBody::Retopup { user, .. } => (*user, "RETOPUP"),
        };
        let stranger = ProgrammeError::Stranger { out: self.memory.cursor.out, account: wallet };
        let user = signed("user", self.memory.id(wallet).ok_or(stranger)?)?;
        let (seq, at) = (signed("seq", entry.seq)?, seconds(event)?);
        let applied = judgement.outcome == Outcome::Applied;
        match &entry.body {
            EntryBody::Genesis { .. } | EntryBody::Directive { .. } => {}
            EntryBody::Registration { sponsor, .. } => {
                let stranger = ProgrammeError::Stranger { out: self.memory.cursor.out, account: *sponsor };
                let referrer = signed("user", self.memory.id(*sponsor).ok_or(stranger)?)?;
                self.people.register(Newcomer { id: user, wallet, referrer, participant: applied, seq, at });
            }
            EntryBody::Retopup { amount, .. } => {
                let status = if applied { "confirmed" } else { "failed" };
                let (amount, tx_hash) = (*amount, event.tx_hash);
                self.rows.retopups.push(RetopupRow { seq, user, amount, status, tx_hash, at });
                if applied {
                    self.people.retopup(user, at);
                }
            }
        }
        if let Some(nonce) = self.memory.use_nonce(&entry.body) {
            let nonce = signed("nonce", nonce)?;
            self.rows.payments.push(PaymentRow { wallet, user, action, nonce, tx_hash: event.tx_hash, at });
        }
        Ok(())
    }

    /// Rewards with one posting each, so that a posting's ordinal is its reward's.
    fn book_entry(
        &mut self,
        event: &ChainEvent,
        entry: &Entry,
        judgement: &Judgement,
    ) -> Result<(), ProgrammeError> {
        let credited = self.effects(entry, judgement)?;
        for credit in judgement.credits() {
            self.outflows.credit(u64::from(credit.user.0), credit.amount, event.block)?;
        }
        let brought = amount(&entry.body);
        let from_payment = credited.iter().filter(|posting| posting.debit == banyan_ledger::Account::FUNDS);
        let booked = Amount::sum(from_payment.map(|posting| posting.amount))
            .ok_or(ProgrammeError::Overflow { block: event.block })?;
        if booked != brought {
            return Err(ProgrammeError::Conservation { seq: entry.seq, brought, booked });
        }
        if !credited.is_empty() {
            let cause = Cause::entry(entry.seq);
            self.rows.journal.push(Transaction {
                cause,
                at: entry.time,
                block: event.block,
                postings: credited,
            });
        }
        Ok(())
    }
}

fn history(
    event: &ChainEvent,
    entry: &Entry,
    head: B256,
    judgement: &Judgement,
) -> Result<HistoryRow, ProgrammeError> {
    let (block, log_index) = place(event)?;
    let mut row = HistoryRow {
        seq: signed("seq", entry.seq)?,
        kind: "GENESIS",
        at: signed("time", entry.time)?,
        head,
        wallet: None,
        sponsor: None,
        plan: None,
        amount: amount(&entry.body),
        directive: None,
        data: None,
        outcome: outcome_name(&judgement.outcome),
        reason: judgement.reason(),
        block,
        log_index,
        tx_hash: event.tx_hash,
    };
    match &entry.body {
        EntryBody::Genesis { plan, predecessor, .. } => {
            (row.plan, row.data) = (Some(plan.0), Some(predecessor.to_vec()));
        }
        EntryBody::Registration { user, sponsor, plan, .. } => {
            row.kind = "REGISTRATION";
            (row.wallet, row.sponsor, row.plan) = (Some(*user), Some(*sponsor), Some(plan.0));
        }
        EntryBody::Retopup { user, plan, .. } => {
            row.kind = "RETOPUP";
            (row.wallet, row.plan) = (Some(*user), Some(plan.0));
        }
        EntryBody::Directive { kind, data, .. } => {
            row.kind = "DIRECTIVE";
            (row.directive, row.data) = (Some(kind_text(*kind)), Some(data.to_vec()));
        }
    }
    Ok(row)
}

/// The outcome's name in the database.
pub(crate) fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Refused(_) => "refused",
        Outcome::Recorded(_) => "recorded",
    }
}

/// What the entry brought, in wei.
fn amount(body: &EntryBody) -> Amount {
    match body {
        EntryBody::Genesis { .. } => Amount::ZERO,
        EntryBody::Registration { amount, .. }
        | EntryBody::Retopup { amount, .. }
        | EntryBody::Directive { amount, .. } => *amount,
    }
}
