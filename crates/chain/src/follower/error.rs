//! Why a follower cannot go on.

use alloy::primitives::{Address, B256};
use banyan_types::PlanHash;

use crate::node::NodeError;
use crate::source::SourceFault;

/// What keeps a follower from the next range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The node did not answer, or not well.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The node answers, time and again, what cannot be the contract's history.
    #[error(
        "the events of the contract are not proven after {tries} tries: {fault}. Nothing of them is applied; use another node"
    )]
    Source {
        /// The last fault.
        fault: Box<SourceFault>,
        /// How often the range was fetched.
        tries: u32,
    },
    /// A block that was final is no longer on the chain.
    #[error(
        "expected the final block {block} to be {expected} for ever, but the node has {found} there: it is on another chain, or finality was broken. Nothing is undone; find out which before going on"
    )]
    Reorganized {
        /// The block.
        block: u64,
        /// Its hash when it was read.
        expected: B256,
        /// Its hash now.
        found: B256,
    },
    /// There is no contract at the configured address.
    #[error(
        "expected a contract at {contract} on chain {chain_id}, but there is no code: correct chain.contract, or deploy it"
    )]
    NoContract {
        /// The configured address.
        contract: Address,
        /// The configured chain.
        chain_id: u64,
    },
    /// The contract at the configured address is another one.
    #[error("the contract at {contract} is no BanyanSettlement ({reason}): correct chain.contract")]
    NoSettlement {
        /// The configured address.
        contract: Address,
        /// What it answered.
        reason: String,
    },
    /// The contract works under a plan whose file is not at hand.
    #[error("the contract works under the plan {plan}, but the configured plan files are {}: add that plan's file to plans.files, or correct chain.contract", list(.known))]
    UnknownPlan {
        /// The contract's plan.
        plan: PlanHash,
        /// The plans at hand.
        known: Vec<PlanHash>,
    },
}

impl FollowError {
    /// Whether the same call may succeed later.
    pub fn is_passing(&self) -> bool {
        match self {
            FollowError::Node(error) => error.is_passing(),
            FollowError::Source { .. }
            | FollowError::Reorganized { .. }
            | FollowError::NoContract { .. }
            | FollowError::NoSettlement { .. }
            | FollowError::UnknownPlan { .. } => false,
        }
    }

    /// A contract that does not know its plan is another one; everything else is the node's.
    pub(super) fn no_settlement(contract: Address, error: NodeError) -> FollowError {
        match error {
            NodeError::Reverted { reason, .. } | NodeError::Malformed { reason, .. } => {
                FollowError::NoSettlement { contract, reason }
            }
            error => FollowError::Node(error),
        }
    }
}

fn list(plans: &[PlanHash]) -> String {
    let hashes: Vec<String> = plans.iter().map(PlanHash::to_string).collect();
    if hashes.is_empty() { "none".to_owned() } else { hashes.join(", ") }
}
