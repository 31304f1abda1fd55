//! `banyan plan diff`.

use serde_json::{Value, json};

use crate::run::{Folder, Run, banyan, plan};

/// A registration as a line of events; the amount in BNB.
fn registered(n: u32, amount: u32) -> String {
    let sponsor = if n == 1 { "company" } else { "p1" };
    format!(
        r#"{{"id":"e{n}","at":"2026-03-01T09:00:00Z","type":"registered","user":"p{n}","sponsor":"{sponsor}","amount":"{amount}000000000000000000"}}"#
    )
}

/// The fifteen registrations of the worked example.
fn worked_example() -> String {
    (1..=15).map(|n| registered(n, 20) + "\n").collect()
}

/// The core plan, with an entry of 30.
fn dearer(folder: &Folder) -> String {
    let text = std::fs::read_to_string(plan("autopool")).unwrap();
    folder.file("dearer.toml", text.replace("entry = \"20\"", "entry = \"30\""))
}

fn diff(old: &str, new: &str, more: &[&str]) -> Run {
    banyan(&[&["plan", "diff", old, new], more].concat())
}

#[test]
fn keys_are_compared_without_events() {
    let run = diff(&plan("autopool"), &plan("autopool-last-four"), &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(run.out);
    let run = diff(&plan("autopool"), &plan("autopool"), &[]);
    assert!(run.out.contains("\nno key differs\n\nthe new plan may follow"), "{}", run.out);
}

/// By hand in the engine's test of the same name: p1 keeps the 40 that bought level 2, and what was reserved is payable.
#[test]
fn the_worked_example_under_the_literal_last_four() {
    let folder = Folder::new();
    let events = folder.file("events.jsonl", worked_example());
    let run = diff(&plan("autopool"), &plan("autopool-last-four"), &["--events", &events]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(run.out);
    let few = diff(&plan("autopool"), &plan("autopool-last-four"), &["--events", &events, "--limit", "3"]);
    assert!(
        few.out.contains("\n  … 4 more\n") && few.out.contains("\n  p2 ") && few.out.contains("\n  p7 "),
        "{}",
        few.out
    );
    assert!(!few.out.contains("\n  p3 "), "{}", few.out);
}

#[test]
fn json_has_everybody_in_smallest_units() {
    let folder = Folder::new();
    let events = folder.file("events.jsonl", worked_example());
    let more = ["--events", &events, "--format", "json", "--limit", "1"];
    let run = diff(&plan("autopool"), &plan("autopool-last-four"), &more);
    let found: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(found["keys"][1], json!({ "key": "pool.reserve_last", "old": 13, "new": 4 }));
    assert!(found["may_not_follow"].as_str().unwrap().contains("`pool.reserve_last`"));
    assert_eq!(found["effect"]["accounts"].as_array().unwrap().len(), 15);
    assert_eq!(
        found["effect"]["accounts"][0],
        json!({
            "user": "p1",
            "old": { "entitlement": "45600000000000000000", "reserved": "0" },
            "new": { "entitlement": "85600000000000000000", "reserved": "0" },
            "difference": "40000000000000000000",
        })
    );
    assert_eq!(found["effect"]["company"]["difference"], "-40000000000000000000");
    assert_eq!((&found["effect"]["gainers"], &found["refused"]), (&json!(7), &json!([])));
    let without = diff(&plan("autopool"), &plan("autopool"), &["--format", "json"]);
    let found: Value = serde_json::from_str(&without.out).unwrap();
    assert_eq!((&found["effect"], &found["may_not_follow"]), (&Value::Null, &Value::Null));
}

#[test]
fn events_that_only_one_plan_refuses_are_told() {
    let folder = Folder::new();
    let lines = [registered(1, 20), registered(2, 30), "{".to_owned(), registered(3, 20)].join("\n");
    let events = folder.file("events.jsonl", lines);
    let run = diff(&plan("autopool"), &dearer(&folder), &["--events", &events, "--lenient"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(run.out);
}

#[test]
fn strictly_the_first_refused_event_ends_the_comparison() {
    let folder = Folder::new();
    let events = folder.file("events.jsonl", worked_example());
    let run = diff(&plan("autopool"), &dearer(&folder), &["--events", &events]);
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("registration.entry   20   30") && !run.out.contains("would get"),
        "{}",
        run.out
    );
    assert!(run.err.starts_with("line 1, event e1, under the new plan: expected exactly 30"), "{}", run.err);
    let run = diff(&dearer(&folder), &plan("autopool"), &["--events", &events]);
    assert!(run.err.starts_with("line 1, event e1, under the old plan: "), "{}", run.err);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = Folder::new();
    let events = folder.file("events.jsonl", "");
    let run = diff(&plan("autopool"), &plan("metax"), &["--events", &events]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("expected two plans in the same currency"), "{}", run.err);
    let run = diff(&plan("autopool"), &plan("metax"), &[]);
    assert!(run.code == 0 && run.out.contains("staking.yearly"), "{}", run.out);
    let run = diff(&plan("autopool"), &plan("autopool"), &["--events", &folder.path("none.jsonl")]);
    assert_eq!(
        (run.code, run.err.starts_with("error: expected a file of events at ")),
        (1, true),
        "{}",
        run.err
    );
    let run = diff(&plan("autopool"), &plan("autopool"), &["--lenient"]);
    assert_eq!((run.code, run.err.contains("--events")), (1, true), "{}", run.err);
    assert_eq!(diff(&plan("autopool"), &folder.path("none.toml"), &[]).code, 1);
}
