//! Freezing, holding, and the two kill switches.

use std::fs;

use alloy::primitives::Address;
use serde_json::{Value, json};

use super::desk::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_frozen_or_held_accrues_and_switches_stop_the_money() {
    let desk = Desk::open(4).await;
    frozen_by_the_guardian_alone(&desk).await;
    held_by_the_operators_alone(&desk).await;
    the_operators_switch_stops_every_step(&desk).await;
    the_signers_own_switch_stops_signing(&desk).await;
    desk.agrees().await;
}

async fn flags(desk: &Desk, wallet: Address) -> (bool, bool) {
    sqlx::query_as("SELECT held, frozen FROM users WHERE lower(wallet_address) = lower($1)")
        .bind(wallet.to_string())
        .fetch_one(&mut desk.database().await)
        .await
        .unwrap()
}

async fn until_flags(desk: &Desk, wallet: Address, held: bool, frozen: bool) {
    let what = format!("held {held}, frozen {frozen}");
    desk.world.until(&what, || async { (flags(desk, wallet).await == (held, frozen)).then_some(()) }).await;
}

async fn refused_batch(desk: &Desk, wallet: Address) -> Value {
    // With a root to publish a batch makes sense without any item.
    let only = json!({ "accounts": [wallet.to_string()], "publishRoot": false });
    let answer = desk.post("/payouts/build-batch", only).await;
    assert_eq!(answer.problem(), "batch-refused", "{answer:#?}");
    answer.body
}

/// The event alone: nobody told the API.
async fn frozen_by_the_guardian_alone(desk: &Desk) {
    let first = desk.wallet(0);
    desk.contract.freeze(first).await.unwrap();
    until_flags(desk, first, false, true).await;
    refused_batch(desk, first).await;
    // She goes on earning meanwhile: a referral's tenth.
    let earned = |profile: Value| profile["balances"]["entitlement"].as_str().unwrap().to_owned();
    let before = earned(desk.operator.get(&desk.world, "/users/1").await.ok());
    desk.contract.register(desk.wallet(4), first, super::desk::bnb(200)).await.unwrap();
    desk.booked().await;
    assert_ne!(earned(desk.operator.get(&desk.world, "/users/1").await.ok()), before);
    desk.contract.unfreeze(first).await.unwrap();
    until_flags(desk, first, false, false).await;
}

/// The operators' hold is of the books only: the contract does not know of it, and its events do not end it.
async fn held_by_the_operators_alone(desk: &Desk) {
    let first = desk.wallet(0);
    let held = desk.post("/admin/users/1/freeze", json!({ "reason": "a question" })).await.ok();
    assert_eq!((held["held"].as_bool(), held["frozen"].as_bool()), (Some(true), Some(false)));
    assert!(!desk.contract.account(first).await.unwrap().frozen);
    refused_batch(desk, first).await;
    desk.contract.freeze(first).await.unwrap();
    until_flags(desk, first, true, true).await;
    desk.contract.unfreeze(first).await.unwrap();
    until_flags(desk, first, true, false).await;
    refused_batch(desk, first).await;
    desk.post("/admin/users/1/unfreeze", json!({})).await.ok();
    until_flags(desk, first, false, false).await;
    assert_eq!(desk.pay(&[first]).await["state"], "settled");
}

async fn the_operators_switch_stops_every_step(desk: &Desk) {
    let switch = |on: bool| json!({ "on": on, "reason": "a drill" });
    let company = json!({ "accounts": [Address::ZERO.to_string()] });
    let built = desk.post("/payouts/build-batch", company.clone()).await.ok();
    let path = format!("/payouts/{}", built["id"].as_str().unwrap());
    desk.post("/admin/kill-switch", switch(true)).await.ok();
    for path in [format!("{path}/sign"), "/payouts/build-batch".to_owned()] {
        assert_eq!(desk.post(&path, json!({})).await.problem(), "kill-switch-on", "{path}");
    }
    desk.post("/admin/kill-switch", switch(false)).await.ok();
    desk.post(&format!("{path}/sign"), json!({})).await.ok();
    desk.post("/admin/kill-switch", switch(true)).await.ok();
    assert_eq!(desk.post(&format!("{path}/submit"), json!({})).await.problem(), "kill-switch-on");
    desk.post("/admin/kill-switch", switch(false)).await.ok();
    desk.post(&format!("{path}/submit"), json!({})).await.ok();
    desk.world
        .until("the batch to be settled", || async {
            let batch = desk.operator.get(&desk.world, &path).await.ok();
            (batch["state"] == "settled").then_some(())
        })
        .await;
}

/// A file beside the signer: no request to any API undoes it.
async fn the_signers_own_switch_stops_signing(desk: &Desk) {
    desk.contract.register(desk.wallet(5), desk.wallet(1), super::desk::bnb(200)).await.unwrap();
    desk.booked().await;
    let only = json!({ "accounts": [desk.wallet(1).to_string()] });
    let built = desk.post("/payouts/build-batch", only).await.ok();
    let path = format!("/payouts/{}", built["id"].as_str().unwrap());
    let file = desk.world.stack.folder().join("signer-kill-switch");
    fs::write(&file, "a drill").unwrap();
    let answer = desk.post(&format!("{path}/sign"), json!({})).await;
    assert_eq!((answer.status, answer.problem()), (503, "signer-unavailable"), "{answer:#?}");
    let mut newcomer = desk.world.person(6);
    newcomer.sign_in(&desk.world).await;
    let answer = newcomer.post(&desk.world, "/users/register", json!({ "sponsor": "company" })).await;
    assert_eq!(answer.problem(), "signer-unavailable", "nor does it sign registrations");
    fs::remove_file(&file).unwrap();
    desk.post(&format!("{path}/sign"), json!({})).await.ok();
}
