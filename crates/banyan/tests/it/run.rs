//! Runs `banyan` with files of its own.

use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder for the events and outputs of one test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

/// What a run printed and how it ended.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code().expect("the run was not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// `banyan` with these arguments.
pub fn banyan(args: &[&str]) -> Run {
    Command::new(env!("CARGO_BIN_EXE_banyan")).args(args).output().unwrap().into()
}

/// A shipped plan's path.
pub fn plan(name: &str) -> String {
    format!("{}/../../config/plans/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}
