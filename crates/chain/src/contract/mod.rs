//! `BanyanSettlement` as values: its calls encoded, its events decoded, its errors named. Everything here follows from
//! the committed ABI; nothing asks a node.

mod calls;
mod events;
mod reverts;
mod timelock;

pub use calls::{
    Genesis, ROLES, Role, claim, creation_code, directive, execute_batch_payouts, freeze, kind, kind_of,
    register, retopup, unfreeze, withdraw_owed,
};
pub use events::{DecodeError, decode};
pub use reverts::revert_reason;
pub use timelock::{Operation, TimelockRole};

/// The committed ABI and bytecode.
pub(crate) mod abi {
    // The generated items repeat the ABI; its documentation is the contract's own.
    #![allow(missing_docs)]

    alloy::sol!(
        #[allow(clippy::too_many_arguments)]
        #[derive(Debug, PartialEq, Eq)]
        BanyanSettlement,
        "../../contracts/abi/BanyanSettlement.json"
    );

    alloy::sol!(TimelockController, "../../contracts/abi/TimelockController.json");
}
