//! The signing keys: kept encrypted on disk (Ethereum keystore version 3), in memory only here, wiped when dropped.

use std::fmt;
use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, Bytes};
use banyan_chain::eip712::recover;
use banyan_types::well_known;
use eth_keystore::{EthKeystore, KdfparamsType, KeystoreError};
use k256::ecdsa::SigningKey;
use k256::elliptic_curve::rand_core::OsRng;
use zeroize::{Zeroize, Zeroizing};

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system says no.
    #[error("{path:?} cannot be {action}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What came.
        source: std::io::Error,
    },
    /// A file of a password or token has nothing in its first line.
    #[error("expected a password or token in the first line of {path:?}, got an empty one")]
    NoSecret {
        /// The file.
        path: PathBuf,
    },
    /// The file is no keystore.
    #[error(
        "expected an Ethereum keystore (version 3) in {path:?}, got {reason}: make one with `banyan-signer keygen`"
    )]
    NoKeystore {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The password does not open it.
    #[error("the password does not open the keystore {path:?}: correct keys.password_file")]
    WrongPassword {
        /// The file.
        path: PathBuf,
    },
    /// A key that everybody has.
    #[error(
        "the key {address} is a public test key that everybody has, and chain {chain_id} is no test chain of your \
         own: make a key with `banyan-signer keygen`"
    )]
    WellKnown {
        /// The key's address.
        address: Address,
        /// The configured chain.
        chain_id: u64,
    },
    /// One key for two purposes.
    #[error("keys.intake and keys.payout are the same key, {address}: the contract wants two different ones")]
    Same {
        /// The key's address.
        address: Address,
    },
    /// The signature does not recover to the key.
    #[error("the signature does not lead back to {address}: do not use this machine for signing")]
    BadSignature {
        /// The key's address.
        address: Address,
    },
}

/// A key that signs. Its secret is wiped from memory when it is dropped.
pub struct Key {
    secret: SigningKey,
    address: Address,
}

impl fmt::Debug for Key {
    /// The address only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Key {
    /// Reads an encrypted keystore.
    ///
    /// # Errors
    /// A file that cannot be read or is no keystore, or another password.
    pub fn open(path: &Path, password: &str) -> Result<Key, KeyError> {
        check_keystore(path)?;
        let mut bytes = eth_keystore::decrypt_key(path, password).map_err(|error| match error {
            KeystoreError::MacMismatch => KeyError::WrongPassword { path: path.to_owned() },
            other => no_keystore(path, other.to_string()),
        })?;
        let secret = SigningKey::from_slice(&bytes);
        bytes.zeroize();
        Ok(Key::from(secret.map_err(|_| no_keystore(path, "bytes that are no secp256k1 key"))?))
    }

    /// The key's address.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Refuses the public test keys on public chains.
    ///
    /// # Errors
    /// [`KeyError::WellKnown`].
    pub fn check_for_chain(&self, chain_id: u64) -> Result<(), KeyError> {
        if well_known::is_refused(self.address, chain_id) {
            return Err(KeyError::WellKnown { address: self.address, chain_id });
        }
        Ok(())
    }

    /// Signs an EIP-712 hash: 65 bytes r, s, v with a low s and v 27 or 28. What comes has been recovered to this
    /// key's address as the contract will do it.
    ///
    /// # Errors
    /// [`KeyError::BadSignature`] when it does not recover, as after a fault of the machine.
    pub fn sign(&self, digest: B256) -> Result<Bytes, KeyError> {
        let bad = || KeyError::BadSignature { address: self.address };
        let (signature, recovery) =
            self.secret.sign_prehash_recoverable(digest.as_slice()).map_err(|_| bad())?;
        let mut bytes = signature.to_bytes().to_vec();
        bytes.push(27 + recovery.to_byte());
        if recover(digest, &bytes) != Some(self.address) {
            return Err(bad());
        }
        Ok(bytes.into())
    }
}

impl From<SigningKey> for Key {
    fn from(secret: SigningKey) -> Key {
        let address = Address::from_public_key(secret.verifying_key());
        Key { secret, address }
    }
}

/// The two keys of the service.
#[derive(Debug)]
pub struct Keys {
    /// Signs registrations and retopups.
    pub intake: Key,
    /// Signs batches.
    pub payout: Key,
}

impl Keys {
    /// Two keys for one chain.
    ///
    /// # Errors
    /// The same key twice, or a public test key on a public chain.
    pub fn new(intake: Key, payout: Key, chain_id: u64) -> Result<Keys, KeyError> {
        intake.check_for_chain(chain_id)?;
        payout.check_for_chain(chain_id)?;
        if intake.address == payout.address {
            return Err(KeyError::Same { address: intake.address });
        }
        Ok(Keys { intake, payout })
    }
}

/// The password or token in a file: its first line.
///
/// # Errors
/// A file that cannot be read, or has no first line.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|source| KeyError::File { path: path.to_owned(), action: "read", source })?;
    match text.lines().next() {
        Some(password) if !password.is_empty() => Ok(Zeroizing::new(password.to_owned())),
        Some(_) | None => Err(KeyError::NoSecret { path: path.to_owned() }),
    }
}

/// Makes a new key and writes its keystore, readable by its owner only; an existing file is never overwritten.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn generate(path: &Path, password: &str) -> Result<Address, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), action: "made", source };
    let key = Key::from(SigningKey::random(&mut OsRng));
    let folder = Folder::beside(path).map_err(failed)?;
    let secret = Zeroizing::new(key.secret.to_bytes().to_vec());
    eth_keystore::encrypt_key(&folder.0, &mut OsRng, secret.as_slice(), password, Some("key"))
        .map_err(|error| failed(std::io::Error::other(error)))?;
    let made = folder.0.join("key");
    std::fs::set_permissions(&made, Permissions::from_mode(0o600)).map_err(failed)?;
    std::fs::File::open(&made).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::hard_link(&made, path).map_err(failed)?;
    Ok(key.address)
}

/// A folder that goes when it is dropped: the keystore library writes files by name only.
struct Folder(PathBuf);

impl Folder {
    fn beside(path: &Path) -> std::io::Result<Folder> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let folder = path.with_file_name(name);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind holds nothing but the encrypted key.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn no_keystore(path: &Path, reason: impl Into<String>) -> KeyError {
    KeyError::NoKeystore { path: path.to_owned(), reason: reason.into() }
}

/// The keystore library trusts the lengths in the file; this does not.
fn check_keystore(path: &Path) -> Result<(), KeyError> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|source| KeyError::File { path: path.to_owned(), action: "read", source })?;
    let keystore: EthKeystore =
        serde_json::from_str(&text).map_err(|error| no_keystore(path, error.to_string()))?;
    let derived = match keystore.crypto.kdfparams {
        KdfparamsType::Pbkdf2 { dklen, .. } | KdfparamsType::Scrypt { dklen, .. } => dklen,
    };
    if keystore.version != 3 {
        return Err(no_keystore(path, format!("version {}", keystore.version)));
    }
    if derived != 32 || keystore.crypto.cipherparams.iv.len() != 16 {
        return Err(no_keystore(path, "a derived key or initial vector of the wrong length"));
    }
    Ok(())
}
