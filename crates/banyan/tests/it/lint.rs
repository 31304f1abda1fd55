//! `banyan plan lint`.

use serde_json::Value;

use crate::run::{Folder, banyan, plan};

/// A copy of a shipped plan with one text in the place of another.
fn edited(folder: &Folder, name: &str, old: &str, new: &str) -> String {
    let text = std::fs::read_to_string(plan(name)).unwrap();
    assert!(text.contains(old), "{old}");
    folder.file("edited.toml", text.replacen(old, new, 1))
}

/// What is printed about a file, without the folder that it lies in.
fn printed(out: &str, path: &str) -> String {
    out.replace(path, "FILE")
}

#[test]
fn people_read_what_is_wrong_and_how_to_mend_it() {
    let path = plan("autopool-last-four");
    let run = banyan(&["plan", "lint", &path]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(printed(&run.out, &path));
}

#[test]
fn people_see_the_tree_that_hurts() {
    let path = plan("rest-empire");
    let run = banyan(&["plan", "lint", &path]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(printed(&run.out, &path));
}

#[test]
fn a_clean_plan_and_warnings_alone_end_with_0_but_for_strict_readers() {
    let clean = banyan(&["plan", "lint", &plan("autopool"), "--strict"]);
    assert_eq!(clean.code, 0);
    assert!(clean.out.ends_with("autopool.toml: 0 errors, 0 warnings\n"), "{}", clean.out);
    for (strict, code) in [(&["--strict"][..], 1), (&[], 0)] {
        let path = plan("metax");
        assert_eq!(banyan(&[&["plan", "lint", &path], strict].concat()).code, code);
    }
}

#[test]
fn errors_end_with_1_and_a_file_that_is_no_plan_with_2() {
    let folder = Folder::new();
    let unfunded = edited(&folder, "autopool", "growth = 2", "growth = 3");
    let run = banyan(&["plan", "lint", &unfunded]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    insta::assert_snapshot!("an_unfunded_level", printed(&run.out, &unfunded));

    let misspelt = edited(&folder, "autopool", "trees = 15", "tress = 15");
    let run = banyan(&["plan", "lint", &misspelt]);
    assert_eq!((run.code, run.err.as_str()), (2, ""));
    insta::assert_snapshot!("a_misspelt_key", printed(&run.out, &misspelt));

    let binary = folder.file("binary.toml", b"semantics = 1\nname = \"\xff\xfe\"\n[currency]\n");
    assert_eq!(banyan(&["plan", "lint", &binary]).code, 2);

    let missing = banyan(&["plan", "lint", &folder.path("nowhere.toml")]);
    assert_eq!((missing.code, missing.out.as_str()), (1, ""));
    assert!(missing.err.contains("expected a plan file at"), "{}", missing.err);
}

#[test]
fn a_change_under_seated_participants_is_refused() {
    let folder = Folder::new();
    let next = edited(&folder, "autopool", "levels = 10", "levels = 9");
    let run = banyan(&["plan", "lint", &next, "--after", &plan("autopool")]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error change-refused: pool.levels"), "{}", run.out);
    assert_eq!(banyan(&["plan", "lint", &next]).code, 0);
    let run = banyan(&["plan", "lint", &next, "--after", &folder.file("old.toml", "")]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("old.toml"), "{}", run.err);
}

#[test]
fn machines_read_json() {
    let run = banyan(&["plan", "lint", &plan("metax"), "--format", "json"]);
    assert_eq!(run.code, 0);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    insta::assert_json_snapshot!(report);
}

#[test]
fn the_threshold_is_a_percentage() {
    for threshold in ["15", "15%", "15.00"] {
        let run = banyan(&["plan", "lint", &plan("autopool"), "--threshold", threshold]);
        assert!(run.out.contains("warning breakage: retopup.shares"), "{}", run.out);
    }
    for threshold in ["101", "-1", "much"] {
        let run = banyan(&["plan", "lint", &plan("autopool"), &format!("--threshold={threshold}")]);
        assert_eq!((run.code, run.out.as_str()), (1, ""));
        assert!(run.err.contains("--threshold"), "{}", run.err);
    }
}

#[test]
fn the_trees_can_be_simulated() {
    let folder = Folder::new();
    let trees = folder.path("trees");
    let run = banyan(&["plan", "lint", &plan("rest-empire"), "--examples", &trees]);
    assert_eq!(run.code, 0);
    let events = format!("{trees}/payout-above-income.jsonl");
    let run = banyan(&["simulate", "--plan", &plan("rest-empire"), "--events", &events, "--summary"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("company -"), "{}", run.out);
}
