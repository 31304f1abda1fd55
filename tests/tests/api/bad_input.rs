//! What people get wrong: each mistake has its own type of problem, names the field, and leaves no row behind.

use alloy::primitives::Address;
use reqwest::Method;
use serde_json::json;

use super::people::Person;
use super::world::{Answer, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mistake_is_told_and_leaves_no_row_behind() {
    let world = World::start().await;
    let (mut ann, mut eve) = (world.person(0), world.person(1));
    ann.sign_in(&world).await;
    ann.register(&world, "company").await;
    eve.sign_in(&world).await;
    let operator = world.operator().await;

    let before = world.rows().await;
    bodies(&world, &eve).await;
    registrations(&world, &ann, &eve).await;
    sign_ins(&world, &eve).await;
    amounts(&world, &ann, &eve).await;
    other_peoples_data(&world, &ann, &eve, &operator).await;
    paths_and_queries(&world, &eve).await;
    assert_eq!(world.rows().await, before, "no mistake leaves a row");
    no_signer(world, &eve).await;
}

fn expect(answer: &Answer, status: u16, problem: &str, field: Option<&str>) {
    assert_eq!((answer.status, answer.problem()), (status, problem), "{answer:#?}");
    if let Some(field) = field {
        assert_eq!(answer.fields(), [field], "{answer:#?}");
    }
}

async fn bodies(world: &World, eve: &Person) {
    let json = [("content-type", "application/json")];
    let post = |body: &'static str| async move { eve.post_raw(world, "/users/register", body, &json).await };
    expect(&post("sponsor=company").await, 400, "invalid-json", None);
    expect(&post("{\"sponsor\":").await, 400, "invalid-json", None);
    expect(&post("{\"sponsr\":\"company\"}").await, 422, "invalid-body", Some("sponsr"));
    expect(&post("{}").await, 422, "invalid-body", Some("sponsor"));
    expect(&post("{\"sponsor\":7}").await, 422, "invalid-body", Some("sponsor"));
    let form = eve.post_raw(world, "/users/register", "{}", &[("content-type", "text/plain")]).await;
    expect(&form, 415, "unsupported-media-type", None);
    let long = format!("{{\"sponsor\":\"{}\"}}", "x".repeat(70_000));
    expect(&eve.post_raw(world, "/users/register", &long, &json).await, 413, "body-too-large", None);
    let keyed = [json[0], ("idempotency-key", "two words")];
    let answer = eve.post_raw(world, "/users/register", "{\"sponsor\":\"company\"}", &keyed).await;
    expect(&answer, 400, "invalid-idempotency-key", Some("Idempotency-Key"));
}

async fn registrations(world: &World, ann: &Person, eve: &Person) {
    let register = |person: &'static str, sponsor: String| async move {
        let who = if person == "ann" { ann } else { eve };
        who.post(world, "/users/register", json!({ "sponsor": sponsor })).await
    };
    expect(&register("eve", "0x1234".into()).await, 400, "invalid-address", Some("sponsor"));
    let mistyped = ann.address().to_string().replace(['a', 'b'], "c").replace(['A', 'B'], "D");
    expect(&register("eve", mistyped).await, 400, "invalid-address", Some("sponsor"));
    let stranger = Address::repeat_byte(9).to_string();
    expect(&register("eve", stranger).await, 422, "unknown-sponsor", Some("sponsor"));
    expect(&register("eve", "77".into()).await, 422, "unknown-sponsor", Some("sponsor"));
    expect(&register("eve", eve.address().to_string()).await, 422, "self-sponsor", Some("sponsor"));
    expect(&register("ann", "company".into()).await, 409, "already-registered", None);
    let confirm = json!({ "transactionId": "txn_0", "txHash": "0x00" });
    expect(
        &eve.post(world, "/users/register/confirm", confirm).await,
        404,
        "unknown-transaction",
        Some("transactionId"),
    );
    expect(&eve.post(world, "/users/me/retopup", json!({})).await, 409, "not-registered", None);
    expect(&eve.post(world, "/users/withdraw", json!({})).await, 409, "not-registered", None);
    expect(&ann.get(world, "/users/me/proof").await, 404, "no-standing-root", None);
}

async fn sign_ins(world: &World, eve: &Person) {
    let wallet = eve.address().to_string();
    let sign_in = |body: serde_json::Value| async move {
        world.ask(Method::POST, "/auth/wallet", None, Some(&body)).await
    };
    let nonce = || async {
        world
            .ask(Method::POST, "/auth/nonce", None, Some(&json!({ "wallet": eve.address().to_string() })))
            .await
            .ok()
    };
    let unknown = json!({ "wallet": wallet, "signature": "0x00", "nonce": "f".repeat(32) });
    expect(&sign_in(unknown).await, 401, "stale-nonce", Some("nonce"));

    let given = nonce().await;
    let mallory = world.person(5);
    let message = given["message"].as_str().unwrap();
    let forged =
        json!({ "wallet": wallet, "signature": mallory.sign(message).await, "nonce": given["nonce"] });
    let answer = sign_in(forged.clone()).await;
    expect(&answer, 401, "invalid-signature", Some("signature"));
    assert!(answer.body["detail"].as_str().unwrap().contains(&mallory.address().to_string()));
    expect(&sign_in(forged).await, 401, "stale-nonce", Some("nonce"));

    let given = nonce().await;
    let other =
        json!({ "wallet": mallory.address().to_string(), "signature": "0x00", "nonce": given["nonce"] });
    expect(&sign_in(other).await, 401, "stale-nonce", Some("nonce"));
    let garbled = json!({ "wallet": wallet, "signature": "signed", "nonce": nonce().await["nonce"] });
    expect(&sign_in(garbled).await, 401, "invalid-signature", Some("signature"));

    let anonymous = world.ask(Method::GET, "/users/me", None, None).await;
    expect(&anonymous, 401, "unauthenticated", None);
    assert_eq!(anonymous.headers["www-authenticate"], "Bearer");
    expect(&world.ask(Method::GET, "/users/me", Some("x.y.z"), None).await, 401, "unauthenticated", None);
}

async fn amounts(world: &World, ann: &Person, eve: &Person) {
    for amount in [json!("20.5"), json!("0.0000000000000000001"), json!(20), json!("-1"), json!(null)] {
        let body = json!({ "sponsor": "company", "amount": amount });
        expect(&eve.post(world, "/users/register", body).await, 400, "invalid-amount", Some("amount"));
    }
    let body = json!({ "sponsor": "company", "amount": "20" });
    expect(&eve.post(world, "/users/register", body).await, 422, "amount-mismatch", Some("amount"));
    let answer = ann.post(world, "/users/me/retopup", json!({ "amount": "39000000000000000000" })).await;
    expect(&answer, 422, "amount-mismatch", Some("amount"));
}

async fn other_peoples_data(world: &World, ann: &Person, eve: &Person, operator: &Person) {
    let ann_wallet = ann.address().to_string();
    for id in ["1", ann_wallet.as_str(), "0", "55"] {
        for part in ["", "/history", "/referrals", "/tree", "/proof"] {
            let answer = eve.get(world, &format!("/users/{id}{part}")).await;
            expect(&answer, 403, "forbidden", None);
        }
    }
    expect(&eve.post(world, "/users/1/retopup", json!({})).await, 409, "not-registered", None);
    let path = format!("/users/{}/retopup", eve.address());
    expect(&ann.post(world, &path, json!({})).await, 403, "forbidden", None);
    for path in [
        "/rewards/pending",
        "/payouts",
        "/payouts/1",
        "/treasury/summary",
        "/monitoring/reconciliation",
        "/monitoring/reconciliations",
        "/admin/logs",
    ] {
        expect(&ann.get(world, path).await, 403, "forbidden", None);
    }
    for path in [
        "/payouts/build-batch",
        "/payouts/1/sign",
        "/payouts/1/submit",
        "/payouts/1/retry",
        "/monitoring/reconciliation",
        "/admin/users/1/freeze",
    ] {
        expect(&ann.post(world, path, json!({})).await, 403, "forbidden", None);
    }
    expect(&operator.get(world, "/users/55").await, 404, "unknown-user", None);
    expect(&operator.get(world, "/payouts/1").await, 404, "unknown-batch", None);
    expect(&operator.post(world, "/payouts/1/sign", json!({})).await, 404, "unknown-batch", None);
    expect(&operator.get(world, "/monitoring/reconciliation").await, 404, "not-found", None);
    let nobody = "00000000-0000-0000-0000-000000000000";
    let path = format!("/monitoring/reconciliations/recon_{nobody}");
    expect(&operator.get(world, &path).await, 404, "unknown-reconciliation", None);
    expect(&operator.get(world, "/monitoring/reconciliations/7").await, 400, "invalid-path", Some("id"));
    let path = format!("/monitoring/replay-events/replay_{nobody}");
    expect(&operator.get(world, &path).await, 404, "unknown-replay", None);
    let replay = |from: u64, to: u64| {
        operator.post(world, "/monitoring/replay-events", json!({ "fromBlock": from, "toBlock": to }))
    };
    expect(&replay(2, 1).await, 422, "invalid-range", Some("fromBlock"));
    expect(&replay(1, 1 << 40).await, 422, "invalid-range", Some("toBlock"));
    let range = json!({ "fromBlock": 1, "toBlock": 2 });
    expect(&ann.post(world, "/monitoring/replay-events", range).await, 403, "forbidden", None);
    let me = operator.post(world, "/payouts/build-batch", json!({ "accounts": ["me"] })).await;
    expect(&me, 404, "unknown-user", Some("accounts[0]"));
}

async fn paths_and_queries(world: &World, eve: &Person) {
    let get = |path: &'static str| async move { eve.get(world, path).await };
    expect(&get("/nothing").await, 404, "not-found", None);
    expect(&get("/users/register/confirm/x").await, 404, "not-found", None);
    let wrong_method = world.ask(Method::DELETE, "/users/me", None, None).await;
    expect(&wrong_method, 405, "method-not-allowed", None);
    assert!(wrong_method.headers["allow"].to_str().unwrap().contains("GET"));
    expect(&get("/users/-1").await, 400, "invalid-path", Some("id"));
    expect(&get("/users/%FF").await, 400, "invalid-path", Some("id"));
    expect(&get("/users/%FF/tree").await, 400, "invalid-path", Some("id"));
    expect(&get("/pool/%C3%28/queue").await, 400, "invalid-path", Some("level"));
    expect(&get("/users/me/tree?depth=11").await, 400, "invalid-query", Some("depth"));
    expect(&get("/users/me/tree?dpth=1").await, 400, "invalid-query", None);
    expect(&get("/users/me/referrals?limit=0").await, 400, "invalid-query", Some("limit"));
    expect(&get("/users/me/referrals?cursor=x").await, 400, "invalid-query", Some("cursor"));
    expect(&get("/pool/11/queue").await, 404, "unknown-level", Some("level"));
    expect(&get("/pool/one/nodes").await, 400, "invalid-path", Some("level"));
    expect(&get("/pool/1/nodes?tree=16").await, 400, "invalid-query", Some("tree"));
}

/// Without the signer nothing is prepared, and the API says so and goes on with the rest.
async fn no_signer(mut world: World, eve: &Person) {
    let before = world.rows().await;
    world.stack.service(banyan_testkit::stack::Service::Signer).stop();
    let answer = eve.post(&world, "/users/register", json!({ "sponsor": "company" })).await;
    expect(&answer, 503, "signer-unavailable", None);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(world.rows().await, before, "a payload is recorded only when it is signed");
    eve.get(&world, "/users/me").await.ok();
    let health = world.health().await;
    assert_eq!(
        (health["status"].as_str(), health["signer"].as_str()),
        (Some("degraded"), Some("unreachable"))
    );
}
