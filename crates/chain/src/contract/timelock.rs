//! The timelock that holds the contract's role admin: an operation is scheduled, and after the delay executed. Both are
//! calls of OpenZeppelin's `TimelockController` as it is.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::sol_types::{SolCall, SolValue};
use banyan_types::Amount;

use super::abi::TimelockController as lock;
use crate::eip712::wei;

/// A role of the timelock, not of our contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelockRole {
    /// Schedules operations.
    Proposer,
    /// Executes what is due; held by the zero address where anybody may.
    Executor,
    /// Cancels what is scheduled.
    Canceller,
}

impl TimelockRole {
    /// The role's id: keccak256 of its name.
    pub fn id(self) -> B256 {
        keccak256(match self {
            TimelockRole::Proposer => "PROPOSER_ROLE",
            TimelockRole::Executor => "EXECUTOR_ROLE",
            TimelockRole::Canceller => "CANCELLER_ROLE",
        })
    }
}

/// One call that the timelock is to make, after no other operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The contract that is called.
    pub target: Address,
    /// With what.
    pub data: Bytes,
    /// And how much, in wei.
    pub value: Amount,
    /// What tells it from the same call at another time.
    pub salt: B256,
}

impl Operation {
    /// No operation has to come before it.
    pub const PREDECESSOR: B256 = B256::ZERO;

    /// Its id in the timelock, by which it can be looked up and cancelled.
    pub fn id(&self) -> B256 {
        let words = (self.target, wei(self.value), self.data.clone(), Self::PREDECESSOR, self.salt);
        keccak256(words.abi_encode_params())
    }

    /// `schedule`, to be sent by a proposer; `delay` is in seconds, not below the timelock's own.
    pub fn schedule(&self, delay: u64) -> Bytes {
        let call = lock::scheduleCall {
            target: self.target,
            value: wei(self.value),
            data: self.data.clone(),
            predecessor: Self::PREDECESSOR,
            salt: self.salt,
            delay: U256::from(delay),
        };
        call.abi_encode().into()
    }

    /// `execute`, to be sent by an executor with the value once the delay is over.
    pub fn execute(&self) -> Bytes {
        let call = lock::executeCall {
            target: self.target,
            value: wei(self.value),
            payload: self.data.clone(),
            predecessor: Self::PREDECESSOR,
            salt: self.salt,
        };
        call.abi_encode().into()
    }
}
