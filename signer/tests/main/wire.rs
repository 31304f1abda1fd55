//! What is said over real HTTP, and what the service keeps of it.

use std::fs;

use alloy::primitives::Address;
use banyan_signer::client::ClientError;
use banyan_signer::protocol::problem;
use serde_json::{Value, json};

use crate::stage::{API_TOKEN, PASSWORD, SETTLEMENT_TOKEN, Stage};

/// Posts a body as it is; status and problem come back.
async fn post(stage: &Stage, path: &str, token: Option<&str>, body: String) -> (u16, Value) {
    let mut request = reqwest::Client::new().post(format!("{}{path}", stage.url)).body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(status < 400 || kind == "application/problem+json", "{status} {kind}");
    (status, response.json().await.unwrap())
}

/// A request, and the answer that it must get.
struct Wrong {
    what: &'static str,
    path: &'static str,
    token: Option<&'static str>,
    body: String,
    status: u16,
    kind: &'static str,
    word: &'static str,
}

impl Wrong {
    /// A request for a registration, with the token of the client that may ask for it.
    fn body(what: &'static str, body: impl ToString, kind: &'static str, word: &'static str) -> Wrong {
        let status = if kind == problem::REFUSED { 422 } else { 400 };
        Wrong {
            what,
            path: REGISTRATIONS,
            token: Some(API_TOKEN),
            body: body.to_string(),
            status,
            kind,
            word,
        }
    }

    async fn check(self, stage: &Stage) {
        let (found, answer) = post(stage, self.path, self.token, self.body).await;
        assert_eq!(found, self.status, "{}: {answer}", self.what);
        assert_eq!(answer["type"], self.kind, "{}: {answer}", self.what);
        assert!(answer["detail"].as_str().unwrap().contains(self.word), "{}: {answer}", self.what);
    }
}

const REGISTRATIONS: &str = "/v1/registrations";

fn good(stage: &Stage) -> Value {
    json!({
        "user": stage.person(1).to_checksum(None), "sponsor": Address::ZERO.to_checksum(None),
        "amount": "20000000000000000000", "plan": crate::history::plan().hash(),
    })
}

fn with(good: &Value, key: &str, value: Value) -> String {
    let mut body = good.clone();
    body[key] = value;
    body.to_string()
}

#[tokio::test]
async fn whoever_may_not_ask_is_told_so() {
    let stage = Stage::new().await;
    let good = good(&stage).to_string();
    let batches = "/v1/payout-batches";
    for (what, path, token, status, kind, word) in [
        ("no token", REGISTRATIONS, None, 401, problem::UNAUTHENTICATED, "Bearer"),
        ("wrong token", REGISTRATIONS, Some("wrong"), 401, problem::UNAUTHENTICATED, "Bearer"),
        ("not this client", REGISTRATIONS, Some(SETTLEMENT_TOKEN), 403, problem::FORBIDDEN, "registration"),
        ("nor this", batches, Some(API_TOKEN), 403, problem::FORBIDDEN, "payout_batch"),
        ("no such path", "/v1/keys", Some(API_TOKEN), 404, problem::NOT_FOUND, "/v1/keys"),
    ] {
        Wrong { what, path, token, body: good.clone(), status, kind, word }.check(&stage).await;
    }
}

#[tokio::test]
async fn each_wrong_body_is_answered_with_what_is_wrong() {
    let stage = Stage::new().await;
    let good = good(&stage);
    let lower = stage.person(1).to_string().to_lowercase();
    let mixed = format!("0x{}{}", lower[2..22].to_uppercase(), &lower[22..]);
    let twice = good.to_string().replacen('{', "{\"amount\":\"1\",", 1);
    let bad = problem::BAD_REQUEST;
    for wrong in [
        Wrong::body("no JSON", "{", bad, "EOF"),
        Wrong::body("a misspelt key", with(&good, "sponser", json!("x")), bad, "`sponsor`"),
        Wrong::body("a key twice", twice, bad, "duplicate"),
        Wrong::body("a number", with(&good, "amount", json!(20)), bad, "string"),
        Wrong::body("a fraction", with(&good, "amount", json!("0.5")), bad, "whole number"),
        Wrong::body("no address", with(&good, "user", json!("0x12")), bad, "40 hex"),
        Wrong::body("a bad checksum", with(&good, "user", json!(mixed)), bad, "checksum"),
        Wrong::body("too long", " ".repeat(300 * 1024), bad, "262144"),
        Wrong::body("too little", with(&good, "amount", json!("1")), problem::REFUSED, "amount"),
    ] {
        wrong.check(&stage).await;
    }
    let (status, answer) =
        post(&stage, REGISTRATIONS, Some(API_TOKEN), with(&good, "user", json!(lower))).await;
    assert_eq!(status, 200, "an address in lower case is good: {answer}");
}

#[tokio::test]
async fn the_kill_switch_stops_all_signing_while_it_exists() {
    let stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let request = stage.ask_to_register(stage.person(1), Address::ZERO);
    fs::write(stage.folder.path().join("stop"), "").unwrap();
    let killed = client.registration(&request).await.unwrap_err();
    assert!(matches!(&killed, ClientError::NotNow(problem) if problem.r#type == problem::KILLED), "{killed}");
    assert!(client.status().await.unwrap().killed);
    fs::remove_file(stage.folder.path().join("stop")).unwrap();
    client.registration(&request).await.unwrap();
}

#[tokio::test]
async fn more_than_the_limit_in_a_minute_of_block_time_waits() {
    let stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let request = stage.ask_to_register(stage.person(1), Address::ZERO);
    for _ in 0..40 {
        client.registration(&request).await.unwrap();
    }
    let limited = client.registration(&request).await.unwrap_err();
    assert!(
        matches!(&limited, ClientError::NotNow(problem) if problem.r#type == problem::LIMITED),
        "{limited}"
    );
    stage.anvil.increase_time(61).await.unwrap();
    client.registration(&request).await.unwrap();
}

#[tokio::test]
async fn everything_asked_and_answered_is_in_the_audit_file_and_no_secret_is_in_the_log() {
    let mut stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let request = stage.ask_to_register(stage.person(1), Address::ZERO);
    let signed = client.registration(&request).await.unwrap();
    let mut greedy = request.clone();
    greedy.amount = crate::history::bnb("1");
    client.registration(&greedy).await.unwrap_err();
    post(&stage, "/v1/retopups", Some(API_TOKEN), "nonsense".into()).await;

    let text = fs::read_to_string(stage.audit_file()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| &line["event"]["kind"]).collect();
    assert_eq!(kinds, ["started", "request", "request", "request"]);
    let outcome = |n: usize| &lines[n]["event"]["outcome"];
    assert_eq!(outcome(1)["signature"], json!(signed.signature));
    assert_eq!(outcome(1)["deadline"], json!(signed.deadline));
    assert_eq!(outcome(2)["refusals"][0]["field"], "amount");
    assert_eq!(lines[3]["event"]["request"], "nonsense");
    assert_eq!(outcome(3)["status"], 400);

    stage.signer.stop();
    for place in [stage.signer.log(), text] {
        assert!(!place.is_empty());
        for secret in [API_TOKEN, SETTLEMENT_TOKEN, PASSWORD] {
            assert!(!place.contains(secret), "{secret} in {place}");
        }
    }
}

#[tokio::test]
async fn a_node_that_does_not_answer_means_not_now() {
    let mut stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let request = stage.ask_to_register(stage.person(1), Address::ZERO);
    client.registration(&request).await.unwrap();
    stage.anvil.process().kill();
    let unknown = client.registration(&request).await.unwrap_err();
    assert!(
        matches!(&unknown, ClientError::NotNow(problem) if problem.r#type == problem::NOT_READY),
        "{unknown}"
    );
    drop(stage.signer);
    let gone = SignerGone::ask(&stage.url).await;
    assert!(matches!(gone, ClientError::Unreachable { .. }), "{gone}");
}

/// Asks where nobody answers.
struct SignerGone;

impl SignerGone {
    async fn ask(url: &str) -> ClientError {
        let token = API_TOKEN.to_owned().into();
        let client =
            banyan_signer::client::SignerClient::new(url, token, std::time::Duration::from_secs(5)).unwrap();
        client.status().await.unwrap_err()
    }
}
