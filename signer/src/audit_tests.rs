use super::*;

fn asked(n: u64) -> Event {
    Event::Request {
        client: "settlement".into(),
        payload: "payout_batch".into(),
        request: serde_json::json!({ "seq": n, "hash": "\",\"hash\":\"" }),
        outcome: Outcome::Unsigned { status: 503, detail: "not now".into() },
    }
}

/// A file with this many lines.
fn written(path: &Path, lines: u64) {
    let mut audit = Audit::open(path, |_| ()).unwrap();
    (1..=lines).for_each(|n| audit.append(asked(n)).unwrap());
}

fn reopened(path: &Path) -> Result<Vec<Event>, AuditError> {
    let mut events = Vec::new();
    Audit::open(path, |event| events.push(event.clone())).map(|_| events)
}

/// The number of the line that is called broken.
fn broken_line(path: &Path) -> u64 {
    match reopened(path) {
        Err(AuditError::Broken { line, .. }) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_appended_is_read_again_and_continued() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    written(&path, 3);
    assert_eq!(reopened(&path).unwrap(), [asked(1), asked(2), asked(3)]);
    written(&path, 2);
    assert_eq!(reopened(&path).unwrap().len(), 5);
    for line in std::fs::read_to_string(&path).unwrap().lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(json["hash"].as_str().unwrap().len(), 64);
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn every_changed_byte_is_found_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    written(&path, 3);
    let good = std::fs::read(&path).unwrap();
    let mut line = 1;
    for (at, byte) in good.iter().enumerate() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        match reopened(&path) {
            Err(AuditError::Broken { line: found, .. }) => assert_eq!(found, line, "byte {at}"),
            // A byte that is no UTF-8 cannot even be read as text.
            Err(AuditError::File { action: "read", .. }) => {}
            other => panic!("byte {at}: {other:?}"),
        }
        line += u64::from(*byte == b'\n');
    }
}

#[test]
fn lines_that_are_dropped_swapped_repeated_or_cut_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    written(&path, 4);
    let good = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    for (edited, line) in [
        ([&lines[..1], &lines[2..]].concat(), 2),
        ([lines[1], lines[0], lines[2], lines[3]].to_vec(), 1),
        ([lines[0], lines[1], lines[1], lines[2]].to_vec(), 3),
        ([lines[0], "\n", lines[1]].to_vec(), 2),
        ([lines[0], &lines[1][..lines[1].len() - 1]].to_vec(), 2),
        ([lines[0], &lines[1][..20]].to_vec(), 2),
    ] {
        std::fs::write(&path, edited.concat()).unwrap();
        assert_eq!(broken_line(&path), line, "{edited:?}");
    }
}

#[test]
fn a_line_made_anew_with_a_right_hash_of_its_own_does_not_fit_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    written(&path, 3);
    let good = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
    let (body, _) = split_hash(&lines[1]).unwrap();
    let forged = body.replace("not now", "granted");
    lines[1] = format!("{forged}{HASH_KEY}{}\"}}", hash_of(&forged));
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    assert_eq!(broken_line(&path), 3);
}

#[test]
fn one_signer_holds_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let held = Audit::open(&path, |_| ()).unwrap();
    assert!(matches!(reopened(&path), Err(AuditError::Held { .. })));
    drop(held);
    assert!(reopened(&path).is_ok());
}

#[test]
fn a_disk_that_is_full_stops_the_file_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let mut audit = Audit::open(&path, |_| ()).unwrap();
    audit.append(asked(1)).unwrap();
    let disk = std::mem::replace(&mut audit.file, OpenOptions::new().append(true).open("/dev/full").unwrap());
    assert!(matches!(audit.append(asked(2)), Err(AuditError::File { action: "written", .. })));
    audit.file = disk;
    let again = audit.append(asked(2)).unwrap_err();
    assert!(again.to_string().contains("restart the signer"), "{again}");
    drop(audit);
    assert_eq!(reopened(&path).unwrap(), [asked(1)]);
}
