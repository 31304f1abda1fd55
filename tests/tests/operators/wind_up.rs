//! The end of the programme: every reserve becomes payable, nothing follows.

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolValue as _;
use banyan_testkit::contract::Roles;
use serde_json::json;

use super::desk::{Desk, bnb};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wind_up_pays_out_the_reserves_and_is_final() {
    let desk = Desk::open(5).await;
    let prepared = desk.post("/admin/directives", json!({ "kind": "WIND_UP" })).await.ok();
    assert!(prepared["warnings"][0].as_str().unwrap().contains("cannot be undone"));
    // Seats 3, 4 and 5: 9 and 4.5 twice to the first; 9 to the second, whose first child's 9 is payable already.
    let released: Vec<_> = prepared["effect"]["rewards"].as_array().unwrap().iter().collect();
    assert!(released.iter().all(|reward| reward["type"] == "BONUS"), "{prepared:#}");
    assert_eq!(prepared["effect"]["payable"], bnb(180 + 90).to_string());
    desk.decide(&prepared, "admin", Roles::ADMIN).await;

    let again = desk.contract.directive("WIND_UP", Bytes::new(), bnb(0)).await;
    assert!(again.is_err(), "the contract takes no second one: {again:?}");
    for (path, body) in [
        ("/admin/directives", json!({ "kind": "WIND_UP" })),
        ("/admin/directives", json!({ "kind": "GRANT", "user": "2", "amount": "5", "reason": "late" })),
        ("/pool/manual-placement", json!({ "user": "2", "level": 1, "tree": 1, "index": 6 })),
        ("/admin/config", json!({ "changes": { "registration.entry": "25" } })),
    ] {
        let answer = desk.post(path, body).await;
        assert_eq!((answer.status, answer.problem()), (409, "programme-wound-up"), "{path}");
    }
    // What the Safe sends all the same is the company's.
    let grant = (desk.wallet(1), "late".to_owned()).abi_encode_params();
    desk.contract.directive("GRANT", grant.into(), bnb(10)).await.unwrap();
    let seq = desk.booked().await.try_into().unwrap();
    assert_eq!(desk.outcome(seq).await.0, "refused");
    let rewards = desk.rewards(seq).await;
    assert_eq!(json!([rewards[0][0], rewards[0][1]]), json!(["REFUSED", 0]));
    let everybody: Vec<Address> = (0..2).map(|i| desk.wallet(i)).collect();
    assert_eq!(desk.pay(&everybody).await["state"], "settled", "what is payable stays payable");
    desk.agrees().await;
}
