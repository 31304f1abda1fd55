//! What others are told of a range: one row of the outbox for each thing that happened, in the order of the events.
//!
//! Amounts are wei in base 10, hashes and addresses in lower-case hex.

use banyan_entitlement::{Judgement, Outcome};
use banyan_types::history::{ChainEvent, Outflow};
use banyan_types::{Address, B256};
use serde_json::{Value, json};

use super::{Deciding, place, seconds, signed};
use crate::ProgrammeError;
use crate::rows::{HistoryRow, OutboxRow};

impl Deciding<'_> {
    /// An entry of the history was judged.
    pub(super) fn tell_entry(&mut self, entry: &HistoryRow, judgement: &Judgement) {
        let topic = match judgement.outcome {
            Outcome::Applied => "entry.applied",
            Outcome::Refused(_) => "entry.refused",
            Outcome::Recorded(_) => "entry.recorded",
        };
        let body = json!({
            "kind": entry.kind,
            "directive": entry.directive,
            "sponsor": entry.sponsor,
            "amount": entry.amount.units().to_string(),
            "reason": entry.reason,
            "txHash": entry.tx_hash,
        });
        let (reference, wallet, at, block) = (entry.seq, entry.wallet, entry.at, entry.block);
        self.rows.outbox.push(OutboxRow { topic, reference, wallet, body, at, block });
    }

    /// Money left, or became owed. The end of a batch is told by who sent it.
    pub(super) fn tell_outflow(
        &mut self,
        event: &ChainEvent,
        outflow: &Outflow,
    ) -> Result<(), ProgrammeError> {
        let (topic, out, account, amount, more) = match outflow {
            Outflow::Paid { account, out, amount, paid_total } => {
                ("outflow.paid", out, account, amount, ("paidTotal", paid_total.units().to_string()))
            }
            Outflow::Owed { account, out, amount, paid_total } => {
                ("outflow.owed", out, account, amount, ("paidTotal", paid_total.units().to_string()))
            }
            Outflow::OwedWithdrawn { account, out, to, amount } => {
                ("outflow.withdrawn", out, account, amount, ("to", format!("{to:#x}")))
            }
            Outflow::Batch { .. } => return Ok(()),
        };
        let mut body = json!({ "amount": amount.units().to_string(), "txHash": event.tx_hash });
        body[more.0] = Value::from(more.1);
        self.tell(event, topic, signed("out", *out)?, Some(*account), body)
    }

    /// An account was frozen, or is free again.
    pub(super) fn tell_freeze(
        &mut self,
        event: &ChainEvent,
        user: u64,
        account: Address,
        frozen: bool,
    ) -> Result<(), ProgrammeError> {
        let topic = if frozen { "account.frozen" } else { "account.unfrozen" };
        self.tell(event, topic, signed("user", user)?, Some(account), json!({ "txHash": event.tx_hash }))
    }

    /// A root of all entitlements stands now (`seq` and root), or none does.
    pub(super) fn tell_root(
        &mut self,
        event: &ChainEvent,
        root: Option<(u64, B256)>,
    ) -> Result<(), ProgrammeError> {
        match root {
            Some((seq, root)) => {
                let body = json!({ "root": root, "txHash": event.tx_hash });
                self.tell(event, "root.published", signed("seq", seq)?, None, body)
            }
            None => {
                let body = json!({ "txHash": event.tx_hash });
                self.tell(event, "root.voided", signed("block", event.block)?, None, body)
            }
        }
    }

    fn tell(
        &mut self,
        event: &ChainEvent,
        topic: &'static str,
        reference: i64,
        wallet: Option<Address>,
        body: Value,
    ) -> Result<(), ProgrammeError> {
        let ((block, _), at) = (place(event)?, seconds(event)?);
        self.rows.outbox.push(OutboxRow { topic, reference, wallet, body, at, block });
        Ok(())
    }
}
