//! How the faults of the parts below become problems. The database's are mapped in `store`.

use banyan_chain::NodeError;
use banyan_ledger::LedgerError;
use banyan_programme::ProgrammeError;
use banyan_reconciliation::{ReconcileError, ReplayError};
use banyan_settlement::{Hold, SettlementError};
use banyan_signer::client::ClientError;
use banyan_signer::protocol;

use super::{Kind, Problem};

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Problem {
        match error {
            LedgerError::Unreachable { .. }
            | LedgerError::Held { .. }
            | LedgerError::Undone { .. }
            | LedgerError::Unserved { .. }
            | LedgerError::Database(_) => Problem::unavailable(Kind::StorageUnavailable, "PostgreSQL", error),
            LedgerError::NothingBooked => Problem::new(Kind::BooksNotReady, error.to_string()).retry_after(1),
            LedgerError::NotYet { .. } | LedgerError::BeforeStart { .. } => {
                Problem::new(Kind::InvalidQuery, error.to_string())
            }
            LedgerError::Url(_)
            | LedgerError::NoDatabase { .. }
            | LedgerError::Role { .. }
            | LedgerError::TooOld { .. }
            | LedgerError::NotMigrated { .. }
            | LedgerError::TooFewLocks { .. }
            | LedgerError::Newer { .. }
            | LedgerError::Migration(_)
            | LedgerError::Unbookable { .. }
            | LedgerError::Conflict { .. }
            | LedgerError::Corrupt { .. } => Problem::internal(error),
        }
    }
}

impl From<ProgrammeError> for Problem {
    fn from(error: ProgrammeError) -> Problem {
        match error {
            ProgrammeError::Ledger(error) => error.into(),
            other => Problem::internal(other),
        }
    }
}

impl From<NodeError> for Problem {
    fn from(error: NodeError) -> Problem {
        Problem::unavailable(Kind::ChainUnavailable, "the chain's node", error)
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Problem {
        match error {
            ClientError::Refused(problem) => refused(problem),
            ClientError::NotNow(problem) => {
                let detail = format!(
                    "the signer does not sign now ({}); nothing was changed: try again in a moment",
                    problem.detail
                );
                Problem::new(Kind::SignerUnavailable, detail).retry_after(1)
            }
            ClientError::Unreachable { .. } => {
                Problem::unavailable(Kind::SignerUnavailable, "the signer", error)
            }
            ClientError::Rejected(_) | ClientError::Failed(_) | ClientError::Malformed { .. } => {
                Problem::unavailable(Kind::SignerUnavailable, "the signer", error)
            }
        }
    }
}

impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Problem {
        match error {
            SettlementError::UnknownBatch(_) => Problem::new(Kind::UnknownBatch, error.to_string()),
            SettlementError::WrongState { .. } => Problem::new(Kind::BatchState, error.to_string()),
            SettlementError::Held(Hold::KillSwitch { .. }) => {
                Problem::new(Kind::KillSwitchOn, error.to_string())
            }
            SettlementError::Held(Hold::Reconciliation { .. } | Hold::Halted { .. })
            | SettlementError::Stopped { .. }
            | SettlementError::NothingToPay { .. } => Problem::new(Kind::BatchRefused, error.to_string()),
            SettlementError::BooksNotReady => {
                Problem::new(Kind::BooksNotReady, error.to_string()).retry_after(1)
            }
            SettlementError::SignerRefused { problem, .. } => refused(problem),
            SettlementError::SignerUnavailable { error, .. } => Problem::from(error),
            SettlementError::Storage(error) => Problem::from(error),
            SettlementError::Node(error) => Problem::from(error),
            SettlementError::NotItsSignature { .. }
            | SettlementError::Payload(_)
            | SettlementError::Key(_)
            | SettlementError::Metrics(_) => Problem::internal(error),
        }
    }
}

impl From<ReconcileError> for Problem {
    fn from(error: ReconcileError) -> Problem {
        match error {
            ReconcileError::Node(error) => Problem::from(error),
            ReconcileError::Ledger(error) => Problem::from(error),
            ReconcileError::Empty => Problem::new(Kind::BooksNotReady, error.to_string()).retry_after(1),
            ReconcileError::WrongContract { .. }
            | ReconcileError::OtherChain { .. }
            | ReconcileError::Metrics(_) => Problem::internal(error),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Problem {
        match error {
            ReplayError::Range { .. } => Problem::field(Kind::InvalidRange, "fromBlock", error.to_string()),
            ReplayError::Beyond { .. } => Problem::field(Kind::InvalidRange, "toBlock", error.to_string()),
            ReplayError::Empty => Problem::new(Kind::BooksNotReady, error.to_string()).retry_after(1),
            ReplayError::Running => Problem::new(Kind::ReplayRunning, error.to_string()).retry_after(10),
            ReplayError::Ledger(error) => Problem::from(error),
            ReplayError::Broken | ReplayError::Programme(_) => Problem::internal(error),
        }
    }
}

/// The signer's own refusals, field by field.
fn refused(problem: protocol::Problem) -> Problem {
    let start = Problem::new(Kind::SignerRefused, problem.detail);
    problem.refusals.into_iter().fold(start, |refused, refusal| {
        refused.and_field(&refusal.field, format!("expected {}, got {}", refusal.expected, refusal.found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer_problem(status: u16) -> protocol::Problem {
        protocol::Problem {
            r#type: protocol::problem::REFUSED.to_owned(),
            title: "Refused".to_owned(),
            status,
            detail: "not justified".to_owned(),
            refusals: vec![protocol::Refusal {
                field: "user".to_owned(),
                expected: "a wallet that is not registered".to_owned(),
                found: "0x01".to_owned(),
            }],
        }
    }

    #[test]
    fn what_the_signer_refuses_reaches_the_caller_field_by_field() {
        let problem = Problem::from(ClientError::Refused(signer_problem(422)));
        assert_eq!(problem.kind(), Kind::SignerRefused);
        assert_eq!(problem.errors[0].field, "user");
        assert!(problem.errors[0].detail.contains("got 0x01"));
    }

    #[test]
    fn a_signer_that_waits_is_worth_another_try() {
        let problem = Problem::from(ClientError::NotNow(signer_problem(503)));
        assert_eq!(problem.kind(), Kind::SignerUnavailable);
        assert_eq!(problem.retry_after, Some(1));
    }

    #[test]
    fn our_own_mistake_with_the_signer_is_not_told_to_the_caller() {
        let problem = Problem::from(ClientError::Rejected(signer_problem(401)));
        assert!(!problem.detail.contains("not justified"));
        assert!(problem.cause.is_some());
    }
}
