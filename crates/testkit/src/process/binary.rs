//! Our own binaries, built before a test runs them, so that no test ever runs yesterday's.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use crate::error::{Doing, Error, Result};
use crate::{install, paths};

/// Set by `cargo xtask`, which has built all binaries already.
pub const BUILT: &str = "BANYAN_BINARIES_BUILT";

/// Our binaries: the package, and what it builds.
const BINARIES: [(&str, &str); 2] = [("banyan", "banyan"), ("banyan-signer", "banyan-signer")];

/// The path of one of our binaries (`banyan`, `banyan-signer`), up to date, in the profile of the running test.
///
/// # Errors
/// When it does not build.
pub fn binary(name: &str) -> Result<PathBuf> {
    static BUILD: Mutex<bool> = Mutex::new(false);
    let mut done = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !*done {
        if std::env::var_os(BUILT).is_none() {
            build()?;
        }
        *done = true;
    }
    let path = folder()?.join(name);
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::Missing {
        what: format!("The binary {}", path.display()),
        remedy: "Run `cargo build -p banyan -p banyan-signer`.".to_owned(),
    })
}

/// Builds our binaries with cargo, in the profile and the target folder of the running program.
///
/// # Errors
/// With what cargo printed when it fails.
pub fn build() -> Result<()> {
    install::run(&mut build_command()?).map(drop)
}

/// The command that builds our binaries, for those who want to see its output.
///
/// # Errors
/// When the path of the running program cannot be had.
pub fn build_command() -> Result<Command> {
    let folder = folder()?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet"]).current_dir(paths::root());
    command.args(BINARIES.iter().flat_map(|(package, name)| ["--package", package, "--bin", name]));
    command.arg("--target-dir").arg(folder.parent().expect("a profile's folder lies in the target folder"));
    if folder.ends_with("release") {
        command.arg("--release");
    }
    if paths::root().join(".sqlx").is_dir() {
        // DATABASE_URL names the tests' server, where sqlx would look for our schema in vain.
        command.env("SQLX_OFFLINE", "true");
    }
    Ok(command)
}

/// `target/debug` or `target/release`: tests and examples lie one folder deeper, `xtask` directly in it.
fn folder() -> Result<PathBuf> {
    let this = std::env::current_exe().doing(|| "asking for the path of this program".to_owned())?;
    let mut folder = this.parent().expect("a program lies in a folder");
    if folder.ends_with("deps") || folder.ends_with("examples") {
        folder = folder.parent().expect("that folder lies in the profile's");
    }
    Ok(folder.to_owned())
}
