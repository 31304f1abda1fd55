//! Event lines and plan files, valid ones from the corpus and what random changes make of them: whatever comes, there is
//! no panic, a refusal says why, and what is taken means the same when it is written again.

use std::path::PathBuf;

use banyan_engine::interchange::{MAX_LINE, Simulation, Step};
use banyan_engine::random::Numbers;
use banyan_engine::{Event, EventBody, EventId, Machine, Plan, PlanError, UserId};
use banyan_types::Amount;
use serde_json::Value;

use crate::shipped::{PLANS, history};
use crate::table::plan;

/// Texts that parsers trip over.
const TOKENS: [&str; 40] = [
    "\"",
    "\\",
    "\\u0000",
    "\\ud83c",
    "\\udf33",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "'",
    "\"\"\"",
    "=",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "🌳",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1e400",
    "0.1",
    "99999999999999999999999999999999999999999",
    "\"100%\"",
    "\"0%\"",
    "10001",
    "18446744073709551616",
    "-9223372036854775809",
    "\"1000000000000000000000000000000\"",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "company",
    "inf",
    "nan",
];

/// The files of a folder of the corpus, by name.
fn corpus(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    assert!(files.len() > 5, "{}: {} files", folder.display(), files.len());
    files
}

/// One or two changes: bits flipped, parts removed, repeated or cut off, tokens and pieces of another text put in.
fn mutate(text: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=numbers.below(2) {
        let mut place = |limit: usize| numbers.below(limit as u64 + 1) as usize;
        let at = place(bytes.len());
        let end = (at + 1 + place(20)).min(bytes.len());
        let (from, length) = (place(other.len()), place(60));
        match place(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << place(7),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 if place(9) == 0 => bytes.truncate(at),
            4 => {
                let piece = other[from..].iter().take(length).copied().collect::<Vec<u8>>();
                bytes.splice(at..end, piece);
            }
            _ => {
                let token = TOKENS[place(TOKENS.len() - 1)];
                bytes.splice(at..at, token.bytes());
            }
        }
    }
    bytes
}

/// A reason that can be printed in one line and says something.
#[track_caller]
fn assert_is_reason(reason: &str, of: &[u8]) {
    let said = reason.len() > 15 && reason.len() < 1_500 && !reason.chars().any(char::is_control);
    assert!(said, "{reason:?} for {}", String::from_utf8_lossy(of));
}

/// Takes a line and, if it was taken, writes it anew for a second run, which must come to the same.
fn take_twice(runs: &mut (Simulation, Simulation), line: &[u8]) -> bool {
    match runs.0.take(line) {
        Step::Refused(id, reason) => {
            assert_is_reason(&reason.to_string(), line);
            assert!(id.is_none_or(|id| !id.is_empty()));
            // Users get their numbers when they first appear, also where they are refused.
            runs.1.take(line);
            false
        }
        Step::Blank => false,
        Step::Applied(_) | Step::Returned(..) => {
            let value: Value = serde_json::from_slice(line).expect("what is taken is JSON");
            runs.1.take(value.to_string().as_bytes());
            assert_eq!(runs.0.records(), runs.1.records(), "{value}");
            assert_eq!(runs.0.machine().conservation(), runs.1.machine().conservation());
            true
        }
    }
}

#[test]
fn every_line_of_the_corpus_is_taken_or_refused_as_its_file_says() {
    for (name, text) in corpus("events") {
        let plan_name = name.split('.').nth(1).unwrap();
        let refused = name.starts_with("refused-");
        let mut simulation = Simulation::new(plan(plan_name));
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in (1..).zip(&lines) {
            let step = simulation.take(line.as_bytes());
            let is_last = number == lines.len();
            match step {
                Step::Refused(_, reason) => {
                    assert!(refused && is_last, "{name}, line {number}: {reason}");
                    assert_is_reason(&reason.to_string(), line.as_bytes());
                }
                _ => assert!(!refused || !is_last, "{name}: the last line should be refused"),
            }
        }
    }
}

#[test]
fn changed_event_lines_are_taken_or_refused_with_a_reason() {
    let corpus: Vec<String> = corpus("events")
        .into_iter()
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut numbers = Numbers::new(8);
    let (mut taken, mut refused) = (0, 0);
    for name in PLANS {
        let lines = history(name, 8, 400);
        let mut runs = (Simulation::lenient(plan(name)), Simulation::lenient(plan(name)));
        for line in &lines {
            for _ in 0..4 {
                let other = &corpus[numbers.below(corpus.len() as u64) as usize];
                let changed = mutate(line.as_bytes(), other.as_bytes(), &mut numbers);
                if take_twice(&mut runs, &changed) { taken += 1 } else { refused += 1 }
            }
            take_twice(&mut runs, line.as_bytes());
        }
        assert!(runs.0.machine().recount().holds(), "{name}");
    }
    assert!(taken > 200 && refused > 5_000, "{taken} taken, {refused} refused");
}

#[test]
fn a_line_of_nothing_but_brackets_is_stepped_over() {
    for brackets in ["[", "{\"a\":", "[{\"x\":[", "\"\\\\", "]", "\\u"] {
        let text = brackets.repeat(MAX_LINE / brackets.len() - 100);
        let line = format!("{{\"id\":\"e\",\"x\":{text}}}");
        let mut simulation = Simulation::new(plan("metax"));
        assert!(matches!(simulation.take(line.as_bytes()), Step::Refused(..)), "{brackets}");
        let closed = format!("{{\"id\":\"e\",\"x\":{}{}}}", "[".repeat(500_000), "]".repeat(500_000));
        assert!(matches!(simulation.take(closed.as_bytes()), Step::Refused(Some(_), _)));
    }
}

/// A plan that was taken works, its canonical form is JSON, and writing its file anew changes nothing.
fn assert_is_plan(plan: &Plan, text: &str) {
    let canonical = plan.canonical_json();
    let value: Value = serde_json::from_str(&canonical).expect("the canonical form is JSON");
    assert_eq!(value.to_string(), canonical, "sorted and without space");
    let table: toml::Table = toml::from_str(text).expect("a plan file is TOML");
    let again = Plan::from_toml(&toml::to_string(&table).unwrap()).expect("the same file, written anew");
    assert_eq!(again.hash(), plan.hash(), "{text}");
    assert_works(plan);
}

/// Pays whatever the plan takes, and lets a year pass.
fn assert_works(plan: &Plan) {
    let mut machine = Machine::new(plan.clone());
    let mut events = 0;
    let mut apply = |at: i64, body: EventBody| {
        machine.apply_lenient(&Event { id: EventId(events), at, body });
        events += 1;
        assert!(machine.recount().holds(), "{body:?}");
    };
    let amount = Amount::from_units(10i128.pow(30)).unwrap();
    for user in 1..=20 {
        let (user, sponsor) = (UserId(user), UserId(user / 2));
        apply(0, EventBody::Registered { user, sponsor, amount: plan.entry() });
        apply(0, EventBody::Purchase { user, amount });
        apply(1, EventBody::Stake { user, amount });
        apply(1, EventBody::Order { user, amount });
        apply(
            1,
            EventBody::Retopup { user, amount: plan.retopup().map_or(amount, |retopup| retopup.amount) },
        );
        apply(1, EventBody::Tick);
    }
    (1..14).for_each(|month| apply(month * 30 * 86_400, EventBody::Tick));
    apply(253_402_300_799, EventBody::Tick);
}

/// Reads a text as a plan; whether it is one.
fn read_plan(text: &str) -> bool {
    match Plan::from_toml(text) {
        Ok(plan) => {
            assert_is_plan(&plan, text);
            true
        }
        Err(err) => {
            let (PlanError::File(_) | PlanError::Value { .. }) = &err;
            let reason = err.to_string();
            assert!(reason.len() > 15, "{reason:?} for {text}");
            false
        }
    }
}

#[test]
fn every_plan_of_the_corpus_is_read_or_refused_as_its_file_says() {
    for (name, text) in corpus("plans") {
        assert_eq!(read_plan(&text), !name.starts_with("refused-"), "{name}: {:?}", Plan::from_toml(&text));
    }
}

#[test]
fn changed_plan_files_are_read_or_refused_with_a_reason() {
    let mut files: Vec<String> = corpus("plans").into_iter().map(|(_, text)| text).collect();
    for name in PLANS {
        let path = format!("{}/../../config/plans/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        // Comments are most of a file; changes should meet what says something.
        let lines: Vec<&str> =
            text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        files.push(lines.join("\n"));
    }
    let mut numbers = Numbers::new(15);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..12_000 {
        let one = &files[numbers.below(files.len() as u64) as usize];
        let other = &files[numbers.below(files.len() as u64) as usize];
        let changed = mutate(one.as_bytes(), other.as_bytes(), &mut numbers);
        let changed = String::from_utf8_lossy(&changed);
        if read_plan(&changed) { read += 1 } else { refused += 1 }
    }
    assert!(read > 100 && refused > 1_000, "{read} read, {refused} refused");
}

#[test]
fn a_plan_of_nothing_but_brackets_is_refused() {
    for text in ["[", "a=[", "a={b=", "[[a]]\n", "a.", "\"", "'''"] {
        assert!(!read_plan(&text.repeat(100_000 / text.len())), "{text}");
    }
}

#[test]
fn the_changes_depend_on_their_seed_alone() {
    let lines = history("metax", 1, 3);
    let change = |seed| mutate(lines[0].as_bytes(), lines[1].as_bytes(), &mut Numbers::new(seed));
    assert_eq!(change(4), change(4));
    assert!((0..20).any(|seed| change(seed) != change(4)));
}
