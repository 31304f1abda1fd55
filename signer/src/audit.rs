//! The audit file: every request and its answer, one JSON line each, on disk before the answer leaves.
//!
//! Each line carries the SHA-256 of itself and of the line before, so that nothing can be changed, dropped or slipped
//! in between without the next reader noticing. The file is only ever appended to, and one process holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, Bytes};
use banyan_types::Amount;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::protocol::Refusal;

/// One line, without its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Number of the line, from 1.
    pub n: u64,
    /// Hash of the line before; zeros before the first.
    pub previous: String,
    /// What was asked and answered.
    pub event: Event,
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The service began.
    Started {
        /// The chain's id.
        chain_id: u64,
        /// The contract.
        contract: Address,
        /// The key for registrations and retopups.
        intake_signer: Address,
        /// The key for batches.
        payout_signer: Address,
    },
    /// Somebody asked for a signature.
    Request {
        /// The client's configured name.
        client: String,
        /// What kind of payload.
        payload: String,
        /// The request as it was understood, or its text if it was not.
        request: serde_json::Value,
        /// What came of it.
        outcome: Outcome,
    },
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// A signature.
    Signed {
        /// Block time at which the limits counted it.
        time: u64,
        /// What it counted there: wei for a batch, 1 for an intake payload.
        counted: Amount,
        /// The EIP-712 hash.
        digest: B256,
        /// The signature.
        signature: Bytes,
        /// Whose.
        signer: Address,
        /// Until when it is valid.
        deadline: u64,
    },
    /// The chain and the plan do not justify it.
    Refused {
        /// What speaks against it.
        refusals: Vec<Refusal>,
    },
    /// Any other answer without a signature.
    Unsigned {
        /// The HTTP status.
        status: u16,
        /// The answer's detail.
        detail: String,
    },
}

/// Why the audit file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file system says no.
    #[error("the audit file {path:?} cannot be {action}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What came.
        source: std::io::Error,
    },
    /// Another process holds the file.
    #[error(
        "the audit file {path:?} is held by another signer: stop that one, or give each its own audit_file"
    )]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// A line does not continue the chain.
    #[error(
        "the audit file {path:?} is broken at line {line}: {reason}. Nothing is signed on a broken file: find out who \
         changed it, keep it aside as evidence, and start with a new audit_file"
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// The first line that is wrong, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// The open file and the end of its chain.
#[derive(Debug)]
pub struct Audit {
    path: PathBuf,
    file: File,
    lines: u64,
    last: String,
    /// A write failed, so the end of the file is unknown.
    failed: bool,
}

const NO_LINE: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const HASH_KEY: &str = ",\"hash\":\"";

impl Audit {
    /// Opens or makes the file, takes hold of it, and verifies every line; `visit` sees each event.
    ///
    /// # Errors
    /// A file that cannot be opened, is held by another process, or whose chain is broken.
    pub fn open(path: &Path, mut visit: impl FnMut(&Event)) -> Result<Audit, AuditError> {
        let failed = |action| move |source| AuditError::File { path: path.to_owned(), action, source };
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).mode(0o600).open(path);
        let file = file.map_err(failed("opened"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AuditError::Held { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed("locked")(source)),
        }
        let mut audit =
            Audit { path: path.to_owned(), file, lines: 0, last: NO_LINE.to_owned(), failed: false };
        let mut reader = BufReader::new(audit.file.try_clone().map_err(failed("read"))?);
        let mut line = String::new();
        while reader.read_line(&mut line).map_err(failed("read"))? > 0 {
            let record = audit.verify(&line)?;
            visit(&record.event);
            line.clear();
        }
        Ok(audit)
    }

    /// How many lines there are.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Takes the next line of the file into the chain.
    fn verify(&mut self, line: &str) -> Result<Record, AuditError> {
        let number = self.lines + 1;
        let broken = |reason: &str| AuditError::Broken {
            path: self.path.clone(),
            line: number,
            reason: reason.to_owned(),
        };
        let text = line.strip_suffix('\n').ok_or_else(|| {
            broken("it does not end, so the signer was stopped while writing it (its answer never left)")
        })?;
        let (body, hash) = split_hash(text).ok_or_else(|| broken("it does not end with its hash"))?;
        if hash != hash_of(body) {
            return Err(broken("its hash is not that of its text"));
        }
        let record: Record = serde_json::from_str(&format!("{body}}}"))
            .map_err(|error| broken(&format!("it is no audit record ({error})")))?;
        if record.n != number || record.previous != self.last {
            return Err(broken("it does not continue the line before"));
        }
        self.lines = number;
        self.last = hash.to_owned();
        Ok(record)
    }

    /// Appends an event and waits until it is on disk.
    ///
    /// # Errors
    /// When it cannot be written; then nothing can be appended any more until the file is opened again.
    pub fn append(&mut self, event: Event) -> Result<(), AuditError> {
        let failed = |source| AuditError::File { path: self.path.clone(), action: "written", source };
        if self.failed {
            return Err(failed(std::io::Error::other("an earlier write failed: restart the signer")));
        }
        let record = Record { n: self.lines + 1, previous: self.last.clone(), event };
        let text = serde_json::to_string(&record).map_err(|error| failed(error.into()))?;
        let body = text.strip_suffix('}').expect("a record is written as an object");
        let hash = hash_of(body);
        let line = format!("{body}{HASH_KEY}{hash}\"}}\n");
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            self.failed = true;
            return Err(AuditError::File { path: self.path.clone(), action: "written", source });
        }
        self.lines += 1;
        self.last = hash;
        Ok(())
    }
}

/// The line's text up to its hash, and the hash.
fn split_hash(text: &str) -> Option<(&str, &str)> {
    let (body, hash) = text.strip_suffix("\"}")?.rsplit_once(HASH_KEY)?;
    (hash.len() == NO_LINE.len()).then_some((body, hash))
}

/// The body names the hash before it, so this one covers all lines up to here.
fn hash_of(body: &str) -> String {
    hex::encode(Sha256::digest(body.as_bytes()))
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
