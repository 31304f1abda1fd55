//! A machine can tell "it differs" (1) from "it could not be said" (2), and people read which flag to correct.

use banyan_testkit::postgres::migrated_database;

use crate::run::{Run, banyan, plan};

/// Nobody listens there.
const NOBODY: &str = "127.0.0.1:1";
const CONTRACT: &str = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

fn audit(rpc: &str, more: &[&str]) -> Run {
    let plan = plan("autopool");
    let given = ["audit", "--rpc", rpc, "--contract", CONTRACT, "--plan", &plan];
    banyan(&[&given, more].concat())
}

#[test]
fn an_audit_whose_node_or_books_do_not_answer_ends_with_2_and_names_the_flag() {
    for (rpc, more, flag) in [
        ("http://127.0.0.1:1", &[][..], "--rpc"),
        ("nowhere", &[], "--rpc"),
        ("http://127.0.0.1:1", &["--db", "postgres://banyan_app@127.0.0.1:1/banyan"], "--db"),
    ] {
        let run = audit(rpc, more);
        let last = run.err.lines().last().unwrap_or_default();
        assert_eq!(run.code, 2, "{run:?}");
        assert!(last.starts_with("error: ") && last.contains(flag), "{last}");
        assert!(!last.contains("chain.rpc_url") && !last.contains("database.url"), "{last}");
    }
}

#[test]
fn what_is_asked_wrongly_or_of_nobody_ends_with_2_where_1_says_that_something_differs() {
    let nobody = format!("postgres://banyan_app@{NOBODY}/banyan");
    for args in [
        &["audit"][..],
        &["ledger", "verify", "--from", "seven"],
        &["ledger", "verify", "--db", &nobody],
        &["ledger", "proof", "--config", "/no/such/file.toml"],
        &["ledger", "trial-balance", "--config", "/no/such/file.toml"],
        &["replay", "--config", "/no/such/file.toml"],
        &["reconcile", "--once", "--config", "/no/such/file.toml"],
    ] {
        let run = banyan(args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
    }
    let refused = banyan(&["ledger", "verify", "--db", &nobody]);
    assert!(refused.err.contains("start it, or correct --db"), "{}", refused.err);
    assert_eq!(banyan(&["migrate", "--config", "/no/such/file.toml"]).code, 1, "nothing is compared");
}

#[test]
fn the_help_says_what_the_codes_mean() {
    for args in [
        &["audit", "--help"][..],
        &["replay", "--help"],
        &["reconcile", "--help"],
        &["ledger", "balance", "--help"],
        &["ledger", "proof", "--help"],
        &["ledger", "statement", "--help"],
        &["ledger", "trial-balance", "--help"],
        &["ledger", "verify", "--help"],
    ] {
        let run = banyan(args);
        assert!(run.code == 0 && run.out.contains("2 it could not be said"), "{args:?}: {}", run.out);
    }
}

#[tokio::test]
async fn books_that_are_found_wrong_end_with_1() {
    let database = migrated_database().await.unwrap();
    let verify = || banyan(&["ledger", "verify", "--db", database.url()]);
    assert_eq!(verify().code, 0, "{:?}", verify());
    let owner = sqlx::PgPool::connect(database.url()).await.unwrap();
    sqlx::query("ALTER TABLE postings DISABLE TRIGGER append_only").execute(&owner).await.unwrap();
    let run = verify();
    assert!(run.code == 1 && run.out.contains("WRONG: "), "{run:?}");
}
