//! Why something about payouts could not be done, and what to do about it.

use std::fmt;

use banyan_chain::NodeError;
use banyan_chain::eip712::PayloadError;
use banyan_ledger::LedgerError;
use banyan_signer::client::ClientError;
use banyan_signer::protocol::Problem;
use banyan_types::Amount;

use crate::batch::State;

/// Why something about payouts could not be done.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// There is no such batch.
    #[error("expected the id or the number of a batch, got {0}: GET /v1/payouts lists them")]
    UnknownBatch(String),
    /// The batch is not in a state in which this can be done.
    #[error("batch {number} is {}: expected {expected}", .state.word())]
    WrongState {
        /// The batch's number.
        number: i64,
        /// Where it stands.
        state: State,
        /// Where it would have to stand, and what to do.
        expected: &'static str,
    },
    /// Batches are stopped.
    #[error("no batch goes on: {0}")]
    Held(Hold),
    /// Accounts of the batch were held or frozen after it was built; it is abandoned.
    #[error("batch {number} is abandoned: {reason}; build another, which leaves them out")]
    Stopped {
        /// The batch's number.
        number: i64,
        /// The accounts, in words.
        reason: String,
    },
    /// The books have not read the contract's genesis yet.
    #[error(
        "the books have not read the contract's history yet: start `banyan listen`, or wait until it has caught up"
    )]
    BooksNotReady,
    /// Nobody has anything that a batch could pay, and no root is due.
    #[error(
        "expected an account that is owed at least {minimum} wei, got none among {considered} with unpaid rewards (frozen accounts and those in an open batch are left out)"
    )]
    NothingToPay {
        /// The smallest amount that was asked for.
        minimum: Amount,
        /// Accounts with unpaid rewards outside of open batches.
        considered: usize,
    },
    /// The signer refused the batch; it is abandoned.
    #[error("the signer refuses batch {number}: {}", .problem.detail)]
    SignerRefused {
        /// The batch's number.
        number: i64,
        /// What it said.
        problem: Problem,
    },
    /// The signer did not answer, or not now; nothing has changed.
    #[error("batch {number} is not signed: {error}")]
    SignerUnavailable {
        /// The batch's number.
        number: i64,
        /// What kept it.
        error: ClientError,
    },
    /// What the signer returned is not a signature over the batch.
    #[error(
        "expected the signer's signature over batch {number}, got {found}: check signer.url and the signer's chain and contract"
    )]
    NotItsSignature {
        /// The batch's number.
        number: i64,
        /// What came.
        found: String,
    },
    /// The items make no payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// PostgreSQL failed, or holds what it should not.
    #[error(transparent)]
    Storage(#[from] LedgerError),
    /// The node failed.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The executor's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A metric could not be registered: two of one name.
    #[error("the metrics of settlement cannot be registered: {0}")]
    Metrics(String),
}

/// Why batches are stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// An operator threw the kill switch.
    KillSwitch {
        /// Why.
        reason: String,
    },
    /// The latest reconciliation found a shortfall, or an account that differs.
    Reconciliation {
        /// The block that it compared.
        block: i64,
    },
    /// The listener refuses to go on.
    Halted {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hold::KillSwitch { reason } => {
                write!(f, "the kill switch is on ({reason}); an operator has to turn it off")
            }
            Hold::Reconciliation { block } => write!(
                f,
                "the reconciliation at block {block} found a difference that stops batches; mend it, then reconcile again"
            ),
            Hold::Halted { reason } => {
                write!(f, "the listener has halted ({reason}); the books are not up to date")
            }
        }
    }
}

/// Why the executor's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({reason}): correct settlement.{key}")]
    File {
        /// The setting that names it.
        key: &'static str,
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The keystore cannot be opened with the password.
    #[error(
        "the keystore {path} cannot be opened ({reason}): check that it is a keystore file and that settlement.password_file holds its password"
    )]
    Keystore {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A key that everybody knows, on a chain where money is real.
    #[error(
        "the executor {address} is a test key that everybody knows: on chain {chain} use a key of your own"
    )]
    WellKnown {
        /// Its address.
        address: String,
        /// The chain.
        chain: u64,
    },
    /// It did not sign.
    #[error("the executor's key did not sign: {0}")]
    Signing(String),
}
