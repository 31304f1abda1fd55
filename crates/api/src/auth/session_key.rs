//! Access tokens: JSON Web Tokens signed with an Ed25519 key of ours, a quarter of an hour long.
//!
//! The key lies in a file that only its owner may read; when there is none, one is made. All servers of a programme
//! share the file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use banyan_types::Address;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::role::Role;

const HEADER: &str = "-----BEGIN PRIVATE KEY-----";
const FOOTER: &str = "-----END PRIVATE KEY-----";

/// Why there is no session key.
#[derive(Debug, thiserror::Error)]
pub enum SessionKeyError {
    /// The file cannot be read or written.
    #[error(
        "the session key {path} cannot be read or made: {source}; correct api.session_key_file or the folder's rights"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others may read the file.
    #[error(
        "the session key {path} has mode {mode:o}, expected 600: run `chmod 600 {path}`, and make a new key if somebody may have read it"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file holds no such key.
    #[error("the session key {path} holds no Ed25519 key as PKCS#8 PEM: move it away, and a new one is made")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
}

/// Signs and checks access tokens.
pub struct SessionKeys {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    issuer: String,
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// Who made it: our domain.
    iss: String,
    /// The wallet.
    sub: String,
    /// Issued, in seconds since 1970.
    iat: i64,
    /// Ends, in seconds since 1970.
    exp: i64,
    /// What the wallet may do, for the client's information only.
    roles: Vec<Role>,
}

impl SessionKeys {
    /// The key in `path`, made now if there is none; tokens name `domain` as their issuer.
    ///
    /// # Errors
    /// See [`SessionKeyError`].
    pub fn open(path: &Path, domain: &str) -> Result<SessionKeys, SessionKeyError> {
        let file_error = |source| SessionKeyError::File { path: path.to_owned(), source };
        let pem = match std::fs::read_to_string(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(path).map_err(file_error)?,
            Err(error) => return Err(file_error(error)),
        };
        let mode = std::fs::metadata(path).map_err(file_error)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SessionKeyError::TooOpen { path: path.to_owned(), mode });
        }
        SessionKeys::from_pem(&pem, domain).ok_or_else(|| SessionKeyError::NoKey { path: path.to_owned() })
    }

    fn from_pem(pem: &str, domain: &str) -> Option<SessionKeys> {
        let body = pem.trim().strip_prefix(HEADER)?.strip_suffix(FOOTER)?;
        let der = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
        let pair = Ed25519KeyPair::from_pkcs8(&der).ok()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[domain]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.leeway = 0;
        Some(SessionKeys {
            signing: EncodingKey::from_ed_der(&der),
            checking: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            validation,
            issuer: domain.to_owned(),
        })
    }

    /// A token for `wallet` that lives `seconds`.
    ///
    /// # Errors
    /// The cryptographic library's.
    pub fn sign(
        &self,
        wallet: Address,
        roles: Vec<Role>,
        now: OffsetDateTime,
        seconds: u32,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = now.unix_timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: wallet.to_string(),
            iat,
            exp: iat + i64::from(seconds),
            roles,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing)
    }

    /// The wallet of a token, or why the token is not good.
    ///
    /// # Errors
    /// The reason, for the client.
    pub fn verify(&self, token: &str) -> Result<Address, &'static str> {
        use jsonwebtoken::errors::ErrorKind;
        let data =
            jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation).map_err(|error| {
                if matches!(error.kind(), ErrorKind::ExpiredSignature) {
                    "the access token has expired"
                } else {
                    "the access token is not one of ours"
                }
            })?;
        data.claims.sub.parse().map_err(|_| "the access token names no wallet")
    }
}

/// Makes a key and writes it where nobody else may read it; never over another file.
fn make(path: &Path) -> std::io::Result<String> {
    let document = Ed25519KeyPair::generate()
        .and_then(|pair| pair.to_pkcs8v1())
        .map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    let pem = format!("{HEADER}\n{}\n{FOOTER}\n", STANDARD.encode(document.as_ref()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    // Written beside and linked into place, so that two servers that start at once end up with one whole key.
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(pem),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => std::fs::read_to_string(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(folder: &Path) -> SessionKeys {
        SessionKeys::open(&folder.join("session.pem"), "banyan.example").unwrap()
    }

    #[test]
    fn a_key_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let token = keys(folder.path())
            .sign(Address::repeat_byte(7), vec![Role::Participant], OffsetDateTime::now_utc(), 60)
            .unwrap();
        assert_eq!(keys(folder.path()).verify(&token), Ok(Address::repeat_byte(7)));
        let mode = std::fs::metadata(folder.path().join("session.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        keys(folder.path());
        let path = folder.path().join("session.pem");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = SessionKeys::open(&path, "banyan.example").err().unwrap();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn old_foreign_and_forged_tokens_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let ours = keys(folder.path());
        let sign = |keys: &SessionKeys, at| keys.sign(Address::ZERO, vec![], at, 60).unwrap();
        let old = sign(&ours, OffsetDateTime::now_utc() - time::Duration::seconds(61));
        assert_eq!(ours.verify(&old), Err("the access token has expired"));
        let other = tempfile::tempdir().unwrap();
        let foreign = sign(&keys(other.path()), OffsetDateTime::now_utc());
        assert_eq!(ours.verify(&foreign), Err("the access token is not one of ours"));
        let elsewhere = SessionKeys::open(&folder.path().join("session.pem"), "other.example").unwrap();
        assert!(ours.verify(&sign(&elsewhere, OffsetDateTime::now_utc())).is_err());
        // An unsigned token, `alg` none, for the zero address.
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIweDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAiLCJleHAiOjQxMDI0NDQ4MDAsImlzcyI6ImJhbnlhbi5leGFtcGxlIn0.";
        assert_eq!(ours.verify(unsigned), Err("the access token is not one of ours"));
    }
}
