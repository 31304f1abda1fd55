//! Calldata for what Banyan sends, and the code that creates the contract.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::sol_types::{SolCall, SolConstructor};
use banyan_types::{Amount, PlanHash};

use super::abi;
use super::abi::IBanyanSettlement as shape;
use crate::eip712::{PayoutBatch, Registration, Retopup, wei};

/// What the contract is born with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// May change roles, the company and the plan.
    pub admin: Address,
    /// May change the guardian.
    pub recovery: Address,
    /// Sends every other directive.
    pub programme: Address,
    /// Pauses, freezes, revokes.
    pub guardian: Address,
    /// Submits batches.
    pub executor: Address,
    /// Signs registrations and retopups.
    pub intake_signer: Address,
    /// Signs payout batches.
    pub payout_signer: Address,
    /// Where the company's money goes.
    pub company: Address,
    /// The first plan in force.
    pub plan: PlanHash,
    /// Last head of the contract that this one succeeds, or zero.
    pub predecessor: B256,
}

/// A role of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May change roles, the company and the plan.
    Admin,
    /// May change the guardian.
    Recovery,
    /// Sends every directive but the admin's.
    Programme,
    /// Pauses, freezes, revokes.
    Guardian,
    /// Submits batches.
    Executor,
    /// Signs registrations and retopups.
    IntakeSigner,
    /// Signs payout batches.
    PayoutSigner,
}

/// All roles.
pub const ROLES: [Role; 7] = [
    Role::Admin,
    Role::Recovery,
    Role::Programme,
    Role::Guardian,
    Role::Executor,
    Role::IntakeSigner,
    Role::PayoutSigner,
];

impl Role {
    /// The role's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Role::Admin => "ADMIN_ROLE",
            Role::Recovery => "RECOVERY_ROLE",
            Role::Programme => "PROGRAMME_ROLE",
            Role::Guardian => "GUARDIAN_ROLE",
            Role::Executor => "EXECUTOR_ROLE",
            Role::IntakeSigner => "INTAKE_SIGNER_ROLE",
            Role::PayoutSigner => "PAYOUT_SIGNER_ROLE",
        }
    }

    /// The role's id: keccak256 of its name.
    pub fn id(self) -> B256 {
        keccak256(self.name())
    }
}

/// A directive's kind: its name, left-aligned.
///
/// # Panics
/// When the name is longer than 32 bytes.
pub fn kind(name: &str) -> B256 {
    assert!(name.len() <= 32, "a directive's kind has at most 32 bytes, got {name:?}");
    B256::right_padding_from(name.as_bytes())
}

/// The kind whose text is kept: a name, or all 32 bytes in hex, which is longer than a name can be.
pub fn kind_of(text: &str) -> Option<B256> {
    if text.len() > 32 { text.parse().ok() } else { Some(kind(text)) }
}

/// The data of the transaction that creates the contract.
pub fn creation_code(genesis: &Genesis) -> Bytes {
    let arguments = abi::BanyanSettlement::constructorCall {
        genesis: shape::Genesis {
            admin: genesis.admin,
            recovery: genesis.recovery,
            programme: genesis.programme,
            guardian: genesis.guardian,
            executor: genesis.executor,
            intakeSigner: genesis.intake_signer,
            payoutSigner: genesis.payout_signer,
            company: genesis.company,
            plan: genesis.plan.0,
            predecessor: genesis.predecessor,
        },
    };
    [&abi::BanyanSettlement::BYTECODE[..], &arguments.abi_encode()].concat().into()
}

/// `register`, to be sent by the user with the payload's amount.
pub fn register(payload: &Registration, signature: &[u8]) -> Bytes {
    let message = shape::Registration {
        user: payload.user,
        sponsor: payload.sponsor,
        amount: wei(payload.amount),
        plan: payload.plan.0,
        nonce: U256::from(payload.nonce),
        deadline: U256::from(payload.deadline),
    };
    let signature = Bytes::copy_from_slice(signature);
    abi::BanyanSettlement::registerCall { payload: message, signature }.abi_encode().into()
}

/// `retopup`, to be sent by the user with the payload's amount.
pub fn retopup(payload: &Retopup, signature: &[u8]) -> Bytes {
    let message = shape::Retopup {
        user: payload.user,
        amount: wei(payload.amount),
        plan: payload.plan.0,
        nonce: U256::from(payload.nonce),
        deadline: U256::from(payload.deadline),
    };
    let signature = Bytes::copy_from_slice(signature);
    abi::BanyanSettlement::retopupCall { payload: message, signature }.abi_encode().into()
}

/// `executeBatchPayouts`, to be sent by an executor.
pub fn execute_batch_payouts(payload: &PayoutBatch, signature: &[u8]) -> Bytes {
    let batch = shape::PayoutBatch {
        seq: U256::from(payload.seq),
        head: payload.head,
        root: payload.root,
        maxTotal: wei(payload.max_total),
        deadline: U256::from(payload.deadline),
        items: payload.items.clone(),
    };
    let signature = Bytes::copy_from_slice(signature);
    abi::BanyanSettlement::executeBatchPayoutsCall { batch, signature }.abi_encode().into()
}

/// `claim`, to be sent by anyone.
pub fn claim(account: Address, cumulative: Amount, proof: Vec<B256>) -> Bytes {
    abi::BanyanSettlement::claimCall { account, cumulative: wei(cumulative), proof }.abi_encode().into()
}

/// `withdrawOwed`, to be sent by the account itself.
pub fn withdraw_owed(account: Address, to: Address) -> Bytes {
    abi::BanyanSettlement::withdrawOwedCall { account, to }.abi_encode().into()
}

/// `freeze`, to be sent by the guardian.
pub fn freeze(account: Address) -> Bytes {
    abi::BanyanSettlement::freezeCall { account }.abi_encode().into()
}

/// `unfreeze`, to be sent by admin or recovery.
pub fn unfreeze(account: Address) -> Bytes {
    abi::BanyanSettlement::unfreezeCall { account }.abi_encode().into()
}

/// `directive`, to be sent by the programme (`PLAN`, `WIND_UP`: by the admin) with what it brings.
pub fn directive(kind: B256, data: Bytes) -> Bytes {
    abi::BanyanSettlement::directiveCall { kind, data }.abi_encode().into()
}
