//! Why a range could not be applied, or the programme not be opened.

use banyan_entitlement::EntitlementError;
use banyan_ledger::LedgerError;
use banyan_types::{Address, Amount, B256};

/// Why the programme stands. After an error from `apply` nothing of the range is written; open the programme anew.
#[derive(Debug, thiserror::Error)]
pub enum ProgrammeError {
    /// The books or PostgreSQL.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The history cannot be judged.
    #[error(transparent)]
    Entitlement(#[from] EntitlementError),
    /// The database follows another chain.
    #[error(
        "the database follows chain {found}, the configuration says {expected}: correct chain.id or database.url"
    )]
    WrongChain {
        /// As configured.
        expected: u64,
        /// As stored.
        found: u64,
    },
    /// The database follows another contract.
    #[error(
        "the database follows contract {found}, the configuration says {expected}: correct chain.contract or database.url"
    )]
    WrongContract {
        /// As configured.
        expected: Address,
        /// As stored.
        found: Address,
    },
    /// Another process has moved the cursor or taken over.
    #[error(
        "another process has taken over after block {block} (epoch {epoch} is over): stop it, or leave the work to it"
    )]
    LostRace {
        /// The block that this process stood at.
        block: u64,
        /// Its epoch.
        epoch: u64,
    },
    /// An earlier error threw the memory away.
    #[error("an earlier range failed: open the programme anew")]
    Closed,
    /// The range does not follow the last one.
    #[error("expected a range from block {expected} on, got blocks {from} to {to}")]
    Range {
        /// The block after the cursor's.
        expected: u64,
        /// The range's first block.
        from: u64,
        /// Its last block.
        to: u64,
    },
    /// The contract states another head than follows from its events.
    #[error(
        "entry {seq} states head {stated}, but {computed} follows from the events: some are missing or changed; read them from another node"
    )]
    Head {
        /// The entry.
        seq: u64,
        /// As the event says.
        stated: B256,
        /// As computed.
        computed: B256,
    },
    /// An outflow is missing.
    #[error("expected outflow {expected}, got {came}: events are missing; read them from another node")]
    Outflow {
        /// The next number.
        expected: u64,
        /// What came.
        came: u64,
    },
    /// A payment does not continue the account's total.
    #[error(
        "outflow {out} brings the total of {account} to {stated}, but {computed} follows: events are missing; read them from another node"
    )]
    PaidTotal {
        /// The outflow.
        out: u64,
        /// The account.
        account: Address,
        /// As the event says.
        stated: Amount,
        /// As computed.
        computed: Amount,
    },
    /// Money went to an account that never registered, which the contract refuses.
    #[error("outflow {out} names {account}, who is not registered: this is not the contract's event")]
    Stranger {
        /// The outflow.
        out: u64,
        /// The account.
        account: Address,
    },
    /// What an entry's rewards book is not what it brought.
    #[error(
        "entry {seq} brought {brought}, but its rewards book {booked}: a fault of the engine; do not go on"
    )]
    Conservation {
        /// The entry.
        seq: u64,
        /// Its amount.
        brought: Amount,
        /// What its postings take from the payment.
        booked: Amount,
    },
    /// A number is beyond what the database can hold.
    #[error("{what} {number} is beyond the range of the database")]
    Beyond {
        /// Of what.
        what: &'static str,
        /// The number.
        number: u64,
    },
    /// The engine did what no plan that the contract can carry out asks for.
    #[error("expected what registrations and retopups bring, got {what}: the contract pays nothing else")]
    Foreign {
        /// The kind of the reward or record.
        what: &'static str,
    },
    /// An amount is beyond the range.
    #[error("amounts of block {block} go beyond 10^38 wei")]
    Overflow {
        /// The block.
        block: u64,
    },
    /// The stored history is not what it was.
    #[error(
        "the stored entry {seq} says {field} {stored}, but {computed} follows from the entries: the row was changed, or the plan files are others than then"
    )]
    Stored {
        /// The entry.
        seq: u64,
        /// Which field.
        field: &'static str,
        /// What the row says.
        stored: String,
        /// What follows.
        computed: String,
    },
}
