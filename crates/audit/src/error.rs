//! Why a contract could not be audited. A difference is no error: it is the answer.

use banyan_chain::NodeError;
use banyan_chain::source::SourceFault;
use banyan_entitlement::EntitlementError;
use banyan_reconciliation::ReconcileError;
use banyan_types::{Address, PlanHash};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The node did not answer, or is on another chain.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The books could not be read, or are those of another contract.
    #[error(transparent)]
    Books(#[from] ReconcileError),
    /// There is no contract at the address.
    #[error(
        "expected a contract at {contract} on chain {chain_id}, but there is no code: correct --contract or --rpc"
    )]
    NoContract {
        /// The address.
        contract: Address,
        /// The node's chain.
        chain_id: u64,
    },
    /// The contract at the address is another one.
    #[error("the contract at {contract} is no BanyanSettlement ({reason}): correct --contract")]
    NoSettlement {
        /// The address.
        contract: Address,
        /// What it answered.
        reason: String,
    },
    /// The contract works under a plan whose file is not at hand.
    #[error("the contract works under the plan {plan}, and the files given are those of {}: give that plan's file with --plan", list(.known))]
    MissingPlan {
        /// The contract's plan.
        plan: PlanHash,
        /// The plans at hand.
        known: Vec<PlanHash>,
    },
    /// The history names a plan that is not at hand, or is none that the contract can have written.
    #[error(
        "the history cannot be judged: {0} (an audit is given plan files with --plan, one for each plan that was ever in force)"
    )]
    History(#[from] EntitlementError),
    /// What the node says of some blocks cannot be all that the contract wrote.
    #[error(
        "the node's answer for blocks {from} to {to} is not the contract's history: {fault}. It was asked {tries} times, last for one \
         piece after the other: it leaves out or changes logs, perhaps those of large ranges or old blocks; use another node"
    )]
    Unproven {
        /// First block of the range.
        from: u64,
        /// Last block of the range.
        to: u64,
        /// The last fault.
        fault: Box<SourceFault>,
        /// How often it was asked.
        tries: u32,
    },
    /// The history's beginning lies before the first block that was read.
    #[error(
        "the contract's history begins before block {from} (its first event there is entry {found}): give an earlier --from-block, \
         that of the contract's creation at the latest"
    )]
    LateStart {
        /// The first block that was read.
        from: u64,
        /// The first entry that came.
        found: u64,
    },
    /// The last block asked for is not final.
    #[error(
        "expected a last block up to {finalized}, the newest final one, got {asked}: give an earlier --to-block, or wait"
    )]
    NotFinal {
        /// The block that was asked for.
        asked: u64,
        /// The newest final one.
        finalized: u64,
    },
    /// There is no final block, or no history up to the last block.
    #[error(
        "expected the contract's history by block {to}, but it has none yet: give a later --to-block, or correct --contract"
    )]
    Unborn {
        /// The last block that was read.
        to: u64,
    },
    /// The books end at one block, and the audit was told to end at another.
    #[error(
        "the books stand at block {books}, so that an audit with --db ends there; leave --to-block {asked} out"
    )]
    OtherEnd {
        /// The books' block.
        books: u64,
        /// The block that was asked for.
        asked: u64,
    },
    /// A part of the audit ended early.
    #[error("{0} ended early: this is a fault of the audit itself")]
    Broken(&'static str),
}

fn list(plans: &[PlanHash]) -> String {
    let hashes: Vec<String> = plans.iter().map(PlanHash::to_string).collect();
    if hashes.is_empty() { "no plan".to_owned() } else { hashes.join(", ") }
}
