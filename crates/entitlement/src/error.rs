//! Why the history cannot be read any further.

use banyan_types::{Address, B256, PlanHash};

/// Why an entry, or a question about one, was refused. After an error nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntitlementError {
    /// An entry is missing or came twice.
    #[error(
        "expected entry {expected} of the history, got entry {came}: feed the entries in order, without gaps"
    )]
    Gap {
        /// The next `seq`.
        expected: u64,
        /// What came.
        came: u64,
    },
    /// The history begins with something else than its genesis.
    #[error(
        "expected the genesis as entry 0 of the history, got another entry: read the contract from its first block"
    )]
    NoGenesis,
    /// A genesis in the middle.
    #[error("expected an entry of a history that has begun, got a second genesis as entry {seq}")]
    SecondGenesis {
        /// Where it stood.
        seq: u64,
    },
    /// The contract continues another one.
    #[error(
        "expected a contract without a predecessor, got one whose history continues head {predecessor}: \
         this version reads the history of one contract only"
    )]
    Predecessor {
        /// The last head of the contract before.
        predecessor: B256,
    },
    /// The history names a plan that is not at hand.
    #[error(
        "entry {seq} brings the plan {hash} into force, but no plan file at hand has that hash{}: \
         add the file to the configured plans and start again", at_hand(.known)
    )]
    UnknownPlan {
        /// The entry.
        seq: u64,
        /// The plan's hash.
        hash: PlanHash,
        /// The hashes at hand.
        known: Vec<PlanHash>,
    },
    /// Block times never go back.
    #[error("expected entry {seq} at a time not before {last} s after 1970, got {came} s")]
    TimeWentBack {
        /// The entry.
        seq: u64,
        /// Time of the entry before.
        last: u64,
        /// What came.
        came: u64,
    },
    /// The contract accepts no wallet twice.
    #[error(
        "entry {seq} registers {user} a second time, which the contract never accepts: this is not its history"
    )]
    RegisteredTwice {
        /// The entry.
        seq: u64,
        /// The wallet.
        user: Address,
    },
    /// The contract accepts only registered wallets and the company where this one stands.
    #[error(
        "entry {seq} names {account}, who is not registered, which the contract never accepts: this is not its history"
    )]
    NotRegistered {
        /// The entry.
        seq: u64,
        /// The sponsor, or the payer of a retopup.
        account: Address,
    },
    /// An amount, a time or a number of accounts or entries beyond what can be counted.
    #[error("entry {seq} goes beyond the range of {what}")]
    Overflow {
        /// The entry.
        seq: u64,
        /// Of what: amounts, times, accounts or entries.
        what: &'static str,
    },
    /// A question about an entry that has not come.
    #[error("expected a seq up to {latest}, got {asked}: the history has not come that far")]
    NotYet {
        /// The last entry, or `none`.
        latest: LatestSeq,
        /// The entry asked for.
        asked: u64,
    },
}

/// The last entry of a history, for people to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatestSeq(pub Option<u64>);

impl std::fmt::Display for LatestSeq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(seq) => write!(f, "{seq}"),
            None => f.write_str("none (the genesis has not come)"),
        }
    }
}

fn at_hand(known: &[PlanHash]) -> String {
    if known.is_empty() {
        return " (there is none)".to_owned();
    }
    let list: Vec<String> = known.iter().map(PlanHash::to_string).collect();
    format!(" (at hand: {})", list.join(", "))
}
