//! Golden records: what semantics 1 made of these events it makes of them for ever.
//!
//! The events are files, so that no change of a generator changes them. When a digest differs, the meaning of plan files
//! has changed, and that needs a new semantics version, not a new digest.

use banyan_engine::interchange::Simulation;
use banyan_types::keccak256;

use crate::shipped::{PLANS, take};
use crate::table::plan;

/// keccak256 of the records of each plan's events, sorted within an event, run as production does.
const DIGESTS: [&str; PLANS.len()] = [
    "0xc5ad7b1cbfb0d5e54a19f11f3bae83562f676d6caef67b3faa11c0a906b9d573",
    "0xd7b57bcbfb58df2f483dd07b463c5373f8ec80fdf6b2dc1be1f74eaa157fb8b9",
    "0x60b0b32181793180553fc371ae1a39ea009dbd797d39194bb2dbc23e6fa3dc4f",
    "0xa36e6da09850b462cdcc45e626d48c352ccde9e4f2b716e9bb6f887e9158b4e2",
    "0x1ec45467856d0cdfaf10bc2e3651bf523aa6bec005cddef2db166054e6cbc5a1",
    "0xfd3c240d7e4314e3fb01af4f63d4343370897e46ad911ca95172ed43ca06fe5c",
    "0x04edb5935cbbfed6b8657f3fbac85387eaf1202b87f63276c15db04b882b3d40",
    "0x4f1c2923e89ad422c02a9dbb51e20dec4c7e90c1a9b7524067d5ec8528245400",
    "0xf21d2b93bc1f2862dd22c707aece7613dcc4436f790e32e2d9b46ad3a3ff7289",
];

/// The events of a plan: `tests/golden/`, a file a plan; rest-empire's variants have the same.
fn events(name: &str) -> String {
    let file = name.trim_start_matches("variants/");
    let file = if file.starts_with("rest-empire") { "rest-empire" } else { file };
    let path = format!("{}/tests/golden/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|err| panic!("{path}: {err}"))
}

fn digest(name: &str) -> String {
    let mut simulation = Simulation::lenient(plan(name));
    let mut all = String::new();
    for line in events(name).lines() {
        let text = take(&mut simulation, line).unwrap_or_default();
        let mut records: Vec<&str> = text.lines().collect();
        records.sort_unstable();
        all += &records.concat();
    }
    assert!(all.len() > 10_000, "{name}: the events say something");
    keccak256(&all).to_string()
}

#[test]
fn the_records_of_semantics_1_stay_what_they_were() {
    let found: Vec<String> = PLANS.iter().map(|name| digest(name)).collect();
    let found: Vec<(&str, &str)> = PLANS.into_iter().zip(found.iter().map(String::as_str)).collect();
    let expected: Vec<(&str, &str)> = PLANS.into_iter().zip(DIGESTS).collect();
    assert_eq!(found, expected);
}
