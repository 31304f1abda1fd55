//! Who may ask for what: tokens are kept as hashes and compared in constant time.

use std::hint::black_box;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::keys::{KeyError, read_secret};
use crate::settings::{ClientSettings, PayloadKind};

/// Fewer characters than this can be guessed.
const SHORTEST_TOKEN: usize = 32;

/// One who may ask.
#[derive(Debug)]
pub struct Client {
    name: String,
    may: Vec<PayloadKind>,
    token_hash: [u8; 32],
}

impl Client {
    /// The configured name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it may ask for this kind of payload.
    pub fn may(&self, kind: PayloadKind) -> bool {
        self.may.contains(&kind)
    }
}

/// All who may ask.
#[derive(Debug)]
pub struct Clients(Vec<Client>);

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// The file has no token.
    #[error(transparent)]
    File(#[from] KeyError),
    /// A token that can be guessed.
    #[error(
        "expected a token of at least {SHORTEST_TOKEN} characters in {path:?}, got {length}: make a longer one"
    )]
    Short {
        /// The file.
        path: PathBuf,
        /// Its length.
        length: usize,
    },
    /// Two clients with one token could not be told apart.
    #[error("expected a token of its own for the client {name:?}, got that of {other:?}")]
    Shared {
        /// The later client.
        name: String,
        /// The earlier one.
        other: String,
    },
}

impl Clients {
    /// Reads the clients' tokens.
    ///
    /// # Errors
    /// A file without token, a short token, or one used twice.
    pub fn read(settings: &[ClientSettings]) -> Result<Clients, ClientsError> {
        let mut clients: Vec<Client> = Vec::new();
        for client in settings {
            let token = read_secret(&client.token_file)?;
            if token.len() < SHORTEST_TOKEN {
                return Err(ClientsError::Short { path: client.token_file.clone(), length: token.len() });
            }
            let token_hash = hash(&token);
            if let Some(other) = clients.iter().find(|other| other.token_hash == token_hash) {
                return Err(ClientsError::Shared { name: client.name.clone(), other: other.name.clone() });
            }
            clients.push(Client { name: client.name.clone(), may: client.may.clone(), token_hash });
        }
        Ok(Clients(clients))
    }

    /// The client with this token. The time that it takes does not depend on the tokens.
    pub fn by_token(&self, token: &str) -> Option<&Client> {
        let asked = hash(token);
        self.0.iter().fold(None, |found, client| {
            let same = is_same(&client.token_hash, &asked);
            if black_box(same) { Some(client) } else { found }
        })
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Looks at every byte, wherever the first difference is.
fn is_same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let difference = a.iter().zip(b).fold(0u8, |bits, (a, b)| black_box(bits | (a ^ b)));
    difference == 0
}
