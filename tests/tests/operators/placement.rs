//! Seats by hand: prepared, refused for each reason, sent, and booked as foreseen.

use alloy::primitives::Address;
use banyan_testkit::contract::Roles;
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{Desk, bnb};
use crate::api::world::Answer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_by_hand_is_what_was_foreseen_and_each_mistake_is_told() {
    let desk = Desk::open(7).await;
    mistakes_are_told(&desk).await;
    who_may_ask(&desk).await;
    a_seat_is_placed(&desk).await;
    a_board_is_filled_by_hand(&desk).await;
    the_plain_next_seat_is_warned_of(&desk).await;
    desk.agrees().await;
}

fn seat(user: &str, index: u64) -> Value {
    json!({ "user": user, "level": 1, "tree": 1, "index": index, "amount": bnb(180).to_string() })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

fn expect(answer: &Answer, status: u16, problem: &str, field: &str) {
    assert_eq!((answer.status, answer.problem()), (status, problem), "{answer:#?}");
    assert_eq!(answer.fields(), [field], "{answer:#?}");
}

async fn mistakes_are_told(desk: &Desk) {
    let before = desk.world.rows().await;
    let good = seat("3", 9);
    for (body, status, problem, field) in [
        (seat(&Address::repeat_byte(9).to_string(), 9), 422, "not-a-participant", "user"),
        (seat("99", 9), 422, "not-a-participant", "user"),
        (seat("0", 9), 422, "not-a-participant", "user"),
        (seat("0x12", 9), 400, "invalid-address", "user"),
        (seat("3", 3), 409, "seat-taken", "index"),
        (seat("3", 40), 409, "parent-not-seated", "index"),
        (seat("3", 0), 422, "no-such-seat", "index"),
        (with(good.clone(), "level", json!(11)), 422, "no-such-seat", "level"),
        (with(good.clone(), "level", json!(0)), 422, "no-such-seat", "level"),
        (with(good.clone(), "tree", json!(2)), 409, "not-newest-tree", "tree"),
        (with(good.clone(), "amount", json!(bnb(170).to_string())), 422, "amount-mismatch", "amount"),
        (with(good.clone(), "amount", json!("18.0")), 400, "invalid-amount", "amount"),
        (with(good.clone(), "index", json!(-1)), 422, "invalid-body", "index"),
        (with(good, "slot", json!("left")), 422, "invalid-body", "slot"),
    ] {
        expect(&desk.post("/pool/manual-placement", body).await, status, problem, field);
    }
    assert_eq!(desk.world.rows().await, before, "a refused request leaves no row");
}

async fn who_may_ask(desk: &Desk) {
    let mut ann = desk.world.person(0);
    ann.sign_in(&desk.world).await;
    for path in ["/pool/manual-placement", "/admin/config", "/admin/directives"] {
        let body = match path {
            "/pool/manual-placement" => seat("3", 9),
            "/admin/config" => json!({ "changes": { "pool.direct": "12%" } }),
            _ => json!({ "kind": "WIND_UP" }),
        };
        assert_eq!(ann.post(&desk.world, path, body.clone()).await.problem(), "forbidden", "{path}");
        let nobody = desk.world.ask(Method::POST, path, None, Some(&body)).await;
        assert_eq!((nobody.status, nobody.problem()), (401, "unauthenticated"), "{path}");
    }
    assert_eq!(ann.get(&desk.world, "/admin/directives").await.problem(), "forbidden");
}

/// Seat 9 is the second child of seat 4, below 2 and 1: half of 18 for its owner, a quarter and 15 % above, all reserved.
async fn a_seat_is_placed(desk: &Desk) {
    let (key, json) = (("idempotency-key", "seat-9"), ("content-type", "application/json"));
    let body = seat(&desk.wallet(2).to_string(), 9).to_string();
    let headers = [json, key];
    let ask = || desk.operator.post_raw(&desk.world, "/pool/manual-placement", &body, &headers);
    let before = desk.world.rows().await;
    let prepared = ask().await.ok();
    assert_eq!(ask().await.headers["idempotent-replayed"], "true");
    let mut after = desk.world.rows().await;
    for table in ["audit_logs", "idempotency_keys"] {
        assert_eq!(after[table].as_i64(), before[table].as_i64().map(|rows| rows + 1), "{table}");
        after[table] = before[table].clone();
    }
    assert_eq!(after, before, "nothing else is written");

    let effect = &prepared["effect"];
    let told: Vec<Value> = effect["rewards"].as_array().unwrap().iter().map(told).collect();
    let wei = |tenths| bnb(tenths).to_string();
    assert_eq!(
        told,
        [
            json!(["POOL_L1", 4, wei(90), "reserved"]),
            json!(["POOL_L2", 2, wei(45), "reserved"]),
            json!(["POOL_L3", 1, wei(27), "reserved"]),
            json!(["POOL_COMPANY", 0, wei(18), "payable"]),
        ]
    );
    assert_eq!((&effect["reserved"], &effect["company"]), (&json!(wei(162)), &json!(wei(18))));
    assert_eq!(effect["payable"], "0");
    assert_eq!(prepared["decision"]["kind"], "PLACE");
    assert_eq!(prepared["decision"]["arguments"]["index"], 9);
    assert_eq!(prepared["timelock"], Value::Null);
    let last = desk.contract.seq().await.unwrap();
    let head = desk.contract.head_at(last).await.unwrap();
    assert_eq!(prepared["simulatedAt"], json!({ "seq": last, "head": head.to_string() }));
    let logs = desk.operator.get(&desk.world, "/admin/logs?action=directive.prepared").await.ok();
    assert_eq!(logs["items"][0]["detail"]["decision"], prepared["decision"]);

    desk.decide(&prepared, "programme", Roles::PROGRAMME).await;
    let nodes = desk.world.ask(Method::GET, "/pool/1/nodes", None, None).await.ok();
    let placed = nodes["items"].as_array().unwrap().iter().find(|node| node["index"] == 9).unwrap().clone();
    assert_eq!((&placed["manual"], &placed["user"]["id"]), (&json!(true), &json!(3)));
    expect(&desk.post("/pool/manual-placement", seat("3", 9)).await, 409, "seat-taken", "index");
    desk.agrees().await;
}

fn told(reward: &Value) -> Value {
    json!([reward["type"], reward["user"]["id"], reward["amount"], reward["state"]])
}

/// The rest of the first board, the last one by hand: its reserve buys a seat at level 2, in the same entry.
async fn a_board_is_filled_by_hand(desk: &Desk) {
    for i in 7..13 {
        desk.contract.register(desk.wallet(i), desk.wallet(0), bnb(200)).await.unwrap();
    }
    desk.booked().await;
    let mut body = seat("5", 15);
    body.as_object_mut().unwrap().remove("amount");
    let prepared = desk.post("/pool/manual-placement", body).await.ok();
    let effect = &prepared["effect"];
    assert_eq!(prepared["transactions"][0]["call"]["value"], bnb(180).to_string(), "the plan's price");
    assert_eq!(effect["completed"], json!([{ "level": 1, "tree": 1, "index": 1 }]));
    assert_eq!(effect["seats"].as_array().unwrap().len(), 2, "{effect:#}");
    let bonus: Vec<&Value> =
        effect["rewards"].as_array().unwrap().iter().filter(|reward| reward["type"] == "BONUS").collect();
    assert_eq!((bonus.len(), &bonus[0]["amount"]), (1, &json!(bnb(86).to_string())));
    desk.decide(&prepared, "programme", Roles::PROGRAMME).await;
}

async fn the_plain_next_seat_is_warned_of(desk: &Desk) {
    let prepared = desk.post("/pool/manual-placement", seat("3", 16)).await.ok();
    assert!(prepared["warnings"][0].as_str().unwrap().contains("a newcomer who comes first"), "{prepared:#}");
    // What the warning is about: somebody registers before the Safe has signed.
    desk.contract.register(desk.wallet(13), Address::ZERO, bnb(200)).await.unwrap();
    desk.send(desk.role(Roles::PROGRAMME), &prepared["transactions"][0]).await;
    let seq = i64::try_from(desk.booked().await).unwrap();
    assert_eq!(desk.outcome(seq).await.0, "refused");
    let rewards = desk.rewards(seq).await;
    assert_eq!((rewards.len(), &rewards[0][0], &rewards[0][1]), (1, &json!("REFUSED"), &json!(0)));
}
