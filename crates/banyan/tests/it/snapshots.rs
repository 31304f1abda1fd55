//! `banyan simulate --snapshot-out`, `--snapshot-every` and `--resume`.

use crate::run::{Folder, Run, banyan, plan};

/// A history of rest-empire: everybody buys at once, one is refunded, and all vests when the last line comes.
fn history() -> Vec<String> {
    let line = |id: usize, day: usize, fields: &str| {
        format!(r#"{{"id":"e{id}","at":"2026-03-{day:02}T09:00:00Z","type":{fields}}}"#)
    };
    let mut lines = Vec::new();
    for user in 1..=8 {
        let sponsor = if user == 1 { "company".to_owned() } else { format!("u{}", user / 2) };
        let id = lines.len();
        lines.push(line(id, 1, &format!(r#""registered","user":"u{user}","sponsor":"{sponsor}""#)));
        lines.push(line(id + 1, 1, &format!(r#""purchase","user":"u{user}","amount":"{user}00000""#)));
    }
    lines.push(String::new());
    lines.push(line(20, 9, r#""refund","purchase":"e5""#));
    lines.push(line(21, 15, r#""tick""#));
    lines.push(line(22, 16, r#""purchase","user":"u8","amount":"777""#));
    lines.push(line(23, 31, r#""tick""#));
    lines
}

struct Stage {
    folder: Folder,
}

impl Stage {
    fn new() -> Stage {
        Stage { folder: Folder::new() }
    }

    fn simulate(&self, plan_name: &str, lines: &[String], more: &[&str]) -> Run {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (plan, events) = (plan(plan_name), self.folder.file("events.jsonl", text));
        banyan(&[&["simulate", "--plan", &plan, "--events", &events], more].concat())
    }

    fn snapshot(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path(name)).unwrap()
    }
}

#[test]
fn a_run_goes_on_where_its_snapshot_ends() {
    let (stage, lines) = (Stage::new(), history());
    let [first, second, whole] = ["first", "second", "whole"].map(|name| stage.folder.path(name));
    for format in ["jsonl", "csv"] {
        let format = ["--format", format];
        let all = stage.simulate("rest-empire", &lines, &[&format[..], &["--snapshot-out", &whole]].concat());
        assert_eq!((all.code, all.err.as_str()), (0, ""));
        assert!(all.out.contains("UNILEVEL") && all.out.contains("vested"));
        for cut in [0, 1, 9, 16, 17, 18, 19, lines.len()] {
            let one = [&format[..], &["--snapshot-out", &first]].concat();
            let one = stage.simulate("rest-empire", &lines[..cut], &one);
            let go_on = [&format[..], &["--resume", &first, "--snapshot-out", &second]].concat();
            let other = stage.simulate("rest-empire", &lines[cut..], &go_on);
            assert_eq!((other.code, other.err.as_str()), (0, ""), "cut at {cut}");
            assert_eq!(one.out.clone() + &other.out, all.out, "cut at {cut}");
            assert_eq!(stage.snapshot("second"), stage.snapshot("whole"), "cut at {cut}");
            let other = stage.simulate("rest-empire", &lines, &[&go_on[..], &["--skip-seen"]].concat());
            assert_eq!(one.out + &other.out, all.out, "cut at {cut}, over the whole file");
            assert_eq!(stage.snapshot("second"), stage.snapshot("whole"), "cut at {cut}");
        }
    }
}

#[test]
fn a_run_that_broke_off_goes_on_from_its_last_snapshot() {
    let (stage, lines) = (Stage::new(), history());
    let mut broken = lines.clone();
    broken[14] = "{".to_owned();
    let path = stage.folder.path("snapshot");
    let every = ["--snapshot-out", &path, "--snapshot-every", "4"];
    let run = stage.simulate("rest-empire", &broken, &every);
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("line 15, event -: "), "{}", run.err);
    let left = stage.snapshot("snapshot");
    let twelve = stage.folder.path("twelve");
    let before = stage.simulate("rest-empire", &lines[..12], &["--snapshot-out", &twelve]);
    assert_eq!(left, stage.snapshot("twelve"), "the snapshot after line 12");
    let after = stage.simulate("rest-empire", &lines, &["--resume", &path, "--skip-seen"]);
    assert_eq!(before.out + &after.out, stage.simulate("rest-empire", &lines, &[]).out);
    let again = stage.simulate("rest-empire", &broken, &["--resume", &path, "--skip-seen"]);
    assert!(
        again.err.starts_with("line 15, event -: "),
        "lines are counted from the file's first: {}",
        again.err
    );
    let files = std::fs::read_dir(std::path::Path::new(&path).parent().unwrap()).unwrap();
    let left: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| !name.contains("part")), "{left:?}");
}

#[test]
fn what_is_no_snapshot_of_this_plan_is_refused_by_name() {
    let (stage, lines) = (Stage::new(), history());
    let path = stage.folder.path("snapshot");
    assert_eq!(stage.simulate("rest-empire", &lines, &["--snapshot-out", &path]).code, 0);
    let good = stage.snapshot("snapshot");
    let mut corrupt = good.clone();
    corrupt[good.len() / 2] ^= 1;
    let mut newer = good.clone();
    newer[8] = 9;
    let cases: [(&str, &[u8], &str); 6] = [
        ("rest-empire", &good[..good.len() - 1], "truncated"),
        ("rest-empire", &corrupt, "the snapshot is corrupt"),
        ("rest-empire", &newer, "expected a snapshot of format version 1, got version 9"),
        ("rest-empire", b"{\"id\":\"e1\"}\n", "expected a snapshot, got something else"),
        ("rest-empire", b"", "expected a snapshot, got something else"),
        ("metax", &good, "expected a snapshot made under the plan 0x"),
    ];
    for (plan_name, bytes, said) in cases {
        let file = stage.folder.file("changed", bytes);
        let run = stage.simulate(plan_name, &[], &["--resume", &file]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{said}");
        assert!(run.err.starts_with("error: ") && run.err.contains(said), "{said}: {}", run.err);
        assert!(run.err.contains(&file) && run.err.lines().count() == 1, "{}", run.err);
    }
    let run = stage.simulate("rest-empire", &[], &["--resume", &stage.folder.path("none")]);
    assert!(run.code == 1 && run.err.contains("expected a snapshot at "), "{}", run.err);
    let run = stage.simulate("rest-empire", &lines[3..], &["--resume", &path, "--skip-seen"]);
    assert!(run.code == 1 && run.err.contains("has seen 21 lines: these end after 18"), "{}", run.err);
    let mut others = lines.clone();
    others[20] = others[20].replace("e23", "e99");
    let run = stage.simulate("rest-empire", &others, &["--resume", &path, "--skip-seen"]);
    assert!(run.code == 1 && run.err.contains("line 21 is another"), "{}", run.err);
    let run = stage.simulate("rest-empire", &lines, &["--resume", &path]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("line 1, event e0: expected a unique `id`"), "{}", run.err);
    let missing = stage.folder.path("no/such/folder");
    let run = stage.simulate("rest-empire", &lines, &["--snapshot-out", &missing]);
    assert!(run.code == 1 && run.err.contains("expected to write a snapshot to "), "{}", run.err);
}
