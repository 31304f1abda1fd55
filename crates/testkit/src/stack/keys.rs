//! Keys, passwords and tokens of a local installation: fresh ones, except the executor's, which is one of anvil's
//! wallets so that it has money for gas.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use alloy::primitives::{Address, B256, hex};
use alloy::signers::k256::ecdsa::SigningKey;
use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::{LocalSigner, PrivateKeySigner};

use crate::anvil::Anvil;
use crate::contract::Roles;
use crate::error::{Doing, Error, Result};
use crate::{install, process};

/// Keystore of the key that signs registrations and retopups.
pub(super) const INTAKE: &str = "intake.keystore.json";
/// Keystore of the key that signs batches.
pub(super) const PAYOUT: &str = "payout.keystore.json";
/// Keystore of the wallet that submits batches.
pub(super) const EXECUTOR: &str = "executor.keystore.json";
/// The password of all three.
pub(super) const PASSWORD: &str = "keystore-password";
/// The token by which the signer knows the API.
pub(super) const API_TOKEN: &str = "api-token";
/// The token by which the signer knows settlement.
pub(super) const SETTLEMENT_TOKEN: &str = "settlement-token";

/// Addresses of the keys that only the signer holds.
pub(super) struct Signers {
    pub intake: Address,
    pub payout: Address,
}

/// Makes all of it in a folder.
pub(super) fn make(folder: &Path, anvil: &Anvil) -> Result<Signers> {
    let password = secret();
    for (name, content) in [(PASSWORD, password.clone()), (API_TOKEN, secret()), (SETTLEMENT_TOKEN, secret())]
    {
        write_secret(&folder.join(name), &content)?;
    }
    let key = anvil.wallet(Roles::EXECUTOR).to_bytes();
    LocalSigner::<SigningKey>::encrypt_keystore(folder, &mut OsRng, key, password, Some(EXECUTOR)).map_err(
        |reason| Error::Unexpected {
            what: folder.join(EXECUTOR).display().to_string(),
            expected: "a keystore written".to_owned(),
            got: reason.to_string(),
        },
    )?;
    Ok(Signers { intake: generate(folder, INTAKE)?, payout: generate(folder, PAYOUT)? })
}

/// `banyan-signer keygen`, as an operator does it; its output names the address.
fn generate(folder: &Path, name: &str) -> Result<Address> {
    let mut signer = Command::new(process::binary("banyan-signer")?);
    signer
        .arg("keygen")
        .arg("--out")
        .arg(folder.join(name))
        .arg("--password-file")
        .arg(folder.join(PASSWORD));
    let printed = install::run(&mut signer)?;
    let words = printed.split_whitespace();
    words.filter_map(|word| word.parse().ok()).next_back().ok_or_else(|| Error::Unexpected {
        what: "banyan-signer keygen".to_owned(),
        expected: "the address of the new key".to_owned(),
        got: printed.clone(),
    })
}

/// The keys of both signers, intake first, out of their keystores.
pub(super) fn stolen(folder: &Path) -> Result<(PrivateKeySigner, PrivateKeySigner)> {
    let password = std::fs::read_to_string(folder.join(PASSWORD)).doing(|| format!("reading {PASSWORD}"))?;
    let open = |name: &str| {
        let path = folder.join(name);
        LocalSigner::decrypt_keystore(&path, password.trim()).map_err(|reason| Error::Unexpected {
            what: path.display().to_string(),
            expected: "a keystore that the password opens".to_owned(),
            got: reason.to_string(),
        })
    };
    Ok((open(INTAKE)?, open(PAYOUT)?))
}

/// 256 random bits.
fn secret() -> String {
    let bits: B256 = PrivateKeySigner::random().to_bytes();
    hex::encode(bits)
}

fn write_secret(path: &Path, content: &str) -> Result<()> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.doing(|| format!("creating {}", path.display()))?;
    writeln!(file, "{content}").doing(|| format!("writing {}", path.display()))
}
