//! Getting what is not on the machine: Debian packages where we are root, npm packages anywhere. Several test
//! processes may want the same thing at once, so each install holds a file lock.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Error, Result};
use crate::paths;
use crate::process::both_ends;

/// Finds something on the machine, installing the Debian package that brings it when it is missing and may be.
///
/// # Errors
/// When it is missing and this is not a Debian-like machine, or we are not root, or the install fails.
pub(crate) fn or_apt<T>(what: &str, package: &str, find: impl Fn() -> Option<T>) -> Result<T> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let _lock = lock("apt")?;
    if let Some(found) = find() {
        return Ok(found);
    }
    let missing = || Error::Missing {
        what: what.to_owned(),
        remedy: format!("Run `sudo apt-get update && sudo apt-get install -y {package}`."),
    };
    if !is_root() || program("apt-get").is_none() {
        return Err(missing());
    }
    eprintln!("{what} is missing: installing the Debian package {package}");
    apt(&["update", "-q"])?;
    apt(&["install", "-y", "-q", "--no-install-recommends", package])?;
    find().ok_or_else(missing)
}

fn apt(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(["-o", "DPkg::Lock::Timeout=300"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    run(&mut command).map(drop)
}

/// Installs what the lock file in a folder says, unless its `node_modules` is as new as its lock file.
///
/// # Errors
/// When Node is missing or too old, or npm fails.
pub fn npm(folder: &Path) -> Result<()> {
    let modules = folder.join("node_modules");
    let marker = modules.join(".installed-for");
    let wanted = std::fs::read(folder.join("package-lock.json"))
        .doing(|| format!("reading {}", folder.join("package-lock.json").display()))?;
    let current = || std::fs::read(&marker).is_ok_and(|installed| installed == wanted);
    if current() {
        return Ok(());
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let _lock = lock(&format!("npm-{name}"))?;
    if current() {
        return Ok(());
    }
    check_node()?;
    // Not `npm ci`: it refuses a lock file that lacks the packages of other systems, which some registries do not have.
    let arguments = ["install", "--no-save", "--no-audit", "--no-fund"];
    run(Command::new("npm").args(arguments).current_dir(folder))?;
    std::fs::write(&marker, wanted).doing(|| format!("writing {}", marker.display()))
}

/// `npm install` of one package into a folder of our own under `.data`; returns the package's folder.
pub(crate) fn npm_package(name: &str, version: &str) -> Result<PathBuf> {
    let folder = paths::data().join("npm");
    let package = folder.join("node_modules").join(name);
    let _lock = lock("npm-data")?;
    if package.join("package.json").is_file() {
        return Ok(package);
    }
    check_node()?;
    std::fs::create_dir_all(&folder).doing(|| format!("creating {}", folder.display()))?;
    let wanted = format!("{name}@{version}");
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(wanted);
    run(&mut command)?;
    Ok(package)
}

/// Checks that Node 20 or later is there.
///
/// # Errors
/// When it is not, with what to do.
pub fn check_node() -> Result<()> {
    let version = Command::new("node").arg("--version").output().ok();
    let version =
        version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if major(&version).is_some_and(|major| major >= 20) && program("npm").is_some() {
        return Ok(());
    }
    let got = if version.is_empty() { "there is none".to_owned() } else { format!("this is {version}") };
    Err(Error::Missing {
        what: format!("Node 20 or later with npm ({got})"),
        remedy: "Run `sudo apt-get install -y nodejs npm`, or take it from nodejs.org where that is older."
            .to_owned(),
    })
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The Node that is on the search path.
///
/// # Errors
/// When there is none, or an old one.
pub fn node() -> Result<PathBuf> {
    check_node()?;
    Ok(program("node").expect("check_node has just started it"))
}

/// Runs a command to its end, quietly, and returns its standard output; all it printed is in the error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}").replace('"', "");
    let output = command.output().doing(|| format!("starting `{shown}`"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = [output.stdout, output.stderr].concat();
    let tail = both_ends(&String::from_utf8_lossy(&text), 12);
    Err(Error::Install { command: shown, status: output.status.to_string(), tail })
}

/// The path of a program that is on the search path, or in the system folders that a user's path may lack.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/bin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Whether we run as root: then we may install packages, and must give up root for some children.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|itself| itself.uid() == 0)
}

/// Held by one process at a time, for as long as the value lives.
fn lock(name: &str) -> Result<File> {
    let folder = paths::data();
    let path = folder.join(format!("{name}.lock"));
    std::fs::create_dir_all(&folder).doing(|| format!("creating {}", folder.display()))?;
    let file = File::create(&path).doing(|| format!("creating {}", path.display()))?;
    file.lock().doing(|| format!("waiting for {}", path.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v9"), Some(9));
        assert_eq!(major(""), None);
    }

    #[test]
    fn a_failed_command_is_told_with_what_it_printed() {
        let error = run(Command::new("sh").args(["-c", "echo first; echo reason >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("reason") && error.to_string().contains('3'), "{error}");
    }

    #[test]
    fn what_is_there_is_not_installed() {
        assert_eq!(or_apt("a thing", "no-such-package", || Some(1)).unwrap(), 1);
    }
}
