//! Bindings to the committed ABI and bytecode under `contracts/abi`.
#![allow(missing_docs, reason = "generated from the ABI, whose meaning contracts/src documents")]

mod settlement {
    alloy::sol!(
        #[derive(Debug)]
        BanyanSettlement,
        "../../contracts/abi/BanyanSettlement.json"
    );
}

mod wallet {
    alloy::sol!(
        #[derive(Debug)]
        RecipientWallet,
        "../../contracts/abi/RecipientWallet.json"
    );
}

mod force {
    alloy::sol!(
        #[derive(Debug)]
        ForceEther,
        "../../contracts/abi/ForceEther.json"
    );
}

mod lock {
    alloy::sol!(TimelockController, "../../contracts/abi/TimelockController.json");
}

/// Calls, views, events and structs of the settlement contract.
pub mod abi {
    pub use super::settlement::BanyanSettlement::*;
    pub use super::settlement::IBanyanSettlement::{Account, Genesis, PayoutBatch, Registration, Retopup};
}

/// Calls and views of the recipient that is a contract.
pub mod recipient {
    pub use super::wallet::IBanyanSettlement::{Registration, Retopup};
    pub use super::wallet::RecipientWallet::*;
}

pub(super) use force::ForceEther;
pub(super) use lock::TimelockController as timelock;
