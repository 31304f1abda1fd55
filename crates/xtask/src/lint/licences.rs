//! Licences of everything that is linked in, against a list of those that ask for nothing but their text.
//!
//! cargo-deny does this and more, but its advisories come from a repository that cannot be reached everywhere; this
//! check needs nothing but `cargo metadata`.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::Problem;
use crate::command;

/// Licences that are fine, by their SPDX names.
const FINE: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// Judges every package in the lock file.
///
/// # Errors
/// When cargo's answer cannot be had or read.
pub fn check() -> Result<Vec<Problem>> {
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--format-version", "1"]);
    let metadata: Metadata =
        serde_json::from_str(&command::output(&mut cargo)?).context("reading cargo metadata")?;
    let refused = metadata.packages.into_iter().filter_map(|package| {
        let licence = package.license.unwrap_or_default();
        let what =
            format!("its licence \"{licence}\" is not on the list in crates/xtask/src/lint/licences.rs");
        (!is_fine(&licence)).then(|| Problem::new(format!("{} {}", package.name, package.version), what))
    });
    Ok(refused.collect())
}

/// Judges an SPDX expression: of `OR` one part must be fine, of `AND` all.
fn is_fine(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest) && rest.is_empty()
}

fn either(rest: &mut &[&str]) -> bool {
    let mut fine = both(rest);
    while rest.first() == Some(&"OR") {
        *rest = &rest[1..];
        // Not `||`: the other part must be read in any case.
        fine |= both(rest);
    }
    fine
}

fn both(rest: &mut &[&str]) -> bool {
    let mut fine = one(rest);
    while rest.first() == Some(&"AND") {
        *rest = &rest[1..];
        fine &= one(rest);
    }
    fine
}

fn one(rest: &mut &[&str]) -> bool {
    let Some((word, after)) = rest.split_first() else { return false };
    *rest = after;
    if *word == "(" {
        let fine = either(rest);
        let closed = rest.first() == Some(&")");
        *rest = rest.get(1..).unwrap_or_default();
        return fine && closed;
    }
    // An exception only adds permission.
    if rest.first() == Some(&"WITH") {
        *rest = rest.get(2..).unwrap_or_default();
    }
    FINE.contains(word)
}

#[cfg(test)]
mod tests {
    use super::is_fine;

    #[test]
    fn one_fine_licence_of_several_is_enough_where_there_is_a_choice() {
        assert!(is_fine("MIT"));
        assert!(is_fine("MIT OR GPL-3.0-only"));
        assert!(is_fine("GPL-3.0-only OR MIT"));
        assert!(is_fine("MIT/Apache-2.0"));
        assert!(is_fine("Apache-2.0 WITH LLVM-exception OR MIT"));
    }

    #[test]
    fn all_must_be_fine_where_all_apply() {
        assert!(is_fine("(MIT OR GPL-2.0-only) AND Unicode-3.0"));
        assert!(!is_fine("(MIT OR Apache-2.0) AND GPL-2.0-only"));
        assert!(!is_fine("MIT AND (GPL-2.0-only OR AGPL-3.0-only)"));
    }

    #[test]
    fn none_at_all_is_refused() {
        assert!(!is_fine(""));
        assert!(!is_fine("Proprietary"));
        assert!(!is_fine("(MIT"));
    }
}
