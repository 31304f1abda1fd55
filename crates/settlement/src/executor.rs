//! The executor: the key that sends batches. It pays for gas and can move nothing without the signer's signature.

use std::path::Path;

use alloy::primitives::{Bytes, U256};
use alloy::signers::local::PrivateKeySigner;
use banyan_chain::eip712::Domain;
use banyan_chain::node::Call;
use banyan_chain::transaction::{SignedTransaction, Transaction};
use banyan_types::{Address, well_known};

use crate::error::KeyError;
use crate::fees::Fee;

/// Gas of a batch beside its items: the transaction itself, calldata, signature, a published root.
const GAS_BASE: u64 = 300_000;
/// Gas of one item in the worst case: a recipient that burns all it is given. 200 of them need less than 11 M in all.
const GAS_ITEM: u64 = 60_000;
/// The contract goes on only while this much is left for a recipient.
const GAS_LEFT: u64 = 70_000;
/// BSC's cap on the gas of one transaction.
const GAS_CAP: u64 = 16_777_216;

/// The key that sends batches, and where it sends them.
#[derive(Clone, Debug)]
pub struct Executor {
    key: PrivateKeySigner,
    domain: Domain,
}

impl Executor {
    /// An executor with this key for the contract of `domain`.
    ///
    /// # Errors
    /// [`KeyError::WellKnown`]: a test key on BSC or its test network.
    pub fn new(key: PrivateKeySigner, domain: Domain) -> Result<Executor, KeyError> {
        if well_known::is_refused(key.address(), domain.chain_id) {
            let address = key.address().to_checksum(None);
            return Err(KeyError::WellKnown { address, chain: domain.chain_id });
        }
        Ok(Executor { key, domain })
    }

    /// Opens an encrypted keystore. This takes a second or so: the password's hash is slow on purpose.
    ///
    /// # Errors
    /// A file that cannot be read, a password that does not fit, a test key on a public chain.
    pub fn open(keystore: &Path, password_file: &Path, domain: Domain) -> Result<Executor, KeyError> {
        let unreadable = |key, path: &Path, reason: std::io::Error| KeyError::File {
            key,
            path: path.display().to_string(),
            reason: reason.to_string(),
        };
        let password = std::fs::read_to_string(password_file)
            .map_err(|reason| unreadable("password_file", password_file, reason))?;
        std::fs::metadata(keystore).map_err(|reason| unreadable("executor_keystore", keystore, reason))?;
        let password = password.trim_end_matches(['\r', '\n']);
        let key = PrivateKeySigner::decrypt_keystore(keystore, password).map_err(|reason| {
            KeyError::Keystore { path: keystore.display().to_string(), reason: reason.to_string() }
        })?;
        Executor::new(key, domain)
    }

    /// Its address, which holds the contract's executor role and pays for gas.
    pub fn address(&self) -> Address {
        self.key.address()
    }

    /// The call that a batch's calldata is, for a simulation.
    pub fn call(&self, data: Bytes) -> Call {
        Call { from: self.address(), to: self.domain.contract, value: U256::ZERO, data }
    }

    /// Signs the transaction that carries a batch of `items` items.
    ///
    /// # Errors
    /// [`KeyError::Signing`].
    pub fn sign(
        &self,
        data: Bytes,
        items: usize,
        nonce: u64,
        fee: Fee,
    ) -> Result<SignedTransaction, KeyError> {
        let transaction = Transaction {
            chain_id: self.domain.chain_id,
            nonce,
            to: Some(self.domain.contract),
            value: U256::ZERO,
            data,
            gas: gas_limit(items),
            max_fee: u128::from(fee.max_fee),
            max_priority_fee: u128::from(fee.priority),
        };
        transaction.sign(&self.key).map_err(|error| KeyError::Signing(error.to_string()))
    }
}

/// Most gas that a batch of so many items can need.
fn gas_limit(items: usize) -> u64 {
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    items.saturating_mul(GAS_ITEM).saturating_add(GAS_BASE + GAS_LEFT).min(GAS_CAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_TEST_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    fn domain(chain_id: u64) -> Domain {
        Domain { chain_id, contract: Address::repeat_byte(7) }
    }

    #[test]
    fn a_key_that_everybody_knows_is_refused_where_money_is_real() {
        let key: PrivateKeySigner = FIRST_TEST_KEY.parse().unwrap();
        for (chain, refused) in [(56, true), (97, true), (31337, false)] {
            let executor = Executor::new(key.clone(), domain(chain));
            assert_eq!(matches!(executor, Err(KeyError::WellKnown { .. })), refused, "chain {chain}");
        }
    }

    #[test]
    fn two_hundred_items_fit_into_bscs_cap() {
        assert!(gas_limit(200) < GAS_CAP);
        assert_eq!(gas_limit(0), GAS_BASE + GAS_LEFT);
        assert_eq!(gas_limit(usize::MAX), GAS_CAP);
    }

    #[test]
    fn a_keystore_opens_with_its_password_only() {
        let folder = tempfile::tempdir().unwrap();
        let key: PrivateKeySigner = FIRST_TEST_KEY.parse().unwrap();
        let mut randomness = alloy::signers::k256::elliptic_curve::rand_core::OsRng;
        let (_, name) =
            PrivateKeySigner::encrypt_keystore(folder.path(), &mut randomness, key.to_bytes(), "right", None)
                .unwrap();
        let (keystore, password) = (folder.path().join(name), folder.path().join("password"));
        std::fs::write(&password, "right\n").unwrap();
        let opened = Executor::open(&keystore, &password, domain(31337)).unwrap();
        assert_eq!(opened.address(), key.address());

        std::fs::write(&password, "wrong\n").unwrap();
        let refused = Executor::open(&keystore, &password, domain(31337)).unwrap_err();
        assert!(refused.to_string().contains("settlement.password_file"), "{refused}");
        let missing = Executor::open(Path::new("/nowhere/key"), &password, domain(31337)).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/key"), "{missing}");
    }
}
