//! `banyan simulate` and `banyan plan hash`.

use serde_json::Value;

use crate::run::{Folder, Run, banyan, plan};

/// A registration as a line of events.
fn registered(n: u32, sponsor: &str) -> String {
    format!(
        r#"{{"id":"e{n}","at":"2026-03-01T09:00:00Z","type":"registered","user":"p{n}","sponsor":"{sponsor}","amount":"20000000000000000000"}}"#
    )
}

/// The fifteen registrations of the worked example.
fn worked_example() -> String {
    (1..=15).map(|n| registered(n, if n == 1 { "company" } else { "p1" }) + "\n").collect()
}

/// Simulates events under autopool.
fn simulate(events: impl AsRef<[u8]>, more: &[&str]) -> Run {
    let folder = Folder::new();
    let (plan, events) = (plan("autopool"), folder.file("events.jsonl", events));
    banyan(&[&["simulate", "--plan", &plan, "--events", &events], more].concat())
}

#[test]
fn the_worked_example_is_printed_record_by_record() {
    let run = simulate(worked_example(), &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let records: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let entitlement = |user: &str| -> i128 {
        let units = |value: &Value| value.as_str().unwrap().parse::<i128>().unwrap();
        let earned = |record: &Value| match record["record"].as_str().unwrap() {
            "reward" if record["to"] == user && record["state"] == "payable" => units(&record["amount"]),
            "reserve" if record["user"] == user => units(&record["released"]),
            _ => 0,
        };
        records.iter().map(earned).sum()
    };
    assert_eq!(entitlement("p1"), 45_600_000_000_000_000_000);
    assert_eq!(entitlement("company"), 110_400_000_000_000_000_000);
    assert!(records.iter().all(|record| record["event"].as_str().unwrap().starts_with('e')));
}

#[test]
fn the_summary_has_totals_by_kind_and_the_conservation_line() {
    let run = simulate(worked_example(), &["--summary"]);
    assert_eq!(
        run.out,
        "\
kind                 rewards  amount in BNB
DIRECT                    16  34
POOL_L1                   14  126
POOL_L2                   12  54
POOL_L3                    8  21.6
POOL_BREAKAGE             14  73.8
POOL_COMPANY              16  30.6
conservation: in 300 = payable 99.6 + reserved 90 + company 110.4; difference 0
"
    );
    let json = simulate(worked_example(), &["--summary", "--format", "jsonl"]).out;
    let last: Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(last["conservation"]["company"], "110400000000000000000");
    let csv = simulate(worked_example(), &["--summary", "--format", "csv"]).out;
    assert!(
        csv.contains("\ntotal,DIRECT,16,34000000000000000000\n")
            && csv.ends_with("\nconservation,difference,,0\n")
    );
}

#[test]
fn csv_has_one_column_for_every_field() {
    let run = simulate(worked_example(), &["--format", "csv"]);
    let mut lines = run.out.lines();
    let header = "event,record,kind,to,amount,source,state,depth,user,level,tree,index,parent,price,spent,released,\
                  rank,position,month,purchase,list,discount,net";
    assert_eq!(lines.next(), Some(header));
    let columns = header.split(',').count();
    assert!(lines.clone().all(|line| line.split(',').count() == columns));
    assert_eq!(lines.next(), Some("e1,reward,DIRECT,company,2000000000000000000,p1,payable,,,,,,,,,,,,,,,,"));
    assert_eq!(lines.next(), Some("e1,seat,,,,,,,p1,1,1,1,,18000000000000000000,,,,,,,,,"));
}

#[test]
fn the_output_may_go_to_a_file() {
    let folder = Folder::new();
    let out = folder.path("out.jsonl");
    let run = simulate(worked_example(), &["--out", &out]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(out).unwrap(), simulate(worked_example(), &[]).out);
}

#[test]
fn events_may_come_from_standard_input() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_banyan"))
        .args(["simulate", "--plan", &plan("autopool"), "--events", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(worked_example().as_bytes()).unwrap();
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.out, simulate(worked_example(), &[]).out);
}

#[test]
fn bad_input_ends_the_run_after_the_records_before_it() {
    let good = registered(1, "company") + "\n\n \t\r\n";
    let before = simulate(&good, &[]).out;
    let bad = |old: &str, new: &str| registered(2, "p1").replace(old, new).into_bytes();
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (registered(2, "p1").as_bytes()[..70].to_vec(), "-", "one JSON object"),
        (bad("\"e2\"", "\"e1\""), "e1", "unique `id`"),
        (bad("sponsor", "sponsr"), "e2", "unknown key `sponsr`; the nearest known key is `sponsor`"),
        (bad("\"20000000000000000000\"", "20.5"), "e2", "as `amount`, got the number 20.5"),
        (bad("\"20000000000000000000\"", "\"20.5\""), "e2", "as `amount`, got the string \"20.5\""),
        (bad("\"20000000000000000000\"", "\"-20\""), "e2", "as `amount`, got the string \"-20\""),
        (bad("\"20000000000000000000\"", "\"0\""), "e2", "as `amount`, got the string \"0\""),
        (bad("\"20000000000000000000\"", &format!("\"{}\"", "9".repeat(100))), "e2", "at most 10^30"),
        (bad("09:00:00", "08:59:59"), "e2", "a time not before the last event's"),
        (bad("\"p1\"", "\"p7\""), "e2", "this sponsor has not registered"),
        (b"{\"id\":\"e2\",\"at\":\"\xff\"}".to_vec(), "-", "UTF-8"),
        (vec![b'x'; 10_000_000], "-", "at most 1048576 bytes"),
    ];
    for (line, id, said) in cases {
        let run = simulate([good.as_bytes(), &line, b"\n", registered(3, "p1").as_bytes()].concat(), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, before.as_str()), "{said}");
        let place = format!("line 4, event {id}: ");
        assert!(run.err.starts_with(&place) && run.err.contains(said), "{said}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
}

#[test]
fn a_refused_event_ends_a_summary_too() {
    let run = simulate(registered(1, "company") + "\n" + &registered(1, "company"), &["--summary"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("conservation: in 20 = "), "{}", run.out);
    assert!(run.err.starts_with("line 2, event e1: "), "{}", run.err);
}

#[test]
fn leniently_payments_are_returned_and_the_rest_is_skipped() {
    let short = registered(2, "p1").replace("\"20000000000000000000\"", "\"19\"");
    let long = "x".repeat(2_000_000);
    let events = [&registered(1, "company"), &short, &short, "{", &long, &registered(3, "p1")].join("\n");
    let run = simulate(events, &["--lenient"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let returned = r#"{"event":"e2","record":"reward","kind":"REFUSED","to":"p2","amount":"19","source":"p2","state":"payable"}"#;
    assert!(run.out.lines().any(|line| line == returned));
    assert!(run.out.contains(r#""event":"e3""#));
    let starts: Vec<&str> = run.err.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(starts, ["line 2, event e2", "line 3, event e2", "line 4, event -", "line 5, event -"]);
}

#[test]
fn a_file_without_events_has_no_records() {
    assert_eq!(simulate("", &[]), Run { code: 0, out: String::new(), err: String::new() });
    assert_eq!(simulate("\n \n", &[]).out, "");
    assert!(simulate("", &["--summary"]).out.contains("conservation: in 0 = payable 0"));
}

#[test]
fn what_cannot_be_opened_or_read_as_a_plan_is_told() {
    let folder = Folder::new();
    let events = folder.file("events.jsonl", "");
    let run = banyan(&["simulate", "--plan", &folder.path("none.toml"), "--events", &events]);
    assert_eq!((run.code, run.err.starts_with("error: expected a plan file at ")), (1, true), "{}", run.err);
    let run = banyan(&["simulate", "--plan", &plan("autopool"), "--events", &folder.path("none.jsonl")]);
    assert_eq!(
        (run.code, run.err.starts_with("error: expected a file of events at ")),
        (1, true),
        "{}",
        run.err
    );
    let misspelt = std::fs::read_to_string(plan("autopool")).unwrap().replace("\nlevels", "\nlevel");
    let misspelt = folder.file("plan.toml", misspelt);
    let run = banyan(&["simulate", "--plan", &misspelt, "--events", &events]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("unknown key `level`; the nearest known key is `levels`"), "{}", run.err);
    assert_eq!(banyan(&["simulate", "--plan", &misspelt]).code, 1, "2 belongs to refused events");
    assert_eq!(banyan(&["--help"]).code, 0);
}

#[test]
fn a_plans_hash_and_what_it_is_taken_of_are_printed() {
    let run = banyan(&["plan", "hash", &plan("autopool")]);
    assert_eq!(run.out, "0xdc564ff7ec788e2c46c46143da9c4423aa8623d3716e022476c5c561162dd51c\n");
    let canonical = banyan(&["plan", "hash", "--canonical", &plan("autopool")]).out;
    let start =
        r#"{"activity":null,"currency":{"decimals":18,"symbol":"BNB"},"infinity":null,"name":"autopool","#;
    assert!(canonical.starts_with(start), "{canonical}");
}
