//! What the programme keeps in memory: all of it follows from the stored history and payouts.

use std::collections::BTreeMap;

use banyan_entitlement::{Entitlements, Judgement, Plans};
use banyan_types::history::{Cursor, Entry, EntryBody};
use banyan_types::{Address, B256};

use crate::ProgrammeError;

/// The memory of a running programme.
#[derive(Debug)]
pub(crate) struct Memory {
    /// What everyone has earned.
    pub entitlements: Entitlements,
    /// How many registrations and retopups each user has paid, by id: the contract's nonce of the next payment.
    payments: Vec<u64>,
    /// Where the next range goes on.
    pub cursor: Cursor,
}

impl Memory {
    /// Before the first range; the next one begins at `start_block` or wherever the contract's first event is.
    pub fn new(plans: Plans, start_block: u64) -> Memory {
        let cursor = Cursor {
            block: start_block.saturating_sub(1),
            block_hash: B256::ZERO,
            seq: None,
            head: B256::ZERO,
            out: 0,
            paid_totals: BTreeMap::new(),
        };
        Memory { entitlements: Entitlements::new(plans), payments: Vec::new(), cursor }
    }

    /// Judges the next entry and moves seq and head.
    pub fn read(&mut self, entry: &Entry) -> Result<Judgement, ProgrammeError> {
        let judgement = self.entitlements.apply(entry)?;
        (self.cursor.seq, self.cursor.head) = (Some(entry.seq), self.entitlements.head());
        Ok(judgement)
    }

    /// The nonce that this payment used, which is thereby used; `None` if the entry is no payment of a wallet.
    pub fn use_nonce(&mut self, body: &EntryBody) -> Option<u64> {
        let payer = match body {
            EntryBody::Registration { user, .. } | EntryBody::Retopup { user, .. } => self.id(*user)?,
            EntryBody::Genesis { .. } | EntryBody::Directive { .. } => return None,
        };
        let index = usize::try_from(payer).ok()?;
        if self.payments.len() <= index {
            self.payments.resize(index + 1, 0);
        }
        self.payments[index] += 1;
        Some(self.payments[index] - 1)
    }

    /// `users.id` of a wallet that the contract registered.
    pub fn id(&self, account: Address) -> Option<u64> {
        self.entitlements.id(account).map(|id| u64::from(id.0))
    }
}
