//! `banyan plan show`, `schema` and `reference`.

use crate::run::{Folder, banyan, plan};

/// What `show` prints about a shipped plan.
fn show(name: &str) -> String {
    let run = banyan(&["plan", "show", &plan(name)]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{name}");
    run.out
}

#[test]
fn every_shipped_plan_is_shown() {
    for name in [
        "autopool",
        "autopool-last-four",
        "autopool-second-referral",
        "metax",
        "rest-empire",
        "smm-panel",
        "variants/autopool-small",
        "variants/rest-empire-none",
        "variants/rest-empire-roll-up",
    ] {
        insta::assert_snapshot!(name.replace('/', "-"), show(name));
    }
}

#[test]
fn a_payer_may_pay_another_amount() {
    let run = banyan(&["plan", "show", &plan("rest-empire"), "--amount", "99.99"]);
    assert!(run.out.contains("\nA purchase of 99.99 EUR\n"), "{}", run.out);
    // floor(9999 · 0.07) cents.
    let second = run.out.lines().find(|line| line.starts_with("  sponsor 2 ")).unwrap();
    let cells: Vec<&str> = second.split_whitespace().collect();
    assert_eq!(cells[2..6], ["7%", "6.99", "about", "6.99%"], "{second}");
    for (amount, said) in [("1.001", "at most 2 digits"), ("0", "above 0"), ("ten", "ten")] {
        let run = banyan(&["plan", "show", &plan("rest-empire"), "--amount", amount]);
        assert_eq!((run.code, run.out.as_str()), (1, ""));
        assert!(run.err.starts_with("error: --amount: ") && run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn the_picture_goes_to_a_file() {
    let folder = Folder::new();
    let path = folder.path("board.svg");
    let run = banyan(&["plan", "show", &plan("autopool"), "--svg", &path]);
    assert_eq!((run.code, run.out), (0, show("autopool")));
    let picture = std::fs::read_to_string(&path).unwrap();
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    assert!(picture.contains("autopool: a board of level 1"));
    let run = banyan(&["plan", "show", &plan("autopool"), "--svg", &folder.path("none/board.svg")]);
    assert_eq!((run.code, run.err.starts_with("error: expected to write to ")), (1, true), "{}", run.err);
    let staking =
        "semantics = 1\nname = \"s\"\n[currency]\nsymbol = \"S\"\ndecimals = 2\n[staking]\nyearly = \"1%\"\n";
    let run = banyan(&["plan", "show", &folder.file("staking.toml", staking), "--svg", &path]);
    assert_eq!((run.code, run.err.contains("nothing to draw")), (1, true), "{}", run.err);
}

#[test]
fn a_plan_that_is_none_is_told() {
    let folder = Folder::new();
    let run = banyan(&["plan", "show", &folder.path("none.toml")]);
    assert_eq!((run.code, run.err.starts_with("error: expected a plan file at ")), (1, true), "{}", run.err);
    let text = std::fs::read_to_string(plan("metax")).unwrap().replace("yearly", "yaerly");
    let run = banyan(&["plan", "show", &folder.file("plan.toml", text)]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("the nearest known key is `yearly`"), "{}", run.err);
}

#[test]
fn schema_and_reference_are_the_committed_files() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    for (verb, path) in [("schema", "config/plans/plan.schema.json"), ("reference", "docs/plan-reference.md")]
    {
        let run = banyan(&["plan", verb]);
        assert_eq!(run.code, 0);
        assert!(run.out == std::fs::read_to_string(format!("{root}/{path}")).unwrap(), "{path}");
    }
}
