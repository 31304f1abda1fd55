//! The service ends when it is asked to, from its first moment on.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::Command;

use banyan_testkit::ports;

use crate::stage::{PASSWORD, Stage, program};

/// Its password comes through a pipe, so the service stands in the middle of its start until somebody writes into it.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_to_stop_while_it_starts_ends_the_start_and_stops() {
    let mut stage = Stage::new().await;
    stage.signer.stop();
    let folder = stage.folder.path();
    let password = folder.join("password");
    fs::remove_file(&password).unwrap();
    assert!(Command::new("mkfifo").arg(&password).status().unwrap().success());
    crate::stage::write_settings(
        folder,
        ports::free().unwrap(),
        stage.anvil.url(),
        stage.settlement.address,
        31337,
    );

    let mut signer = program(folder).start().unwrap();
    // It is opened when the service has opened its end.
    let mut pipe = OpenOptions::new().write(true).open(&password).unwrap();
    let asked = Command::new("kill").arg("-TERM").arg(signer.id().to_string()).status().unwrap();
    assert!(asked.success());
    writeln!(pipe, "{PASSWORD}").unwrap();
    drop(pipe);
    let ended = signer.wait();
    assert!(ended.success(), "{ended}: {}", signer.log());
}
