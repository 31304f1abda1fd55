//! What a decision would do, before anybody signs it: the next entry of the history, played on a copy.

use banyan_types::Amount;
use banyan_types::history::{Entry, EntryBody};

use crate::{ContractPlan, Directive, EntitlementError, Entitlements, Judgement};

/// A directive with what it brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub directive: Directive,
    /// What comes in with it, in wei.
    pub amount: Amount,
}

impl Decision {
    /// The history's next entry, if nothing else came before it.
    fn entry(&self, seq: u64, time: u64) -> Entry {
        let (kind, data) = self.directive.encode();
        Entry { seq, time, body: EntryBody::Directive { kind, amount: self.amount, data } }
    }
}

impl Entitlements {
    /// What a decision would do as the next entry, at the time of the last one. Nothing changes here. A plan that the
    /// decision names and that is not at hand comes with it.
    ///
    /// # Errors
    /// Those of [`Entitlements::apply`].
    pub fn foresee(
        &self,
        decision: &Decision,
        plan: Option<&ContractPlan>,
    ) -> Result<Judgement, EntitlementError> {
        let (Some(last), Some(time)) = (self.seq(), self.time()) else {
            return Err(EntitlementError::NoGenesis);
        };
        let mut copy = self.clone();
        if let Some(plan) = plan {
            copy.know(plan.clone());
        }
        copy.apply(&decision.entry(last + 1, time))
    }
}
