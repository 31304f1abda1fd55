//! The plans that may come into force, by hash.

use std::collections::BTreeMap;

use banyan_types::PlanHash;

use crate::ContractPlan;

/// The plan files at hand. The history names plans by hash; a hash that is not among these stops the reading.
#[derive(Clone, Debug, Default)]
pub struct Plans {
    by_hash: BTreeMap<PlanHash, ContractPlan>,
}

impl Plans {
    /// No plan yet.
    pub fn new() -> Plans {
        Plans::default()
    }

    /// Adds a plan and says its hash; the same plan twice is one.
    pub fn add(&mut self, plan: ContractPlan) -> PlanHash {
        let hash = plan.hash();
        self.by_hash.insert(hash, plan);
        hash
    }

    /// The plan with this hash.
    pub fn get(&self, hash: PlanHash) -> Option<&ContractPlan> {
        self.by_hash.get(&hash)
    }

    /// The hashes of all plans at hand, ascending.
    pub fn hashes(&self) -> impl Iterator<Item = PlanHash> {
        self.by_hash.keys().copied()
    }
}
