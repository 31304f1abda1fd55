//! The small language in which the cases of the models are told, amounts in smallest units (`_` as one likes).
//!
//! Events, one a line, the time first (of 2026; at midnight unless told), then the event's id:
//! ```text
//! 01-01 r register a b under company      two events, r.1 and r.2
//! 01-01 q chain p1..p6 under company      p1 under the company, p2 under p1 …
//! 01-01T09:30:00 e1 buy a 100
//! 01-01 e2 refund e1
//! 01-01 s1 stake a 100 · u1 unstake s1 · x off a · y on a
//! 01-01 o1 order a 100 · c1 complete o1 · c2 return o1
//! 01-01 t tick
//! ```
//! Expectations: every record, one a line, or with `only KIND …` every record of these kinds; then balances:
//! ```text
//! e9 vested e1
//! e9 rank a Jade
//! e9 order a 100 0 100                     list, discount, net
//! e9 UNILEVEL a 40 from b depth 1          a reward, with what it has besides
//! payable a 40 · company 60 · pending 0 · staked 0 · in 100 · out 0
//! refused e8 late refund                   in a strict run nothing after it is heard
//! ```

use serde_json::{Value, json};

use super::{Model, Verdict, agreement, calendar};

/// A strict run of these events under a plan does this, by the model and by the engine.
#[track_caller]
pub fn check(plan: &str, events: &str, expectations: &str) {
    run(plan, false, events, expectations);
}

/// The same of a run as in production.
#[track_caller]
pub fn check_lenient(plan: &str, events: &str, expectations: &str) {
    run(plan, true, events, expectations);
}

#[track_caller]
fn run(plan: &str, lenient: bool, events: &str, expectations: &str) {
    let lines: Vec<String> = told(events).flat_map(lines_of).collect();
    let mut model = Model::new(plan, lenient);
    let (mut records, mut others) = (Vec::new(), Vec::new());
    for line in &lines {
        match model.take(line) {
            Verdict::Applied(new) | Verdict::Returned(new) => {
                records.extend(new.iter().map(|record| words(record)));
            }
            Verdict::Refused(reason) => {
                let event: Value = serde_json::from_str(line).unwrap();
                others.push(format!("refused {} {reason}", event["id"].as_str().unwrap()));
                if !lenient {
                    break;
                }
            }
        }
    }
    let book = &model.book;
    others.extend(book.payable.iter().map(|(user, amount)| format!("payable {user} {amount}")));
    others.push(format!("company {}", book.company));
    others.push(format!("pending {}", book.pending));
    others.push(format!("staked {}", book.staked));
    others.push(format!("in {}", book.money_in));
    others.push(format!("out {}", book.money_out));
    compare(expectations, records, &others);
    agreement::agree(plan, lenient, &lines);
}

#[track_caller]
fn compare(expectations: &str, mut records: Vec<String>, others: &[String]) {
    let mut expected = Vec::new();
    for line in told(expectations) {
        let line = line.replace('_', "");
        let word = line.split(' ').next().unwrap();
        if let Some(kinds) = line.strip_prefix("only ") {
            records.retain(|record| kinds.split(' ').any(|kind| record.split(' ').nth(1) == Some(kind)));
        } else if ["payable", "company", "pending", "staked", "in", "out", "refused"].contains(&word) {
            assert!(others.contains(&line), "expected {line}, got {others:#?}");
        } else {
            expected.push(line);
        }
    }
    let refusals = others.iter().filter(|line| line.starts_with("refused")).count();
    assert_eq!(expectations.matches("refused ").count(), refusals, "{others:#?}");
    expected.sort();
    records.sort();
    assert_eq!(records, expected);
}

fn told(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '·']).map(str::trim).filter(|line| !line.is_empty())
}

/// A record in the words of the expectations; that it has no field that is not told is told elsewhere.
fn words(record: &str) -> String {
    let record: Value = serde_json::from_str(record).unwrap();
    let text = |key: &str| record[key].as_str().unwrap();
    let event = text("event");
    match text("record") {
        "vested" => format!("{event} vested {}", text("purchase")),
        "rank" => format!("{event} rank {} {}", text("user"), text("rank")),
        "order" => {
            let (list, discount, net) = (text("list"), text("discount"), text("net"));
            format!("{event} order {} {list} {discount} {net}", text("user"))
        }
        "reward" => {
            let (kind, to, amount, source) = (text("kind"), text("to"), text("amount"), text("source"));
            let mut words = format!("{event} {kind} {to} {amount} from {source}");
            for key in ["depth", "rank", "position", "month"] {
                match &record[key] {
                    Value::Null => {}
                    Value::String(text) => words += &format!(" {key} {text}"),
                    other => words += &format!(" {key} {other}"),
                }
            }
            words
        }
        other => panic!("a record {other}"),
    }
}

/// The JSON Lines of one told line.
fn lines_of(told: &str) -> Vec<String> {
    let words: Vec<&str> = told.split_whitespace().collect();
    let (time, id, rest) = (words[0], words[1], &words[2..]);
    let time = if time.contains('T') { format!("2026-{time}Z") } else { format!("2026-{time}T00:00:00Z") };
    assert!(calendar::seconds(&time).is_some(), "{told}");
    let bodies = bodies(rest);
    let many = bodies.len() > 1;
    let line = |(number, mut body): (usize, Value)| {
        body["id"] = if many { json!(format!("{id}.{}", number + 1)) } else { json!(id) };
        body["at"] = json!(time);
        body.to_string()
    };
    bodies.into_iter().enumerate().map(line).collect()
}

fn bodies(words: &[&str]) -> Vec<Value> {
    let paid = |kind: &str, user: &str, amount: &str| json!({ "type": kind, "user": user, "amount": amount.replace('_', "") });
    let registered =
        |user: &str, sponsor: &str| json!({ "type": "registered", "user": user, "sponsor": sponsor });
    match words {
        ["register", users @ .., "under", sponsor] => {
            users.iter().map(|user| registered(user, sponsor)).collect()
        }
        ["chain", users, "under", sponsor] => {
            let (first, last) = users.split_once("..").unwrap();
            let number = |name: &str| name[1..].parse::<usize>().unwrap();
            let name = |number: usize| format!("{}{number}", &first[..1]);
            let (first, last) = (number(first), number(last));
            let above = |number| if number == first { (*sponsor).to_owned() } else { name(number - 1) };
            (first..=last).map(|number| registered(&name(number), &above(number))).collect()
        }
        ["buy", user, amount] => vec![paid("purchase", user, amount)],
        ["stake", user, amount] => vec![paid("stake", user, amount)],
        ["order", user, amount] => vec![paid("order", user, amount)],
        ["refund", purchase] => vec![json!({ "type": "refund", "purchase": purchase })],
        ["unstake", stake] => vec![json!({ "type": "unstake", "stake": stake })],
        ["off", user] => vec![json!({ "type": "status", "user": user, "active": false })],
        ["on", user] => vec![json!({ "type": "status", "user": user, "active": true })],
        ["complete", order] => vec![json!({ "type": "order_completed", "order": order })],
        ["return", order] => vec![json!({ "type": "order_refunded", "order": order })],
        ["tick"] => vec![json!({ "type": "tick" })],
        other => panic!("an event {other:?}"),
    }
}
