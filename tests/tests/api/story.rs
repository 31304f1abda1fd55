//! From signing in to being paid, as participants and operators live it.

use alloy::primitives::Address;
use banyan_chain::contract;
use banyan_testkit::contract::Roles;
use banyan_types::Amount;
use reqwest::Method;
use serde_json::{Value, json};

use super::explanations::explanations_answer;
use super::people::Person;
use super::world::World;

const BNB: u128 = 1_000_000_000_000_000_000;

fn wei(tenths_of_bnb: u128) -> String {
    (tenths_of_bnb * BNB / 10).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_sign_in_register_earn_and_are_paid() {
    let world = World::start().await;
    let (ann, bob) = two_register(&world).await;
    statements_agree(&world, &ann, &bob).await;
    the_past_can_be_asked_about(&world, &ann, &bob).await;
    explanations_answer(&world, &ann, &bob).await;
    sessions_rotate_and_end(&world).await;
    a_repeated_request_gets_the_same_answer(&world).await;
    ann_is_paid_and_bob_claims(&world, &ann, &bob).await;
    a_held_account_is_not_paid(&world, &bob).await;
    the_kill_switch_stops_batches(&world).await;
    chain_and_books_agree(&world).await;
}

/// Ann joins under the company, Bob under Ann: 2 BNB direct and 9 BNB of the pool are hers, the latter payable, because the
/// first child's share is not reserved.
async fn two_register(world: &World) -> (Person, Person) {
    let (mut ann, mut bob) = (world.person(0), world.person(1));
    let session = ann.sign_in(world).await;
    assert_eq!(session["user"]["id"], Value::Null);
    assert_eq!(session["user"]["roles"], json!(["participant"]));
    assert_eq!(session["expiresIn"], 900);
    let prepared = ann.register(world, "company").await;
    let quote = &prepared["quote"];
    assert_eq!((quote["quote"].as_bool(), quote["level"].as_i64()), (Some(true), Some(1)));
    assert_eq!((quote["tree"].as_i64(), quote["index"].as_i64()), (Some(1), Some(1)));
    assert_eq!(quote["parent"], Value::Null);
    assert_eq!((quote["ticket"].as_str(), quote["price"].as_str()), (Some(&*wei(200)), Some(&*wei(180))));
    assert_eq!(prepared["amount"], wei(200));
    assert_eq!(prepared["typedData"]["primaryType"], "Registration");
    let signed_for: Address = prepared["typedData"]["message"]["user"].as_str().unwrap().parse().unwrap();
    assert_eq!(signed_for, ann.address());

    bob.sign_in(world).await;
    let prepared = bob.register(world, &ann.address().to_string()).await;
    assert_eq!(
        (prepared["quote"]["index"].as_i64(), prepared["quote"]["parent"].as_i64()),
        (Some(2), Some(1))
    );
    (ann, bob)
}

async fn statements_agree(world: &World, ann: &Person, bob: &Person) {
    let balances = ann.balances(world).await;
    assert_eq!(balances["payable"], wei(110));
    assert_eq!(balances["entitlement"], wei(110));
    assert_eq!(balances["directIncome"], wei(20));
    assert_eq!(balances["poolIncome"], wei(90));
    assert_eq!(balances["currency"], "BNB");

    let history = ann.get(world, "/users/me/history?limit=2").await.ok();
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
    assert_eq!(history["finality"]["finality"], "finalized");
    let rest = format!("/users/me/history?cursor={}", history["next"].as_str().unwrap());
    let rest = ann.get(world, &rest).await.ok();
    let kinds: Vec<&str> =
        rest["items"].as_array().unwrap().iter().filter_map(|it| it["kind"].as_str()).collect();
    assert_eq!(kinds, ["transaction"], "two rewards, then the registration: {rest:#}");
    assert_eq!(rest["items"][0]["status"], "confirmed");

    let referrals = ann.get(world, "/users/me/referrals").await.ok();
    assert_eq!((referrals["total"].as_i64(), referrals["items"][0]["id"].as_i64()), (Some(1), Some(2)));
    assert_eq!(referrals["items"][0]["wallet"], bob.address().to_string());
    let tree = ann.get(world, "/users/1/tree?depth=1").await.ok();
    assert_eq!(tree["root"]["children"][0]["id"], 2);
    assert_eq!(tree["seats"][0]["board"][0]["user"]["id"], 2);
    assert_eq!(tree["seats"][0]["board"][1]["user"], Value::Null);

    let pool = world.ask(Method::GET, "/pool/summary", None, None).await.ok();
    assert_eq!((pool["participants"].as_i64(), pool["levels"][0]["seats"].as_i64()), (Some(2), Some(2)));
    let queue = world.ask(Method::GET, "/pool/1/queue", None, None).await.ok();
    assert_eq!(
        (queue["items"][0]["index"].as_i64(), queue["items"][0]["freeChildren"].as_i64()),
        (Some(1), Some(1))
    );
    assert_eq!((queue["next"]["index"].as_i64(), queue["next"]["parent"].as_i64()), (Some(3), Some(1)));
    let nodes = world.ask(Method::GET, "/pool/1/nodes?limit=1", None, None).await.ok();
    assert_eq!((nodes["items"][0]["left"].as_i64(), nodes["items"][0]["right"].as_i64()), (Some(2), None));
    let next = format!("/pool/1/nodes?cursor={}", nodes["next"].as_str().unwrap());
    let nodes = world.ask(Method::GET, &next, None, None).await.ok();
    assert_eq!((nodes["items"][0]["index"].as_i64(), nodes["next"].as_str()), (Some(2), None));
}

async fn the_past_can_be_asked_about(world: &World, ann: &Person, bob: &Person) {
    let page = ann.get(world, "/users/me/statement?limit=1").await.ok();
    assert_eq!((&page["opening"]["payable"], &page["closing"]["payable"]), (&json!("0"), &json!(wei(110))));
    assert_eq!(page["proof"], Value::Null, "no root stands yet");
    let line = &page["lines"][0];
    assert_eq!(
        (&line["number"], &line["cause"], &line["account"]),
        (&json!(1), &json!("entry 2"), &json!("payable/1"))
    );
    assert_eq!(line["counterAccount"], "funds/0");
    let rest = format!("/users/me/statement?cursor={}", page["next"].as_str().unwrap());
    let rest = ann.get(world, &rest).await.ok();
    assert_eq!((rest["lines"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    assert_eq!(rest["lines"][0]["balance"], wei(110));
    assert_eq!(bob.get(world, "/users/1/statement").await.problem(), "forbidden");
    assert_eq!(ann.get(world, "/ledger/trial-balance").await.problem(), "forbidden");

    let operator = world.operator().await;
    let now = operator.get(world, "/ledger/trial-balance").await.ok();
    assert_eq!((&now["balanced"], &now["differences"]), (&json!(true), &json!([])));
    assert_eq!(now["journal"]["funds"], wei(400));
    // Ann's own registration came before Bob's, which is what brought her something.
    let before = line["block"].as_u64().unwrap() - 1;
    let then = operator.get(world, &format!("/ledger/trial-balance?block={before}")).await.ok();
    assert_eq!((&then["journal"]["funds"], &then["asOf"]["block"]), (&json!(wei(200)), &json!(before)));
    let at = then["asOf"]["at"].as_str().unwrap();
    let account = operator.get(world, &format!("/ledger/accounts/payable/1?at={at}")).await.ok();
    assert_eq!((&account["account"], &account["balance"]), (&json!("payable/1"), &json!("0")));
    for (path, problem) in [
        ("/ledger/trial-balance?block=1000000000", "invalid-query"),
        ("/ledger/trial-balance?block=0", "invalid-query"),
        ("/ledger/trial-balance?at=yesterday", "invalid-query"),
        ("/ledger/accounts/cash/1", "not-found"),
    ] {
        assert_eq!(operator.get(world, path).await.problem(), problem, "{path}");
    }
}

async fn sessions_rotate_and_end(world: &World) {
    let mut person = world.person(2);
    person.sign_in(world).await;
    let refresh = |token: &str| {
        let body = json!({ "refreshToken": token });
        async move { world.ask(Method::POST, "/auth/refresh", None, Some(&body)).await }
    };
    let second = refresh(&person.refresh).await.ok();
    let second = second["refreshToken"].as_str().unwrap();
    assert_eq!(refresh(&person.refresh).await.problem(), "refresh-token-reused");
    assert_eq!(refresh(second).await.problem(), "invalid-refresh-token", "reuse ends the family");
    let before = world.rows().await;
    assert_eq!(refresh(&person.refresh).await.problem(), "invalid-refresh-token", "which ends once");
    assert_eq!(world.rows().await, before, "and is logged once");

    person.sign_in(world).await;
    let body = json!({ "refreshToken": person.refresh });
    let out = world.ask(Method::POST, "/auth/logout", None, Some(&body)).await;
    assert_eq!(out.status, 204);
    assert_eq!(refresh(&person.refresh).await.problem(), "invalid-refresh-token");
}

async fn a_repeated_request_gets_the_same_answer(world: &World) {
    let mut person = world.person(3);
    person.sign_in(world).await;
    let json = ("content-type", "application/json");
    let keyed = [json, ("idempotency-key", "c7b1")];
    let body = r#"{"sponsor":"company"}"#;
    let first = person.post_raw(world, "/users/register", body, &keyed).await;
    let again = person.post_raw(world, "/users/register", body, &keyed).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert!(first.headers.get("idempotent-replayed").is_none());
    let other = person.post_raw(world, "/users/register", r#"{"sponsor":"1"}"#, &keyed).await;
    assert_eq!(other.problem(), "idempotency-key-reused");

    let before = world.rows().await;
    let wrong = [json, ("idempotency-key", "c7b2")];
    let refused = person.post_raw(world, "/users/register", r#"{"sponsor":"99"}"#, &wrong).await;
    assert_eq!(refused.problem(), "unknown-sponsor");
    assert_eq!(world.rows().await, before, "a refused request keeps no key");
    let mended = person.post_raw(world, "/users/register", body, &wrong).await;
    assert_eq!(mended.status, 201, "so the key is free for the mended request");
    the_same_wish_gets_the_same_payload(world, &person, &first.body).await;
}

/// The signer signs so many a minute for all together: asking twice costs one signature, asking for something else two.
async fn the_same_wish_gets_the_same_payload(world: &World, person: &Person, first: &Value) {
    let before = world.rows().await;
    let again = person.post(world, "/users/register", json!({ "sponsor": "company" })).await.ok();
    for part in ["transactionId", "typedData", "signature", "digest", "signer", "expiresAt", "call", "amount"]
    {
        assert_eq!(again[part], first[part], "{part}");
    }
    assert_eq!(world.rows().await, before, "nothing new is recorded");
    let other = person.post(world, "/users/register", json!({ "sponsor": "1" })).await.ok();
    assert_ne!(other["transactionId"], first["transactionId"]);
    let back = person.post(world, "/users/register", json!({ "sponsor": "company" })).await.ok();
    assert_eq!(back["transactionId"], first["transactionId"], "an older one is found too");
}

/// The operator pays Ann alone and publishes a root with the batch, so that anybody could claim; the company's claim of the
/// company's own money stands for all.
async fn ann_is_paid_and_bob_claims(world: &World, ann: &Person, bob: &Person) {
    let asked = ann.post(world, "/users/withdraw", json!({})).await;
    assert_eq!((asked.status, asked.body["payable"].as_str()), (202, Some(&*wei(110))));
    let again = ann.post(world, "/users/withdraw", json!({})).await;
    assert_eq!((again.status, &again.body["requestId"]), (200, &asked.body["requestId"]));
    assert_eq!(bob.post(world, "/users/withdraw", json!({})).await.problem(), "nothing-payable");

    let operator = world.operator().await;
    let only_ann = json!({ "accounts": [ann.address().to_string()] });
    let built = operator.post(world, "/payouts/build-batch", only_ann).await.ok();
    assert_eq!((built["state"].as_str(), built["total"].as_str()), (Some("building"), Some(&*wei(110))));
    assert_eq!(built["items"][0]["account"], ann.address().to_string());
    let path = format!("/payouts/{}", built["id"].as_str().unwrap());
    assert_eq!(operator.post(world, &format!("{path}/submit"), json!({})).await.problem(), "batch-state");
    assert_eq!(ann.balances(world).await["inBatch"], wei(110));
    let signed = operator.post(world, &format!("{path}/sign"), json!({})).await.ok();
    assert_eq!(signed["state"], "signed");
    let queued = operator.post(world, &format!("{path}/submit"), json!({})).await;
    assert_eq!((queued.status, queued.body["state"].as_str()), (202, Some("queued")));
    let settled = world
        .until("the batch to be settled", || async {
            let batch = operator.get(world, &path).await.ok();
            (batch["state"] == "settled").then_some(batch)
        })
        .await;
    assert_eq!(settled["attempts"][0]["txHash"], settled["txHash"]);
    let balances = ann.balances(world).await;
    assert_eq!((balances["payable"].as_str(), balances["paid"].as_str()), (Some("0"), Some(&*wei(110))));
    let page = operator.get(world, "/payouts?state=settled&limit=1").await.ok();
    assert_eq!(page["items"][0]["id"], settled["id"]);

    let proof = operator.get(world, "/users/0/proof").await.ok();
    assert_eq!(
        (proof["account"].as_str(), proof["seq"].as_i64()),
        (Some(&*Address::ZERO.to_string()), Some(2))
    );
    assert_eq!(proof["claimable"], proof["cumulative"]);
    // The proof in the company's statement, put into a claim by a reader of it, is what the API hands out as the call.
    let statement = operator.get(world, "/users/0/statement").await.ok();
    let said = &statement["proof"];
    assert_eq!((&said["seq"], &said["root"]), (&proof["seq"], &proof["root"]));
    let siblings =
        said["proof"].as_array().unwrap().iter().map(|node| node.as_str().unwrap().parse().unwrap());
    let cumulative = said["cumulative"].as_str().unwrap().parse().unwrap();
    let claim = contract::claim(Address::ZERO, Amount::from_units(cumulative).unwrap(), siblings.collect());
    assert_eq!(proof["call"]["data"], claim.to_string());
    assert!(world.send(bob.address(), &proof["call"]).await.0, "anybody may send the claim: {proof:#}");
    let own = bob.get(world, "/users/me/proof").await.ok();
    assert_eq!((own["cumulative"].as_str(), own["claimable"].as_str()), (Some("0"), Some("0")));
}

async fn a_held_account_is_not_paid(world: &World, bob: &Person) {
    let mut cid = world.person(4);
    cid.sign_in(world).await;
    cid.register(world, "2").await;
    assert_eq!(bob.balances(world).await["payable"], wei(20));

    let operator = world.operator().await;
    let freeze = format!("/admin/users/{}/freeze", bob.address());
    assert_eq!(bob.post(world, &freeze, json!({})).await.problem(), "forbidden");
    let held = operator.post(world, &freeze, json!({ "reason": "asked to prove who he is" })).await.ok();
    assert_eq!((held["held"].as_bool(), held["frozen"].as_bool()), (Some(true), Some(false)));
    assert_eq!(held["call"]["role"], "guardian");
    assert_eq!(bob.get(world, "/users/me").await.ok()["user"]["status"], "frozen");
    assert_eq!(bob.post(world, "/users/me/retopup", json!({})).await.problem(), "account-frozen");
    let only_bob = json!({ "accounts": [bob.address().to_string()], "publishRoot": false });
    assert_eq!(operator.post(world, "/payouts/build-batch", only_bob).await.problem(), "batch-refused");

    let guardian = world.stack.anvil().address(Roles::GUARDIAN);
    assert!(world.send(guardian, &held["call"]).await.0, "the guardian can send the call as it is");
    world.until_books("the freeze in the books", "SELECT frozen FROM users WHERE id = 2").await;
    let let_go = operator.post(world, "/admin/users/2/unfreeze", json!({})).await.ok();
    assert_eq!((let_go["held"].as_bool(), let_go["call"]["role"].as_str()), (Some(false), Some("admin")));
    let admin = world.stack.anvil().address(Roles::ADMIN);
    assert!(world.send(admin, &let_go["call"]).await.0);
    let logs = operator.get(world, "/admin/logs?action=user.held").await.ok();
    assert_eq!(logs["items"][0]["subject"], bob.address().to_string());
    assert_eq!(logs["items"][0]["detail"]["reason"], "asked to prove who he is");
    world
        .until("the account to be free in the books", || async {
            let profile = bob.get(world, "/users/me").await.ok();
            (profile["user"]["status"] == "active").then_some(())
        })
        .await;
    bob_pays_again(world, bob).await;
}

async fn bob_pays_again(world: &World, bob: &Person) {
    let prepared = bob.post(world, "/users/me/retopup", json!({ "amount": wei(400) })).await.ok();
    assert_eq!((prepared["amount"].as_str(), &prepared["quote"]), (Some(&*wei(400)), &Value::Null));
    let again = bob.post(world, "/users/me/retopup", json!({})).await.ok();
    assert_eq!(again["transactionId"], prepared["transactionId"], "the same wish gets the same payload");
    assert_eq!(again["call"], prepared["call"]);
    assert!(world.send(bob.address(), &prepared["call"]).await.0);
    world
        .until("the retopup in the books", || async {
            let profile = bob.get(world, "/users/me").await.ok();
            profile["user"]["hasRetopup"].as_bool().filter(|done| *done)
        })
        .await;
    let history = bob.get(world, "/users/me/history").await.ok();
    let retopup = history["items"].as_array().unwrap().iter().find(|item| item["kind"] == "retopup").unwrap();
    assert_eq!(
        (retopup["status"].as_str(), retopup["amount"].as_str()),
        (Some("confirmed"), Some(&*wei(400)))
    );
}

async fn the_kill_switch_stops_batches(world: &World) {
    let operator = world.operator().await;
    let switch = |on: bool| json!({ "on": on, "reason": "a drill" });
    operator.post(world, "/admin/kill-switch", switch(true)).await.ok();
    assert_eq!(operator.post(world, "/payouts/build-batch", json!({})).await.problem(), "kill-switch-on");
    operator.post(world, "/admin/kill-switch", switch(false)).await.ok();
    assert_eq!(operator.get(world, "/admin/kill-switch").await.ok()["on"], false);
    let pending = operator.get(world, "/rewards/pending?state=payable&user=2").await.ok();
    assert_eq!(pending["items"][0]["user"]["id"], 2, "{pending:#}");
}

async fn the_logs_give_what_the_tables_have(world: &World, operator: &Person, run: &Value) {
    let range = json!({ "fromBlock": 0, "toBlock": run["block"] });
    let started = operator.post(world, "/monitoring/replay-events", range).await;
    assert_eq!(started.status, 202);
    let path = format!("/monitoring/replay-events/{}", started.ok()["id"].as_str().unwrap());
    let done = world
        .until("the replay", || async {
            let replay = operator.get(world, &path).await.ok();
            (replay["state"] != "running").then_some(replay)
        })
        .await;
    assert_eq!((done["state"].as_str(), done["differing"].as_i64()), (Some("done"), Some(0)), "{done:#}");
    assert_eq!(done["tables"][0]["table"], "chain_events");
    assert!(done["nodeSilent"].is_null(), "{done:#}");
}

async fn chain_and_books_agree(world: &World) {
    let operator = world.operator().await;
    let treasury = operator.get(world, "/treasury/summary").await.ok();
    assert_eq!((treasury["difference"].as_str(), treasury["balanced"].as_bool()), (Some("0"), Some(true)));
    let run = operator.post(world, "/monitoring/reconciliation", json!({})).await.ok();
    assert_eq!((run["balanced"].as_bool(), run["difference"].as_str()), (Some(true), Some("0")), "{run:#}");
    let latest = operator.get(world, "/monitoring/reconciliation").await.ok();
    assert_eq!(latest["id"], run["id"]);
    let list = operator.get(world, "/monitoring/reconciliations?limit=1").await.ok();
    assert_eq!(list["items"][0]["id"], run["id"]);
    let path = format!("/monitoring/reconciliations/{}", run["id"].as_str().unwrap());
    assert_eq!(operator.get(world, &path).await.ok()["figures"], run["figures"]);
    let accounts = operator.get(world, &format!("{path}/accounts?limit=2")).await.ok();
    assert_eq!(accounts["items"][0]["user"]["id"], 0, "{accounts:#}");
    assert_eq!(accounts["items"][1]["contract"]["paid"], accounts["items"][1]["books"]["paid"]);
    assert!(accounts["next"].is_string(), "{accounts:#}");
    the_logs_give_what_the_tables_have(world, &operator, &run).await;
    let metrics = reqwest::get(world.stack.metrics_url(banyan_testkit::stack::Service::Serve)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains(
            "banyan_http_requests_total{method=\"POST\",route=\"/v1/users/register\",status=\"201\"}"
        )
    );
}
