//! Input that is broken, hostile or huge: a clear error with line and id, exit code 2, the records before it, and a
//! memory that does not grow with a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::run::{Folder, Run, banyan, plan};

const AT: &str = "2026-03-01T09:00:00Z";

fn event(id: &str, fields: &str) -> String {
    format!(r#"{{"id":"{id}","at":"{AT}","type":{fields}}}"#)
}

fn simulate(plan_name: &str, lines: &[&[u8]]) -> Run {
    let folder = Folder::new();
    let (plan, events) = (plan(plan_name), folder.file("events.jsonl", lines.join(&b'\n')));
    banyan(&["simulate", "--plan", &plan, "--events", &events])
}

/// Good lines, the bad one, and another good one that must not be reached.
#[track_caller]
fn check(plan_name: &str, good: &[String], bad: &[u8], id: &str, said: &str) {
    let good: Vec<&[u8]> = good.iter().map(String::as_bytes).collect();
    let before = simulate(plan_name, &good);
    assert_eq!(before.code, 0, "{}", before.err);
    let after = event("later", r#""registered","user":"later","sponsor":"company""#);
    let run = simulate(plan_name, &[&good[..], &[bad, after.as_bytes()]].concat());
    assert_eq!((run.code, run.out), (2, before.out), "{said}: {}", run.err);
    let place = format!("line {}, event {id}: ", good.len() + 1);
    assert!(run.err.starts_with(&place) && run.err.contains(said), "{said}: {}", run.err);
    assert!(run.err.lines().count() == 1 && run.err.len() < 1_000, "{}", run.err);
}

/// u1 under the company, u2 under u1.
fn two() -> Vec<String> {
    vec![
        event("a", r#""registered","user":"u1","sponsor":"company""#),
        event("b", r#""registered","user":"u2","sponsor":"u1""#),
    ]
}

#[test]
fn amounts_of_every_payment_are_whole_strings_from_one() {
    for (plan_name, kind) in
        [("metax", "purchase"), ("metax", "stake"), ("rest-empire", "purchase"), ("smm-panel", "order")]
    {
        for (amount, said) in [
            (r#""0""#, r#"as `amount`, got the string "0""#),
            (r#""-5""#, r#"as `amount`, got the string "-5""#),
            (r#""5.5""#, r#"as `amount`, got the string "5.5""#),
            (r#""05""#, "as `amount`"),
            (r#""5e3""#, "as `amount`"),
            (r#""""#, "as `amount`"),
            ("5", "as `amount`, got the number 5"),
            ("5.5", "as `amount`, got the number 5.5"),
            ("null", "as `amount`, got null"),
            (r#""1000000000000000000000000000001""#, "at most 10^30"),
        ] {
            let bad = event("x", &format!(r#""{kind}","user":"u2","amount":{amount}"#));
            check(plan_name, &two(), bad.as_bytes(), "x", said);
        }
        let huge = event("x", &format!(r#""{kind}","user":"u2","amount":"{}""#, "9".repeat(100_000)));
        check(plan_name, &two(), huge.as_bytes(), "x", "at most 10^30");
    }
}

#[test]
fn unknown_types_fields_users_and_references_are_named() {
    let with =
        |kind: &str| [two(), vec![event("c", &format!(r#""{kind}","user":"u2","amount":"500""#))]].concat();
    let closed = |kind: &str, close: &str, key: &str| {
        [with(kind), vec![event("d", &format!(r#""{close}","{key}":"c""#))]].concat()
    };
    let cases: Vec<(&str, Vec<String>, &str, &str)> = vec![
        ("metax", two(), r#""stakes","user":"u1","amount":"5""#, "the nearest known type is `stake`"),
        (
            "metax",
            two(),
            r#""stake","usr":"u1","amount":"5""#,
            "unknown key `usr`; the nearest known key is `user`",
        ),
        ("metax", two(), r#""stake","user":"u1""#, "expected the key `amount`, which is missing"),
        ("metax", two(), r#""stake","user":"u9","amount":"5""#, "this one has not registered"),
        ("metax", two(), r#""purchase","user":"company","amount":"5""#, "got the company"),
        ("metax", two(), r#""unstake","stake":"a""#, "no stake has this one"),
        ("metax", two(), r#""unstake","stake":7"#, "expected a string as `stake`"),
        (
            "metax",
            two(),
            r#""unstake","stakes":"c""#,
            "unknown key `stakes`; the nearest known key is `stake`",
        ),
        ("metax", closed("stake", "unstake", "stake"), r#""unstake","stake":"c""#, "this one was closed"),
        ("metax", two(), r#""status","user":"u1","active":"true""#, "expected true or false as `active`"),
        ("metax", two(), r#""status","user":"u9","active":true"#, "this one has not registered"),
        ("metax", two(), r#""refund","purchase":"a""#, "no section for `refund`"),
        ("metax", two(), r#""retopup","user":"u1","amount":"5""#, "no section for `retopup`"),
        ("metax", two(), r#""wind_up""#, "no section for `wind_up`"),
        ("metax", two(), r#""registered","user":"u3","sponsor":"u1","amount":"5""#, "expected no `amount`"),
        (
            "metax",
            two(),
            r#""registered","user":"u1","sponsor":"u2""#,
            "has not registered yet: this one has",
        ),
        ("metax", two(), r#""registered","user":"u3","sponsor":"u3""#, "got the user's own name"),
        ("rest-empire", two(), r#""refund","purchase":"none""#, "no purchase has this one"),
        ("rest-empire", two(), r#""refund","purchase":"b""#, "no purchase has this one"),
        (
            "rest-empire",
            closed("purchase", "refund", "purchase"),
            r#""refund","purchase":"c""#,
            "this one was",
        ),
        ("smm-panel", two(), r#""order_completed","order":"c""#, "no order has this one"),
        (
            "smm-panel",
            closed("order", "order_completed", "order"),
            r#""order_refunded","order":"c""#,
            "this one was completed",
        ),
        (
            "smm-panel",
            closed("order", "order_refunded", "order"),
            r#""order_completed","order":"c""#,
            "this one was refunded",
        ),
    ];
    for (plan_name, good, fields, said) in cases {
        check(plan_name, &good, event("x", fields).as_bytes(), "x", said);
    }
}

#[test]
fn broken_lines_and_times_that_go_back_end_every_programme() {
    for plan_name in ["metax", "rest-empire", "smm-panel"] {
        let line = event("x", r#""registered","user":"u3","sponsor":"u1""#);
        for end in [1, 9, line.len() / 2, line.len() - 1] {
            check(plan_name, &two(), &line.as_bytes()[..end], "-", "one JSON object");
        }
        let earlier = line.replace("09:00:00", "08:59:59");
        check(plan_name, &two(), earlier.as_bytes(), "x", "a time not before the last event's");
        let unreal = line.replace("03-01", "02-30");
        check(plan_name, &two(), unreal.as_bytes(), "x", "a real time");
        let again = line.replace("\"x\"", "\"b\"");
        check(plan_name, &two(), again.as_bytes(), "b", "unique `id`");
        let latin: Vec<u8> = line.bytes().map(|byte| if byte == b'3' { 0xFC } else { byte }).collect();
        check(plan_name, &two(), &latin, "-", "expected UTF-8");
        check(plan_name, &two(), &vec![b' '; 10_000_000], "-", "at most 1048576 bytes");
    }
    let late = event("x", r#""refund","purchase":"c""#).replace("03-01", "03-15");
    let good = [two(), vec![event("c", r#""purchase","user":"u2","amount":"5""#)]].concat();
    check("rest-empire", &good, late.as_bytes(), "x", "less than 14 days old");
}

/// A lenient run that is fed bit by bit, and stays alive to be asked for its memory.
struct Fed {
    child: std::process::Child,
    errors: std::io::Lines<BufReader<std::process::ChildStderr>>,
    _folder: Folder,
}

impl Fed {
    fn new(plan_name: &str) -> Fed {
        let folder = Folder::new();
        let out = folder.path("out.jsonl");
        let mut child = Command::new(env!("CARGO_BIN_EXE_banyan"))
            .args(["simulate", "--lenient", "--plan", &plan(plan_name), "--events", "-", "--out", &out])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap()).lines();
        Fed { child, errors, _folder: folder }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.child.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// The most memory that the run ever had, in MiB, once it has told of a bad line that was fed last.
    fn peak(&mut self, told: &str) -> u64 {
        let line = self.errors.next().unwrap().unwrap();
        assert!(line.contains(told), "{line}");
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        peak.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn a_line_of_ten_megabytes_takes_no_memory() {
    let mut run = Fed::new("metax");
    run.feed(b"{\n");
    let before = run.peak("line 1, event -: skipped");
    run.feed(&[b'x'; 10_000_000]);
    run.feed(b"\n");
    let peak = run.peak("line 2, event -: skipped: expected a line of at most 1048576 bytes");
    assert!(peak < before + 4, "{before} MiB before the line, {peak} MiB with it");
    run.end();
}

/// A chain of a million sponsors, then purchases at its bottom, within bounded memory.
#[test]
fn a_chain_of_a_million_sponsors_is_walked_within_bounded_memory() {
    let mut run = Fed::new("rest-empire");
    let mut lines = String::new();
    for user in 1..=1_000_000 {
        let sponsor = if user == 1 { "company".to_owned() } else { format!("u{}", user - 1) };
        lines +=
            &event(&format!("e{user}"), &format!(r#""registered","user":"u{user}","sponsor":"{sponsor}""#));
        lines.push('\n');
        if lines.len() > 1 << 16 {
            run.feed(lines.as_bytes());
            lines.clear();
        }
    }
    for purchase in 0..3 {
        lines += &event(&format!("p{purchase}"), r#""purchase","user":"u1000000","amount":"100000""#);
        lines.push('\n');
    }
    lines += &event("t", r#""tick""#).replace("03-01", "05-15");
    run.feed(lines.as_bytes());
    run.feed(b"\n{\n");
    let peak = run.peak("event -: skipped");
    assert!(peak < 400, "{peak} MiB");
    run.end();
}
