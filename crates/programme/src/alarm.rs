//! What a person must hear of, although nothing stops for it.

use banyan_types::{Address, Amount};

/// Something that was applied as the rules say but should not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// A payment that the plan refused; it went back to its payer as a payable reward.
    #[error("entry {seq} was refused and goes back to its payer: {reason}")]
    Refused {
        /// The entry.
        seq: u64,
        /// Why.
        reason: String,
    },
    /// A directive without effect; what it brought is the company's.
    #[error("the directive of entry {seq} has no effect: {reason}")]
    Recorded {
        /// The entry.
        seq: u64,
        /// Why.
        reason: String,
    },
    /// More left the contract than the account had: the rest is taken from suspense.
    #[error("outflow {out} took {amount} wei more than {account} had: find out who signed it")]
    Overpaid {
        /// The outflow.
        out: u64,
        /// The account.
        account: Address,
        /// What nobody had.
        amount: Amount,
    },
}
