//! What is committed but made from something else: sqlx's query data (from the schema), the contract's ABI (from the
//! Solidity sources) and the OpenAPI document (from the routes). So a build needs neither a database nor a Solidity
//! compiler, and a client can be generated from the repository alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use banyan_testkit::postgres::{Options, Postgres};
use banyan_testkit::{install, paths, process};
use serde::Deserialize;

use crate::command;

/// How many files of a kind are named.
const SHOWN: usize = 10;

/// Regenerates one kind of file (or, with `true`, changes nothing) and returns the names of those that changed.
type Step = fn(bool) -> Result<Vec<String>>;

/// Regenerates all of it; with `check` changes nothing and fails when something is out of date.
///
/// # Errors
/// When a tool fails, or (with `check`) names what is out of date.
pub fn run(check: bool) -> Result<()> {
    let steps: [(&str, Step); 3] =
        [("query data (.sqlx)", query_data), ("contract ABI", abi), ("OpenAPI", openapi)];
    let mut stale = Vec::new();
    for (title, step) in steps {
        let changed = step(check).with_context(|| format!("preparing {title}"))?;
        let word = if changed.is_empty() {
            "up to date"
        } else if check {
            "OUT OF DATE"
        } else {
            "written"
        };
        println!("  {word}: {title}");
        for file in changed.iter().take(SHOWN) {
            println!("    {file}");
        }
        if changed.len() > SHOWN {
            println!("    and {} more", changed.len() - SHOWN);
        }
        stale.extend(changed);
    }
    if check && !stale.is_empty() {
        bail!("{} committed files are out of date: run `cargo xtask prepare` and commit them", stale.len());
    }
    Ok(())
}

/// sqlx writes its data while it checks queries against a live database.
fn query_data(check: bool) -> Result<Vec<String>> {
    let server = Postgres::start(Options { own: true, ..Options::default() })?;
    let runtime = tokio::runtime::Runtime::new()?;
    let database = runtime.block_on(server.migrated_database())?;
    let fresh = tempfile::tempdir()?;
    forget_checked_queries()?;
    let mut cargo = command::cargo();
    cargo.args(["check", "--quiet", "--workspace", "--all-targets"]);
    cargo
        .env("SQLX_OFFLINE", "false")
        .env("DATABASE_URL", database.url())
        .env("SQLX_OFFLINE_DIR", fresh.path());
    command::run(&mut cargo)?;
    replace(&read_all(fresh.path())?, &paths::root().join(".sqlx"), check)
}

/// Makes what names sqlx look changed, so that cargo compiles it and sqlx sees every query again.
fn forget_checked_queries() -> Result<()> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        dependencies: Vec<Dependency>,
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Dependency {
        name: String,
    }
    #[derive(Deserialize)]
    struct Target {
        src_path: PathBuf,
    }
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Metadata =
        serde_json::from_str(&command::output(&mut cargo)?).context("reading cargo metadata")?;
    let using = metadata
        .packages
        .iter()
        .filter(|package| package.dependencies.iter().any(|used| used.name == "sqlx"));
    for target in using.flat_map(|package| &package.targets) {
        let file = File::options().write(true).open(&target.src_path);
        file.and_then(|file| file.set_modified(SystemTime::now()))
            .with_context(|| format!("touching {}", target.src_path.display()))?;
    }
    Ok(())
}

/// The contracts' own tool compares or writes; its exit code tells.
fn abi(check: bool) -> Result<Vec<String>> {
    install::npm(&paths::contracts())?;
    let folder = paths::contracts().join("abi");
    let before = read_all(&folder)?;
    let mut node = Command::new("node");
    node.arg("tools/abi").current_dir(paths::contracts());
    if check {
        node.arg("--check");
        return Ok(if command::run(&mut node).is_ok() {
            Vec::new()
        } else {
            vec!["contracts/abi".to_owned()]
        });
    }
    command::run(&mut node)?;
    Ok(differences(&before, &read_all(&folder)?))
}

/// `banyan openapi` prints the document of the routes that it would serve.
fn openapi(check: bool) -> Result<Vec<String>> {
    let mut banyan = Command::new(process::binary("banyan")?);
    let document = command::output(banyan.arg("openapi"))?;
    let folder = paths::root().join("crates/api");
    let name = "openapi.json";
    let path = folder.join(name);
    if std::fs::read_to_string(&path).is_ok_and(|committed| committed == document) {
        return Ok(Vec::new());
    }
    if !check {
        std::fs::write(&path, document).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(vec![format!("crates/api/{name}")])
}

type Files = BTreeMap<String, Vec<u8>>;

/// All files directly in a folder; none when there is no such folder.
fn read_all(folder: &Path) -> Result<Files> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Files::new()) };
    let mut files = Files::new();
    for entry in entries {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
    }
    Ok(files)
}

/// Brings a folder to what `fresh` says, or only tells how it differs.
fn replace(fresh: &Files, folder: &Path, check: bool) -> Result<Vec<String>> {
    let committed = read_all(folder)?;
    let changed = differences(&committed, fresh);
    if !check {
        std::fs::create_dir_all(folder)?;
        for name in &changed {
            match fresh.get(name) {
                Some(content) => std::fs::write(folder.join(name), content)?,
                None => std::fs::remove_file(folder.join(name))?,
            }
        }
    }
    Ok(changed)
}

/// Names of files that are in only one of the two, or differ.
fn differences(one: &Files, other: &Files) -> Vec<String> {
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_check_tells_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("same"), "1").unwrap();
        std::fs::write(folder.path().join("old"), "1").unwrap();
        std::fs::write(folder.path().join("gone"), "1").unwrap();
        let fresh = files(&[("same", "1"), ("old", "2"), ("new", "3")]);
        assert_eq!(replace(&fresh, folder.path(), true).unwrap(), ["gone", "old", "new"]);
        assert_eq!(std::fs::read_to_string(folder.path().join("old")).unwrap(), "1");

        replace(&fresh, folder.path(), false).unwrap();
        assert_eq!(read_all(folder.path()).unwrap(), fresh);
        assert!(replace(&fresh, folder.path(), true).unwrap().is_empty());
    }
}
