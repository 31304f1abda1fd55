//! Names that belong in one place: alloy's providers in `chain`, sqlx in modules called `store`. And names that belong
//! nowhere, because they say nothing.

use anyhow::{Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};

use super::Problem;
use super::sources::{self, Source};

/// Modules that would hold whatever fits nowhere else.
const EMPTY_WORDS: [&str; 10] =
    ["utils", "util", "common", "helpers", "helper", "manager", "managers", "misc", "shared", "service2"];

/// Names of alloy's providers.
const PROVIDERS: [&str; 6] =
    ["providers", "ProviderBuilder", "RootProvider", "DynProvider", "alloy_provider", "ReqwestProvider"];

/// Looks through all sources.
///
/// # Errors
/// When a file cannot be read or taken apart.
pub fn check() -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for source in sources::with_endings(&["rs", "sol", "ts", "tsx"])? {
        problems.extend(empty_word(&source.path));
        if source.path.ends_with(".rs") {
            problems.extend(misplaced(&source)?);
        }
    }
    Ok(problems)
}

fn empty_word(path: &str) -> Option<Problem> {
    let mut names = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let word = names.find(|name| EMPTY_WORDS.contains(name))?;
    Some(Problem::new(path, format!("`{word}` says nothing: name the module after its subject")))
}

fn misplaced(source: &Source) -> Result<Vec<Problem>> {
    let tokens: TokenStream =
        source.text.parse().map_err(|reason| anyhow!("{}: no Rust: {reason}", source.path))?;
    let mut words = Vec::new();
    collect(tokens, &mut words);
    let place = |line: usize| format!("{}:{line}", source.path);
    let mut problems = Vec::new();
    for (word, line) in words {
        if word == "sqlx" && !may_name_sqlx(&source.path) {
            problems.push(Problem::new(place(line), "sqlx is named only in modules called `store`"));
        }
        if PROVIDERS.contains(&word.as_str()) && !may_name_providers(&source.path) {
            let what = format!("`{word}`: only crates/chain names alloy's providers; ask its Node instead");
            problems.push(Problem::new(place(line), what));
        }
        if EMPTY_WORDS.iter().any(|empty| word == format!("mod {empty}")) {
            problems.push(Problem::new(place(line), format!("`{word}` says nothing")));
        }
    }
    Ok(problems)
}

/// All names outside comments and strings, with their lines; the name of a module with `mod` before it.
fn collect(tokens: TokenStream, words: &mut Vec<(String, usize)>) {
    let mut module = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Ident(name) => {
                let line = name.span().start().line;
                let name = name.to_string();
                let is_mod = name == "mod";
                words.push((if module { format!("mod {name}") } else { name }, line));
                module = is_mod;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => module = false,
        }
    }
}

/// Tests and the test bed may look into the database from wherever they are.
fn may_name_sqlx(path: &str) -> bool {
    is_test(path) || path.split('/').any(|part| part == "store" || part == "store.rs")
}

fn may_name_providers(path: &str) -> bool {
    is_test(path) || path.starts_with("crates/chain/") || path.starts_with("crates/xtask/src/lint/")
}

fn is_test(path: &str) -> bool {
    path.starts_with("crates/testkit/") || path.split('/').any(|part| part == "tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        misplaced(&Source { path: path.to_owned(), text: text.to_owned() }).unwrap().len()
    }

    #[test]
    fn sqlx_is_named_in_stores_and_tests_only() {
        let text = "async fn f(pool: sqlx::PgPool) { sqlx::query!(\"x\") }";
        assert_eq!(problems("crates/ledger/src/journal/store.rs", text), 0);
        assert_eq!(problems("crates/api/src/store/users.rs", text), 0);
        assert_eq!(problems("crates/api/tests/main/users.rs", text), 0);
        assert_eq!(problems("crates/api/src/users.rs", text), 2);
        assert_eq!(problems("crates/api/src/storefront.rs", "use sqlx::PgPool;"), 1);
    }

    #[test]
    fn a_comment_or_a_string_may_say_anything() {
        assert_eq!(problems("crates/api/src/users.rs", "/// sqlx\nfn f() { g(\"sqlx\") } // sqlx"), 0);
    }

    #[test]
    fn providers_are_named_in_chain_only() {
        let text = "use alloy::providers::ProviderBuilder;";
        assert_eq!(problems("crates/chain/src/node.rs", text), 0);
        assert_eq!(problems("signer/src/node.rs", text), 2);
    }

    #[test]
    fn modules_are_named_after_a_subject() {
        assert!(empty_word("crates/api/src/utils.rs").is_some());
        assert!(empty_word("crates/api/src/helpers/mod.rs").is_some());
        assert!(empty_word("crates/api/src/helpful.rs").is_none());
        assert_eq!(problems("crates/api/src/lib.rs", "mod common { }"), 1);
    }
}
