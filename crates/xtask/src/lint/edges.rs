//! Which of our crates may depend on which. The table is the one in `docs/ARCHITECTURE.md`; a crate that is not in it
//! is refused, so that a new one gets its place there first.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::Problem;
use crate::command;

/// A crate, and those of ours that it may depend on outside its tests.
const ALLOWED: [(&str, &[&str]); 17] = [
    ("banyan-types", &[]),
    ("banyan-engine", &["banyan-types"]),
    ("banyan-plot", &[]),
    ("banyan-entitlement", &["banyan-types", "banyan-engine"]),
    ("banyan-chain", &["banyan-types"]),
    ("banyan-ledger", &["banyan-types"]),
    ("banyan-programme", &["banyan-types", "banyan-engine", "banyan-entitlement", "banyan-ledger"]),
    ("banyan-listener", &["banyan-types", "banyan-chain", "banyan-programme"]),
    ("banyan-signer", &["banyan-types", "banyan-engine", "banyan-entitlement", "banyan-chain"]),
    (
        "banyan-settlement",
        &["banyan-types", "banyan-ledger", "banyan-chain", "banyan-entitlement", "banyan-signer"],
    ),
    (
        "banyan-reconciliation",
        &[
            "banyan-types",
            "banyan-engine",
            "banyan-entitlement",
            "banyan-ledger",
            "banyan-chain",
            "banyan-programme",
        ],
    ),
    (
        "banyan-audit",
        &["banyan-types", "banyan-entitlement", "banyan-chain", "banyan-ledger", "banyan-reconciliation"],
    ),
    (
        "banyan-api",
        &[
            "banyan-types",
            "banyan-engine",
            "banyan-entitlement",
            "banyan-chain",
            "banyan-ledger",
            "banyan-programme",
            "banyan-signer",
            "banyan-settlement",
            "banyan-reconciliation",
        ],
    ),
    (
        "banyan",
        &[
            "banyan-types",
            "banyan-engine",
            "banyan-plot",
            "banyan-entitlement",
            "banyan-chain",
            "banyan-ledger",
            "banyan-programme",
            "banyan-listener",
            "banyan-signer",
            "banyan-settlement",
            "banyan-reconciliation",
            "banyan-audit",
            "banyan-api",
        ],
    ),
    ("banyan-testkit", &["banyan-types", "banyan-engine", "banyan-entitlement"]),
    ("xtask", &["banyan-testkit", "banyan-plot"]),
    ("banyan-tests", &[]),
];

/// The part of `cargo metadata` that matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` is an ordinary one, else `dev` or `build`.
    kind: Option<String>,
    /// Only crates of this workspace have one.
    path: Option<String>,
}

/// Compares the workspace with the table.
///
/// # Errors
/// When cargo's answer cannot be had or read.
pub fn check() -> Result<Vec<Problem>> {
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    judge(&command::output(&mut cargo)?)
}

fn judge(metadata: &str) -> Result<Vec<Problem>> {
    let metadata: Metadata = serde_json::from_str(metadata).context("reading cargo metadata")?;
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
            problems.push(Problem::new(
                package.name.clone(),
                "is in no table: say in docs/ARCHITECTURE.md and crates/xtask/src/lint/edges.rs what it may depend on",
            ));
            continue;
        };
        let ours = package.dependencies.iter().filter(|used| used.path.is_some());
        for used in ours.filter(|used| used.kind.as_deref() != Some("dev")) {
            if !allowed.contains(&used.name.as_str()) {
                problems.push(Problem::new(package.name.clone(), refusal(&used.name, allowed)));
            }
        }
    }
    Ok(problems)
}

fn refusal(used: &str, allowed: &[&str]) -> String {
    let allowed = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
    format!("depends on {used}, and may depend on {allowed} (docs/ARCHITECTURE.md)")
}

#[cfg(test)]
mod tests {
    use super::judge;

    fn package(name: &str, used: &str, kind: &str) -> String {
        format!(
            r#"{{"packages": [{{"name": "{name}", "dependencies": [
                {{"name": "{used}", "kind": {kind}, "path": "/x"}},
                {{"name": "serde", "kind": null, "path": null}}]}}]}}"#
        )
    }

    fn problems(name: &str, used: &str, kind: &str) -> usize {
        judge(&package(name, used, kind)).unwrap().len()
    }

    #[test]
    fn an_arrow_of_the_table_passes_and_its_opposite_does_not() {
        assert_eq!(problems("banyan-engine", "banyan-types", "null"), 0);
        assert_eq!(problems("banyan-types", "banyan-engine", "null"), 1);
    }

    #[test]
    fn the_signer_never_sees_the_books() {
        for book in ["banyan-ledger", "banyan-programme", "banyan-api"] {
            assert_eq!(problems("banyan-signer", book, "null"), 1, "{book}");
        }
        assert_eq!(problems("banyan-signer", "banyan-ledger", "\"build\""), 1);
    }

    #[test]
    fn tests_may_use_what_the_crate_may_not() {
        assert_eq!(problems("banyan-ledger", "banyan-testkit", "\"dev\""), 0);
    }

    #[test]
    fn a_crate_without_a_place_is_refused() {
        assert_eq!(problems("banyan-extra", "banyan-types", "null"), 1);
    }
}
