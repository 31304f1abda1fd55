//! The schema and the reference of plan files agree with what reads them, and with what is committed.

use std::path::{Path, PathBuf};

use banyan_engine::Plan;
use jsonschema::Validator;
use serde_json::Value;

use crate::table::plan_text;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn committed(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
}

fn validator() -> Validator {
    let schema = serde_json::from_str(&Plan::json_schema()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is one");
    jsonschema::draft202012::new(&schema).unwrap()
}

/// What the schema says of a TOML text.
fn is_valid(validator: &Validator, text: &str) -> bool {
    validator.is_valid(&banyan_types::strict::from_toml::<Value>(text).unwrap())
}

/// Names of all plan files, below config/plans.
fn shipped() -> Vec<String> {
    let plans = ["", "variants/"].into_iter().flat_map(|folder| {
        let files = std::fs::read_dir(root().join("config/plans").join(folder)).unwrap();
        files.filter_map(move |file| {
            let name = file.unwrap().file_name().into_string().unwrap();
            Some(format!("{folder}{}", name.strip_suffix(".toml")?))
        })
    });
    plans.collect()
}

#[test]
fn the_committed_schema_and_reference_are_those_of_the_types() {
    let print = "run `banyan plan schema > config/plans/plan.schema.json`";
    assert!(committed("config/plans/plan.schema.json") == Plan::json_schema(), "{print}");
    let print = "run `banyan plan reference > docs/plan-reference.md`";
    assert!(committed("docs/plan-reference.md") == Plan::reference(), "{print}");
}

#[test]
fn every_shipped_plan_is_valid_and_names_the_schema_to_editors() {
    let validator = validator();
    let names = shipped();
    assert_eq!(names.len(), 9);
    for name in names {
        let text = plan_text(&name);
        assert!(is_valid(&validator, &text), "{name}");
        let path = if name.contains('/') { "../plan.schema.json" } else { "./plan.schema.json" };
        assert_eq!(text.lines().next(), Some(format!("#:schema {path}").as_str()), "{name}");
    }
}

#[test]
fn an_unknown_key_is_valid_in_no_table() {
    let validator = validator();
    for name in shipped() {
        let text = plan_text(&name);
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('[')).collect();
        for heading in headings.into_iter().chain(["semantics = 1"]) {
            let edited = text.replacen(heading, &format!("{heading}\nnobody_knows = 1"), 1);
            assert!(!is_valid(&validator, &edited), "{name}: {heading}");
        }
    }
    let share = "{ rank = \"Diamond\", share = \"10%\"";
    let edited = plan_text("rest-empire").replace(share, &format!("{share}, bonus = 1"));
    assert!(!is_valid(&validator, &edited));
}

#[test]
fn what_the_schema_refuses_no_plan_has() {
    let validator = validator();
    for (plan, old, new) in [
        ("autopool", "levels = 10", ""),
        ("autopool", "levels = 10", "levels = 0"),
        ("autopool", "levels = 10", "levels = 65"),
        ("autopool", "levels = 10", "levels = \"10\""),
        ("autopool", "semantics = 1", "semantics = 2"),
        ("autopool", "name = \"autopool\"", "name = \"\""),
        ("autopool", "decimals = 18", "decimals = 19"),
        ("autopool", "entry = \"20\"", "entry = 20"),
        ("autopool", "entry = \"20\"", "entry = \"-20\""),
        ("autopool", "entry = \"20\"", "entry = \"20.\""),
        ("autopool", "reserve_last = 13", "reserve_last = 15"),
        ("autopool", "[\"50%\", \"25%\", \"15%\"]", "[]"),
        ("autopool", "[\"50%\", \"25%\", \"15%\"]", "[\"5%\", \"5%\", \"5%\", \"5%\"]"),
        ("autopool", "ineligible = \"company\"", "ineligible = \"nobody\""),
        ("autopool", "trees = 15", "trees = 0"),
        ("autopool", "# capacity = 31", "capacity = 0"),
        ("autopool-second-referral", "on_referral = 2", "on_referral = 0"),
        ("rest-empire", "refund_days = 14", "refund_days = 0"),
        ("rest-empire", "[activity]\n", "[orders]\ncommission = \"5%\"\n#"),
        ("rest-empire", "\"30%\", \"20%\"]", "\"50%\"]"),
        ("smm-panel", "[orders]\n", "[staking]\nyearly = \"5%\"\n#"),
    ] {
        let text = plan_text(plan);
        assert!(text.contains(old), "{plan}: {old}");
        let edited = text.replacen(old, new, 1);
        assert!(!is_valid(&validator, &edited), "{plan}: {new}");
        assert!(Plan::from_toml(&edited).is_err(), "{plan}: {new}");
    }
}

#[test]
fn schema_and_reader_take_the_same_shares() {
    let validator = validator();
    let good =
        ["\"5%\"", "\"0%\"", "\"00.5%\"", "\"100%\"", "\"100.00%\"", "\"99.99%\"", "0", "1250", "10000"];
    let bad = [
        "\"100.01%\"",
        "\"101%\"",
        "\"5\"",
        "\"%\"",
        "\"5.%\"",
        "\".5%\"",
        "\"0.001%\"",
        "\"-1%\"",
        "\" 5%\"",
        "\"5e1%\"",
        "\"5%\\n\"",
        "-1",
        "10001",
        "5.5",
        "true",
        "[]",
    ];
    for (share, is_good) in good.map(|share| (share, true)).into_iter().chain(bad.map(|share| (share, false)))
    {
        let text = plan_text("smm-panel").replace("\"5%\"", share);
        assert_eq!(is_valid(&validator, &text), is_good, "{share}");
        assert_eq!(Plan::from_toml(&text).is_ok(), is_good, "{share}");
    }
}

#[test]
fn the_references_example_is_a_plan_in_which_every_section_occurs() {
    let reference = Plan::reference();
    let (_, example) = reference.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    assert!(is_valid(&validator(), example));
    let canonical = Plan::from_toml(example).unwrap().canonical_json();
    let canonical: Value = serde_json::from_str(&canonical).unwrap();
    let schema: Value = serde_json::from_str(&Plan::json_schema()).unwrap();
    let in_schema: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(in_schema, canonical.as_object().unwrap().keys().collect::<Vec<_>>());
    assert!(canonical.as_object().unwrap().values().all(|section| !section.is_null()));
    assert_eq!(canonical["infinity"]["shares"][0]["share"], 1000);
}
