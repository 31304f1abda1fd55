//! What people and operators do to the contract, in one call each, signed with the test's own signer keys.

use alloy::primitives::{Address, B256, Bytes, FixedBytes, U256};
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{Eip712Domain, SolCall as _, SolStruct, eip712_domain};

use super::{Settlement, Signers, abi, recipient};
use crate::anvil::{CHAIN_ID, Mined};
use crate::error::{Error, Result};

/// How long a payload is valid, in seconds of block time; the contract allows an hour.
const VALIDITY: u64 = 900;

impl Settlement {
    /// A participant registers under a sponsor (the zero address: the company) and pays.
    ///
    /// # Errors
    /// With the revert's data when the contract refuses.
    pub async fn register(&self, user: Address, sponsor: Address, amount: U256) -> Result<Mined> {
        let (nonce, deadline) = (self.nonce(user).await?, self.deadline().await?);
        let payload = abi::Registration { user, sponsor, amount, plan: self.plan, nonce, deadline };
        let signature = self.sign(&self.signers()?.intake, &payload)?;
        self.call(user, &abi::registerCall { payload, signature }, amount).await
    }

    /// A participant that is a contract ([`Settlement::recipient_wallet`]) registers at its owner's command.
    ///
    /// # Errors
    /// With the revert's data when either contract refuses.
    pub async fn register_wallet(
        &self,
        owner: Address,
        wallet: Address,
        sponsor: Address,
        amount: U256,
    ) -> Result<Mined> {
        let (nonce, deadline) = (self.nonce(wallet).await?, self.deadline().await?);
        let plan = self.plan;
        let payload = recipient::Registration { user: wallet, sponsor, amount, plan, nonce, deadline };
        let signature = self.sign(&self.signers()?.intake, &payload)?;
        let call = recipient::registerCall { settlement: self.address, payload, signature };
        self.rpc.transact(owner, wallet, call.abi_encode().into(), amount).await
    }

    /// A participant pays the retopup.
    ///
    /// # Errors
    /// With the revert's data when the contract refuses.
    pub async fn retopup(&self, user: Address, amount: U256) -> Result<Mined> {
        let (nonce, deadline) = (self.nonce(user).await?, self.deadline().await?);
        let payload = abi::Retopup { user, amount, plan: self.plan, nonce, deadline };
        let signature = self.sign(&self.signers()?.intake, &payload)?;
        self.call(user, &abi::retopupCall { payload, signature }, amount).await
    }

    /// The executor submits a batch of cumulative totals over the history as it stands.
    ///
    /// # Errors
    /// With the revert's data when the contract refuses.
    pub async fn pay(&self, items: &[(Address, U256)], root: B256, max_total: U256) -> Result<Mined> {
        let seq = self.seq().await?;
        let head = self.view(&abi::headsCall { n: U256::from(seq) }).await?;
        let batch = abi::PayoutBatch {
            seq: U256::from(seq),
            head,
            root,
            maxTotal: max_total,
            deadline: self.deadline().await?,
            items: pack(items),
        };
        let signature = self.sign(&self.signers()?.payout, &batch)?;
        let executor = self.genesis().executor;
        self.call(executor, &abi::executeBatchPayoutsCall { batch, signature }, U256::ZERO).await
    }

    /// The programme Safe (for `PLAN` and `WIND_UP` the admin) sends a directive. `kind` is its name in ASCII.
    ///
    /// # Errors
    /// With the revert's data when the contract refuses.
    ///
    /// # Panics
    /// When `kind` is longer than 32 bytes.
    pub async fn directive(&self, kind: &str, data: Bytes, value: U256) -> Result<Mined> {
        assert!(kind.len() <= 32, "a kind of at most 32 bytes");
        let from =
            if matches!(kind, "PLAN" | "WIND_UP") { self.genesis().admin } else { self.genesis().programme };
        let kind = FixedBytes::right_padding_from(kind.as_bytes());
        self.call(from, &abi::directiveCall { kind, data }, value).await
    }

    /// The guardian freezes an account.
    ///
    /// # Errors
    /// With the revert's data when the contract refuses.
    pub async fn freeze(&self, account: Address) -> Result<Mined> {
        self.call(self.genesis().guardian, &abi::freezeCall { account }, U256::ZERO).await
    }

    /// The admin unfreezes an account.
    ///
    /// # Errors
    /// With the revert's data when the contract refuses.
    pub async fn unfreeze(&self, account: Address) -> Result<Mined> {
        self.call(self.genesis().admin, &abi::unfreezeCall { account }, U256::ZERO).await
    }

    /// Number of the last entry of the contract's history.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn seq(&self) -> Result<u64> {
        self.view(&abi::seqCall {}).await
    }

    /// The history's head after entry `seq`.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn head_at(&self, seq: u64) -> Result<B256> {
        self.view(&abi::headsCall { n: U256::from(seq) }).await
    }

    /// One account as the contract sees it.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn account(&self, account: Address) -> Result<abi::Account> {
        self.view(&abi::accountsCall { account }).await
    }

    async fn nonce(&self, user: Address) -> Result<U256> {
        Ok(U256::from(self.account(user).await?.nonce))
    }

    pub(super) async fn deadline(&self) -> Result<U256> {
        Ok(U256::from(self.rpc.time().await? + VALIDITY))
    }

    pub(super) fn signers(&self) -> Result<&Signers> {
        self.keys.as_ref().ok_or_else(|| Error::Unexpected {
            what: "the signers of this contract".to_owned(),
            expected: "keys held by the test (Settlement::deploy)".to_owned(),
            got: "keys held by somebody else (Settlement::deploy_for)".to_owned(),
        })
    }

    pub(super) fn sign<S: SolStruct>(&self, signer: &PrivateKeySigner, payload: &S) -> Result<Bytes> {
        let signature = signer.sign_hash_sync(&payload.eip712_signing_hash(&self.domain()));
        let signature = signature.map_err(|reason| Error::Unexpected {
            what: S::NAME.to_owned(),
            expected: "a signature".to_owned(),
            got: reason.to_string(),
        })?;
        Ok(signature.as_bytes().into())
    }

    fn domain(&self) -> Eip712Domain {
        eip712_domain! {
            name: "Banyan Settlement",
            version: "1",
            chain_id: CHAIN_ID,
            verifying_contract: self.address,
        }
    }
}

/// 32 bytes an item: the account, and its cumulative total in 12 bytes.
pub(super) fn pack(items: &[(Address, U256)]) -> Bytes {
    let item = |(account, total): &(Address, U256)| {
        assert!(total.bit_len() <= 96, "a total fits 96 bits");
        [account.as_slice(), &total.to_be_bytes::<32>()[20..]].concat()
    };
    items.iter().flat_map(item).collect::<Vec<u8>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_twenty_bytes_of_account_and_twelve_of_total() {
        let packed = pack(&[(Address::repeat_byte(0xaa), U256::from(0x0102))]);
        assert_eq!(packed.len(), 32);
        assert_eq!(&packed[..20], &[0xaa; 20]);
        assert_eq!(&packed[20..], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    }
}
