//! What keeps a service from starting is told in one line, with what to do.

use std::process::Command;

use banyan_testkit::{paths, process};

use super::world::World;

/// Runs a subcommand that cannot start, with these variables; says what it says.
fn refusal(world: &World, subcommand: &str, environment: &[(&str, String)]) -> String {
    let mut banyan = Command::new(process::binary("banyan").unwrap());
    banyan.arg(subcommand).arg("--config").arg(world.stack.config_file());
    let output = banyan.envs(environment.iter().cloned()).env("RUST_LOG", "off").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{subcommand} {environment:?}: {said}");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_service_from_starting_is_told_with_what_to_do() {
    let world = World::start().await;
    let nobody = "127.0.0.1:1";
    let wallet = world.person(0).address().to_string();
    let other_plan = paths::root().join("config/plans/autopool-last-four.toml");
    let empty = world.stack.postgres().create_database("banyan_api_empty").await.unwrap();
    let taken = world.stack.api_url().trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    let free = || ("BANYAN__API__LISTEN", "127.0.0.1:0".to_owned());
    for (name, value, says) in [
        (
            "BANYAN__DATABASE__URL",
            format!("postgres://banyan_app@{nobody}/banyan"),
            "PostgreSQL does not answer",
        ),
        ("BANYAN__DATABASE__URL", empty.url_as("banyan_app"), "run `banyan migrate`"),
        ("BANYAN__REDIS__URL", format!("redis://{nobody}/"), "Redis does not answer"),
        ("BANYAN__CHAIN__RPC_URL", format!("http://{nobody}"), "start it, or correct chain.rpc_url"),
        ("BANYAN__CHAIN__ID", "5".to_owned(), "is on chain 31337, but chain 5 is configured"),
        ("BANYAN__CHAIN__ID", "56".to_owned(), "has a public test key that everybody has"),
        ("BANYAN__CHAIN__CONTRACT", wallet, "there is no contract at"),
        ("BANYAN__PLANS__FILES", format!("[{other_plan:?}]"), "which is none of plans.files"),
        ("BANYAN__PLANS__FILES", "[\"missing.toml\"]".to_owned(), "missing.toml"),
        ("BANYAN__SIGNER__TOKEN_FILE", "missing.token".to_owned(), "expected the signer's token in"),
        ("BANYAN__API__LISTN", "127.0.0.1:0".to_owned(), "the nearest known key is `listen`"),
    ] {
        let said = refusal(&world, "serve", &[free(), (name, value)]);
        assert!(said.contains(says), "{name}: {said}");
    }
    let said = refusal(&world, "serve", &[("BANYAN__API__LISTEN", taken)]);
    assert!(said.contains("cannot be listened on") && said.contains("api.listen"), "{said}");
    let said = refusal(&world, "settle", &[("BANYAN__SETTLEMENT__PASSWORD_FILE", "missing".to_owned())]);
    assert!(said.contains("correct settlement.password_file"), "{said}");
}
