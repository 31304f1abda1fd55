//! `banyan why` and `banyan why-not`.

use serde_json::Value;

use crate::run::{Folder, Run, banyan, plan};

const ENTRY: &str = "20000000000000000000";
const RETOPUP: &str = "40000000000000000000";

fn line(id: &str, day: u32, rest: &str) -> String {
    format!("{{\"id\":\"{id}\",\"at\":\"2026-03-{day:02}T09:00:00Z\",{rest}}}\n")
}

/// p1 … p4 in a chain, retopups of p2 and p4.
fn events() -> String {
    let registered = |n: u32, sponsor: &str| {
        let rest = format!(r#""type":"registered","user":"p{n}","sponsor":"{sponsor}","amount":"{ENTRY}""#);
        line(&format!("e{n}"), n, &rest)
    };
    let retopup = |id: &str, day: u32, user: &str, amount: &str| {
        line(id, day, &format!(r#""type":"retopup","user":"{user}","amount":"{amount}""#))
    };
    [
        registered(1, "company"),
        registered(2, "p1"),
        registered(3, "p2"),
        registered(4, "p3"),
        retopup("e5", 5, "p2", RETOPUP),
        retopup("e6", 6, "p4", RETOPUP),
    ]
    .concat()
}

fn ask(question: &str, event: &str, user: &str, more: &[&str]) -> Run {
    ask_of(&events(), question, event, user, more)
}

fn ask_of(events: &str, question: &str, event: &str, user: &str, more: &[&str]) -> Run {
    let folder = Folder::new();
    let (plan, events) = (plan("autopool"), folder.file("events.jsonl", events));
    let asked = [question, "--plan", &plan, "--events", &events, "--event", event, "--user", user];
    banyan(&[&asked, more].concat())
}

#[test]
fn why_prints_the_path_the_facts_the_arithmetic_and_the_rest() {
    let run = ask("why", "e6", "p2", &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(
        run.out,
        "\
Event e6, retopup at 2026-03-06T09:00:00Z: p4 paid 40 BNB.
LEVEL at level 2: 5.4 BNB, payable of the retopup of p4, 40 BNB
  path along sponsors: p4 → p3 (no earlier retopup) → p2
  because p2 has an earlier retopup: event e5
  the pot of the retopup: 90% of 40 BNB = 36 BNB
  the level's share of the pot: 15% of 36 BNB = 5.4 BNB
  what is left, rounding included: 4 BNB to company as COMPANY_FEE
"
    );
}

#[test]
fn why_tells_of_seats_and_reserves() {
    let run = ask("why", "e4", "p2", &[]);
    assert_eq!(
        run.out,
        "\
Event e4, registered at 2026-03-04T09:00:00Z: p4 paid 20 BNB.
POOL_L1 of level 1: 9 BNB, payable of the seat 4 in tree 1 of level 1 of p4, 18 BNB
  path along seats: seat 4: p4 → seat 2: p2
  because p2 has seat 2 of tree 1 of level 1, taken by event e2; the new seat 4 lies 1 below it, at position 1 of its board
  the seat's price: what the sponsor's share leaves of the ticket: 20 BNB − 2 BNB = 18 BNB
  the layer's share of the price: 50% of 18 BNB = 9 BNB
  what is left, rounding included: 1.8 BNB to company as POOL_COMPANY
"
    );
    let reserved = ask("why", "e4", "p1", &[]).out;
    assert!(reserved.contains("POOL_L2 of level 1: 4.5 BNB, reserved, not payable yet"), "{reserved}");
    assert!(reserved.contains("because that position pays into the seat's reserve"), "{reserved}");
}

#[test]
fn why_not_prints_the_reasons() {
    let run = ask("why-not", "e6", "p3", &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(
        run.out,
        "\
Event e6, retopup at 2026-03-06T09:00:00Z: p4 paid 40 BNB.
p3 got nothing of it:
- level_income: sponsor 1 above, no earlier retopup: the share of 10.8 BNB goes to the company as LEVEL_BREAKAGE.
"
    );
}

#[test]
fn the_wrong_question_points_to_the_right_one() {
    let why = ask("why", "e6", "p3", &[]).out;
    assert!(
        why.ends_with("p3 got nothing of it. For the reason ask: why-not --event e6 --user p3\n"),
        "{why}"
    );
    let why_not = ask("why-not", "e6", "p2", &[]).out;
    assert!(why_not.contains("For the path ask: why --event e6 --user p2\n"), "{why_not}");
}

#[test]
fn the_machine_form_is_the_same_for_both_questions() {
    let why = ask("why", "e6", "p2", &["--format", "json"]).out;
    assert_eq!(why, ask("why-not", "e6", "p2", &["--format", "json"]).out);
    let answer: Value = serde_json::from_str(&why).unwrap();
    assert_eq!((answer["explanation"].as_i64(), answer["user"].as_str()), (Some(1), Some("p2")));
    let reward = &answer["rewards"][0];
    assert_eq!(
        (reward["kind"].as_str(), reward["amount"].as_str()),
        (Some("LEVEL"), Some("5400000000000000000"))
    );
    assert_eq!(
        (reward["because"][0]["fact"].as_str(), reward["because"][0]["event"].as_str()),
        (Some("earlier_retopup"), Some("e5"))
    );
    assert_eq!(reward["path"]["nodes"][1]["passed"], "no_earlier_retopup");
    assert_eq!(reward["arithmetic"][1]["result"], reward["amount"]);
    assert_eq!(answer["not_paid"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_refused_payment_is_explained_leniently_and_ends_the_run_otherwise() {
    let wrong = line("e7", 7, r#""type":"retopup","user":"p4","amount":"5""#);
    let events = events() + &wrong;
    let lenient = ask_of(&events, "why", "e7", "p4", &["--lenient"]);
    assert_eq!(lenient.code, 0);
    assert!(
        lenient.out.contains("because the plan refused the payment, which goes back: expected exactly"),
        "{}",
        lenient.out
    );
    let strict = ask_of(&events, "why", "e7", "p4", &[]);
    assert_eq!((strict.code, strict.out.as_str()), (2, ""));
    assert!(strict.err.starts_with("line 7, event e7: expected exactly"), "{}", strict.err);
    let before = ask_of(&events, "why", "e6", "p2", &[]);
    assert_eq!(before.code, 2, "the file is faulty, though not before the event");
    assert!(before.out.contains("LEVEL at level 2"), "{}", before.out);
}

#[test]
fn an_event_that_is_not_there_is_an_error() {
    let run = ask("why", "e99", "p2", &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("\"e99\""), "{}", run.err);
}

#[test]
fn the_page_about_explanations_shows_what_is_printed() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/explain.md");
    let page = std::fs::read_to_string(page).unwrap();
    for (question, user) in [("why", "p2"), ("why-not", "p3")] {
        let run = ask(question, "e6", user, &[]);
        assert!(page.contains(&run.out), "{}", run.out);
    }
    let shown: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap())
        .collect();
    let printed: [Value; 2] = ["p2", "p3"]
        .map(|user| serde_json::from_str(&ask("why", "e6", user, &["--format", "json"]).out).unwrap());
    assert_eq!(shown, printed);
}
