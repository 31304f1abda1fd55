//! Child processes: readiness, the end, and what is told when they fail.

use std::path::Path;
use std::time::Duration;

use banyan_testkit::process::{Process, Program};

fn shell(script: &str, folder: &Path) -> Process {
    Program::new("shell", "/bin/sh", folder.join("log")).args(["-c", script]).start().unwrap()
}

#[test]
fn a_child_that_ends_before_it_is_ready_is_told_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = shell("echo 'the key file is missing' >&2; exit 3", folder.path());
    let error = child.wait_for_line("ready", Duration::from_secs(10)).unwrap_err().to_string();
    assert!(error.contains("the key file is missing") && error.contains("exit status: 3"), "{error}");
}

#[test]
fn a_child_that_never_gets_ready_is_told_with_the_time_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = shell("echo waiting; sleep 60", folder.path());
    let error = child.wait_for_line("ready", Duration::from_secs(1)).unwrap_err().to_string();
    assert!(error.contains("within 1 s") && error.contains("waiting"), "{error}");
}

#[test]
fn a_stopped_child_may_finish_and_a_killed_one_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo finished; exit 0' TERM; echo ready; while true; do sleep 0.02; done";
    let mut stopped = shell(script, folder.path());
    stopped.wait_for_line("ready", Duration::from_secs(10)).unwrap();
    assert!(stopped.stop().unwrap().success());
    assert!(stopped.log().contains("finished"));

    let second = folder.path().join("second");
    std::fs::create_dir(&second).unwrap();
    let mut killed = shell(script, &second);
    killed.wait_for_line("ready", Duration::from_secs(10)).unwrap();
    killed.kill();
    assert!(!killed.is_running() && !killed.log().contains("finished"));
}
