//! Directives that nobody prepared, or not so: what the plan refuses, what nobody can read, and gifts.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::SolValue as _;
use banyan_testkit::contract::Roles;
use serde_json::{Value, json};

use super::desk::{Desk, bnb};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_effect_is_recorded_and_its_value_is_the_companys() {
    let desk = Desk::open(3).await;
    a_grant_is_what_was_foreseen(&desk).await;
    grants_that_are_not_prepared(&desk).await;
    without_effect(&desk).await;
    desk.agrees().await;
}

async fn a_grant_is_what_was_foreseen(desk: &Desk) {
    let body = json!({ "kind": "GRANT", "user": "2", "amount": bnb(35).to_string(), "reason": "für Wasser" });
    let prepared = desk.post("/admin/directives", body).await.ok();
    assert_eq!(prepared["effect"]["rewards"][0]["type"], "GRANT");
    assert_eq!(prepared["effect"]["payable"], bnb(35).to_string());
    assert_eq!(prepared["decision"]["arguments"]["reason"], "für Wasser");
    desk.decide(&prepared, "programme", Roles::PROGRAMME).await;
    let listed = desk.operator.get(&desk.world, "/admin/directives?limit=1").await.ok();
    let item = &listed["items"][0];
    assert_eq!((&item["kind"], &item["outcome"]), (&json!("GRANT"), &json!("applied")));
    assert_eq!(item["arguments"], prepared["decision"]["arguments"]);
    assert_eq!(
        (&item["data"], &item["amount"]),
        (&prepared["decision"]["data"], &json!(bnb(35).to_string()))
    );
    let settled = desk.pay(&[desk.wallet(1)]).await;
    assert_eq!(settled["total"], bnb(35).to_string());
}

async fn grants_that_are_not_prepared(desk: &Desk) {
    let grant = |user: &str, amount: Value, reason: &str| json!({ "kind": "GRANT", "user": user, "amount": amount, "reason": reason });
    let one = || json!(bnb(10).to_string());
    for (body, problem) in [
        (grant("77", one(), "why"), "not-a-participant"),
        (grant(&Address::repeat_byte(9).to_string(), one(), "why"), "not-a-participant"),
        (grant("0", one(), "why"), "not-a-participant"),
        (grant("2", json!("0"), "why"), "invalid-amount"),
        (grant("2", json!(5), "why"), "invalid-amount"),
        (grant("2", one(), " "), "invalid-body"),
        (grant("2", one(), &"x".repeat(4001)), "invalid-body"),
        (json!({ "kind": "PLAN" }), "invalid-body"),
        (json!({ "kind": "WIND_UP", "now": true }), "invalid-body"),
    ] {
        assert_eq!(desk.post("/admin/directives", body.clone()).await.problem(), problem, "{body}");
    }
}

/// What the programme Safe sends without asking anybody.
async fn without_effect(desk: &Desk) {
    let company = company(desk).await;
    let (place, one) = (
        |user: Address, level: u64, index: u64| {
            (user, U256::from(level), U256::from(1), U256::from(index)).abi_encode_params()
        },
        bnb(10),
    );
    let grant = |user: Address| (user, "why".to_owned()).abi_encode_params();
    let (second, stranger) = (desk.wallet(1), Address::repeat_byte(9));
    let cases: [(&str, Vec<u8>, U256, &str, &str); 11] = [
        ("PLACE", place(second, 1, 3), bnb(180), "refused", "is taken"),
        ("PLACE", place(second, 1, 40), bnb(180), "refused", "parent"),
        ("PLACE", place(second, 1, 4), bnb(170), "refused", "exactly"),
        ("PLACE", place(second, 11, 4), bnb(180), "refused", "level"),
        ("PLACE", place(stranger, 1, 4), bnb(180), "refused", "registered wallet"),
        ("GRANT", grant(stranger), one, "refused", "registered wallet"),
        ("GRANT", grant(Address::ZERO), one, "refused", "company"),
        ("DANCE", vec![], one, "recorded", "DANCE"),
        ("GRANT", grant(second)[..64].to_vec(), one, "recorded", "GRANT"),
        ("PLACE", [place(second, 1, 4), vec![0]].concat(), one, "recorded", "PLACE"),
        ("grant", grant(second), U256::ZERO, "recorded", "grant"),
    ];
    let first = desk.contract.seq().await.unwrap() + 1;
    for (kind, data, value, _, _) in &cases {
        let sent = desk.contract.directive(kind, Bytes::from(data.clone()), *value).await.unwrap();
        assert!(sent.succeeded(), "{kind}");
    }
    desk.booked().await;
    let listed = desk.operator.get(&desk.world, "/admin/directives").await.ok();
    let mut kept = U256::ZERO;
    for (n, (kind, data, value, outcome, says)) in cases.iter().enumerate() {
        let seq = first + n as u64;
        let item = listed["items"].as_array().unwrap().iter().find(|item| item["seq"] == seq).unwrap();
        assert_eq!((&item["kind"], &item["outcome"]), (&json!(kind), &json!(outcome)), "{item:#}");
        assert!(item["reason"].as_str().unwrap().contains(says), "{item:#}");
        assert_eq!(item["data"], Bytes::from(data.clone()).to_string());
        assert_eq!(item["arguments"].is_null(), *outcome == "recorded", "{item:#}");
        let rewards = desk.rewards(seq.try_into().unwrap()).await;
        if value.is_zero() {
            assert_eq!(rewards, [json!(null); 0]);
            continue;
        }
        kept += value;
        let name = if *outcome == "refused" { "REFUSED" } else { "DIRECTIVE" };
        let total = (company + kept).to_string();
        assert_eq!(rewards, [json!([name, 0, 0, value.to_string(), total])], "{item:#}");
    }
    desk.agrees().await;
}

/// All that the company has earned.
async fn company(desk: &Desk) -> U256 {
    let text = desk.operator.get(&desk.world, "/users/0").await.ok()["balances"]["entitlement"].clone();
    text.as_str().unwrap().parse().unwrap()
}
