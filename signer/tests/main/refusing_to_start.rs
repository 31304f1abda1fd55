//! What keeps the service from starting, and what it says then.

use std::fs;
use std::path::Path;
use std::process::Command;

use alloy::primitives::Address;
use banyan_signer::keys::{self, Key, KeyError, Keys};
use banyan_signer::settings::Settings;
use banyan_testkit::anvil::{Anvil, Options};
use banyan_testkit::ports;
use k256::ecdsa::SigningKey;

use crate::stage::{PASSWORD, Stage, start, write_settings};

/// Runs `serve` until it ends by itself; what it printed.
fn serve(folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banyan-signer"));
    let output = command.arg("serve").arg("--config").arg(folder.join("signer.toml")).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[tokio::test]
async fn a_broken_audit_file_is_named_with_its_line_and_a_whole_one_is_continued() {
    let mut stage = Stage::new().await;
    let client = stage.client(crate::stage::API_TOKEN);
    let request = stage.ask_to_register(stage.person(1), Address::ZERO);
    client.registration(&request).await.unwrap();
    let port: u16 = stage.url.rsplit_once(':').unwrap().1.parse().unwrap();
    stage.signer.stop();
    stage.signer = start(stage.folder.path(), port);
    let client = stage.client(crate::stage::API_TOKEN);
    client.registration(&request).await.unwrap();
    stage.signer.stop();
    let lines = fs::read_to_string(stage.audit_file()).unwrap().lines().count();
    assert_eq!(lines, 4, "twice started, twice signed");

    edit(&stage.audit_file(), "\"result\":\"signed\"", "\"result\":\"ringed\"");
    let said = serve(stage.folder.path());
    assert!(said.contains("broken at line 2"), "{said}");
}

#[tokio::test]
async fn settings_that_do_not_fit_are_named() {
    let mut stage = Stage::new().await;
    stage.signer.stop();
    let folder = stage.folder.path();
    let file = folder.join("signer.toml");
    let good = fs::read_to_string(&file).unwrap();
    let other_plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/plans/autopool-last-four.toml");
    for (from, to, words) in [
        ("audit_file =", "audit_fiel =", vec!["`audit_fiel`", "`audit_file`"]),
        ("id = 31337", "id = 31338", vec!["31337", "31338", "chain.id"]),
        (
            "intake_per_minute = 40",
            "intake_per_minute = 40\npayout_validity_seconds = 3600",
            vec!["3540", "3600"],
        ),
        ("payout = \"payout.json\"", "payout = \"intake.json\"", vec!["two different keys"]),
        ("password_file = \"password\"", "password_file = \"api.token\"", vec!["the password does not open"]),
        ("settlement.token", "api.token", vec!["token of its own"]),
        ("config/plans/autopool.toml", "config/plans/no-such.toml", vec!["no-such.toml"]),
    ] {
        edit(&file, from, to);
        let said = serve(folder);
        for word in words {
            assert!(said.contains(word), "{to}: {said}");
        }
        fs::write(&file, &good).unwrap();
    }
    edit(&file, concat!(env!("CARGO_MANIFEST_DIR"), "/../config/plans/autopool.toml"), other_plan);
    let said = serve(folder);
    assert!(said.contains("the contract works under the plan"), "{said}");
    fs::write(&file, &good).unwrap();

    edit(&file, &format!("{}", stage.settlement.address), &Address::repeat_byte(5).to_string());
    let said = serve(folder);
    assert!(said.contains("there is no code"), "{said}");
    fs::write(&file, &good).unwrap();

    let port: u16 = stage.url.rsplit_once(':').unwrap().1.parse().unwrap();
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let said = serve(folder);
    assert!(said.contains("stop what uses the port"), "{said}");
    drop(taken);
}

#[test]
fn keys_are_generated_encrypted_once_and_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let address = keys::generate(&path, PASSWORD).unwrap();
    assert_eq!(Key::open(&path, PASSWORD).unwrap().address(), address);
    assert!(matches!(Key::open(&path, "another"), Err(KeyError::WrongPassword { .. })));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&path).unwrap();
    assert!(keys::generate(&path, PASSWORD).is_err(), "a keystore is never overwritten");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let text = String::from_utf8(before).unwrap();
    for (from, to) in [("\"version\":3", "\"version\":1"), ("\"dklen\":32", "\"dklen\":8"), ("{", "[")] {
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        assert!(matches!(Key::open(&path, PASSWORD), Err(KeyError::NoKeystore { .. })), "{to}");
    }
}

#[test]
fn the_public_test_keys_are_refused_on_public_chains() {
    let anvil = Anvil::start(&Options::default()).unwrap();
    for number in 0..20 {
        for chain_id in [56, 97] {
            let public = Key::from(SigningKey::from_slice(&anvil.wallet(number).to_bytes()[..]).unwrap());
            assert_eq!(public.address(), anvil.address(number));
            let own = || Key::from(SigningKey::from_slice(&[7; 32]).unwrap());
            let refused = public.check_for_chain(chain_id);
            assert!(matches!(refused, Err(KeyError::WellKnown { .. })), "{number} on {chain_id}");
            assert!(public.check_for_chain(31337).is_ok());
            assert!(Keys::new(own(), public, chain_id).is_err());
        }
    }
}

#[test]
fn one_key_cannot_serve_for_both() {
    let same = || Key::from(SigningKey::from_slice(&[7; 32]).unwrap());
    assert!(matches!(Keys::new(same(), same(), 31337), Err(KeyError::Same { .. })));
}

#[test]
fn a_signature_is_low_and_leads_back_to_its_key() {
    let key = Key::from(SigningKey::from_slice(&[9; 32]).unwrap());
    for n in 0..50u8 {
        let digest = alloy::primitives::keccak256([n]);
        let signature = key.sign(digest).unwrap();
        assert_eq!(signature.len(), 65);
        assert!(signature[32] < 0x80, "s lies in the lower half");
        assert_eq!(banyan_chain::eip712::recover(digest, &signature), Some(key.address()));
    }
}

#[test]
fn the_settings_of_a_test_are_read_with_their_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports::free().unwrap();
    write_settings(folder.path(), port, "http://127.0.0.1:1", Address::repeat_byte(1), 31337);
    let settings = Settings::read(&folder.path().join("signer.toml")).unwrap();
    assert_eq!(settings.limits.registration_validity_seconds, 900);
    assert_eq!(settings.audit_file, folder.path().join("audit.jsonl"));
    let debug = format!("{settings:?}");
    assert!(!debug.contains(crate::stage::API_TOKEN), "settings hold no secrets, only their files");
}

#[test]
fn the_example_settings_can_be_read() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("signer.example.toml");
    let settings = Settings::read(&example).unwrap();
    assert_eq!(settings.clients.len(), 2);
    assert!(settings.read_plans().unwrap().hashes().count() == 1, "its plan file is where it says");
}
