//! Another plan: prepared, scheduled, waited for, executed; one that the services do not know, and one that does not fit.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::SolCall as _;
use banyan_entitlement::ContractPlan;
use banyan_testkit::contract::Roles;
use banyan_testkit::stack::Service;
use serde_json::{Value, json};

use super::desk::{Desk, bnb};

const DELAY: u64 = 2 * 86_400;

alloy::sol! {
    function getOperationState(bytes32 id) external view returns (uint8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_plan_comes_into_force_through_the_timelock() {
    let mut desk = Desk::open(3).await;
    let lock = desk.contract.timelock(desk.role(Roles::PROGRAMME), U256::from(DELAY)).await.unwrap();
    desk.contract.register(desk.wallet(3), Address::ZERO, bnb(200)).await.unwrap();
    desk.booked().await;
    plans_that_are_not_prepared(&desk).await;
    let dearer = a_dearer_plan_comes_into_force(&mut desk, lock).await;
    let lenient = a_plan_that_nobody_laid_stops_the_services(&mut desk).await;
    a_plan_that_does_not_fit_is_recorded_and_payments_go_back(&mut desk, &lenient).await;
    assert_ne!(dearer.hash(), lenient.hash());
}

async fn plans_that_are_not_prepared(desk: &Desk) {
    let metax =
        std::fs::read_to_string(banyan_testkit::paths::root().join("config/plans/metax.toml")).unwrap();
    let now = std::fs::read_to_string(desk.world.stack.plan_file()).unwrap();
    let before = desk.world.rows().await;
    for (body, status, problem, field) in [
        (json!({ "changes": { "pool.shares": ["60%", "30%", "15%"] } }), 422, "plan-refused", "pool.shares"),
        (json!({ "changes": { "retopup.pott": "80%" } }), 422, "plan-refused", "retopup.pott"),
        (
            json!({ "changes": { "registration.entry": 25.5 } }),
            422,
            "invalid-body",
            "changes.registration.entry",
        ),
        (json!({ "changes": { "pool.levels": 9 } }), 409, "plan-not-adopted", "plan"),
        (json!({ "plan": metax }), 422, "plan-refused", "plan"),
        (json!({}), 422, "invalid-body", "plan"),
        (json!({ "plan": now, "changes": {} }), 422, "invalid-body", "plan"),
    ] {
        let answer = desk.post("/admin/config", body.clone()).await;
        assert_eq!((answer.status, answer.problem()), (status, problem), "{body}: {answer:#?}");
        assert_eq!(answer.fields()[0], field, "{answer:#?}");
    }
    assert_eq!(desk.post("/admin/config", json!({ "plan": now })).await.problem(), "plan-unchanged");
    assert_eq!(desk.world.rows().await, before, "a refused request leaves no row");
}

async fn a_dearer_plan_comes_into_force(desk: &mut Desk, lock: Address) -> ContractPlan {
    let changes = json!({ "registration.entry": "25", "retopup.amount": "50" });
    let prepared = desk.post("/admin/config", json!({ "changes": changes })).await.ok();
    what_it_would_do(&prepared);
    let plan = ContractPlan::from_toml(prepared["plan"]["file"].as_str().unwrap()).unwrap();
    assert_eq!(prepared["plan"]["hash"], plan.hash().to_string());
    assert_eq!(prepared["plan"]["canonical"], plan.plan().canonical_json());

    let directive = &prepared["directive"];
    let [schedule, execute] = directive["transactions"].as_array().unwrap().as_slice() else {
        panic!("{directive:#}")
    };
    assert_eq!(json!([schedule["step"], execute["step"]]), json!(["schedule", "execute"]));
    let timelock = &directive["timelock"];
    assert_eq!((&timelock["address"], &timelock["delaySeconds"]), (&json!(lock.to_string()), &json!(DELAY)));
    assert_eq!(timelock["openToAnybody"], true);
    let programme = desk.role(Roles::PROGRAMME);
    assert_eq!(schedule["from"], programme.to_string());
    assert_eq!(state(desk, lock, timelock).await, 0);
    desk.send(programme, schedule).await;
    assert_eq!(state(desk, lock, timelock).await, 1, "scheduled under the id that was told");
    let anybody = desk.wallet(2);
    let early: Bytes = execute["call"]["data"].as_str().unwrap().parse().unwrap();
    assert!(desk.world.stack.anvil().transact(anybody, lock, early, U256::ZERO).await.is_err());

    lay(desk, "dearer.toml", &plan).await;
    let again = desk.post("/admin/config", json!({ "plan": plan.file(), "history": false })).await.ok();
    assert_eq!(json!([again["plan"]["atHand"], again["history"]]), json!([true, null]));
    desk.world.stack.anvil().increase_time(DELAY).await.unwrap();
    desk.send(anybody, execute).await;
    desk.booked().await;
    desk.as_foreseen(&directive["effect"]).await;
    assert_eq!(desk.post("/admin/config", json!({ "plan": plan.file() })).await.problem(), "plan-unchanged");
    let mut newcomer = desk.world.person(4);
    newcomer.sign_in(&desk.world).await;
    assert_eq!(newcomer.register(&desk.world, "company").await["amount"], bnb(250).to_string());
    desk.agrees().await;
    plan
}

/// Four registrations so far: the first under the company, two under the first, one more under the company.
fn what_it_would_do(prepared: &Value) {
    let keys: Vec<&str> =
        prepared["changes"].as_array().unwrap().iter().filter_map(|change| change["key"].as_str()).collect();
    assert_eq!(keys, ["registration.entry", "retopup.amount"]);
    assert_eq!(prepared["changes"][0]["nowWritten"], "20");
    assert_eq!(prepared["changes"][0]["then"], bnb(250).to_string());
    let title = |side: &str| prepared["payments"][side][0]["title"].as_str().unwrap().to_owned();
    assert_eq!([title("now"), title("then")], ["A registration of 20 BNB", "A registration of 25 BNB"]);
    let history = &prepared["history"];
    assert_eq!((&history["repricedPayments"], &history["refused"]), (&json!(4), &json!(0)), "{history:#}");
    assert_eq!(json!([history["gainers"], history["losers"]]), json!([2, 0]), "{history:#}");
    // 2 + 2 direct and 9 of the pool, all a quarter more.
    assert_eq!(history["most"][0]["now"], bnb(130).to_string(), "{history:#}");
    assert_eq!(history["most"][0]["difference"], (bnb(130) / U256::from(4)).to_string());
    assert_eq!(prepared["plan"]["atHand"], false);
    assert!(prepared["directive"]["warnings"][0].as_str().unwrap().contains("lay it at every service"));
    assert!(prepared["steps"][0].as_str().unwrap().contains(prepared["plan"]["hash"].as_str().unwrap()));
}

async fn state(desk: &Desk, lock: Address, timelock: &Value) -> u8 {
    let id: B256 = timelock["operationId"].as_str().unwrap().parse().unwrap();
    let call = getOperationStateCall { id }.abi_encode();
    let answer = desk.world.stack.anvil().view(lock, call.into()).await.unwrap();
    getOperationStateCall::abi_decode_returns(&answer).unwrap()
}

/// Lays a plan file at all services and starts them again.
async fn lay(desk: &mut Desk, name: &str, plan: &ContractPlan) {
    desk.world.stack.lay_plan(name, plan.file()).unwrap();
    for service in Service::IN_ORDER {
        desk.world.stack.start_service(service).unwrap();
    }
}

/// The directive is executed first and the file is laid later: books and signer stand still, and say what is missing.
async fn a_plan_that_nobody_laid_stops_the_services(desk: &mut Desk) -> ContractPlan {
    let changes = json!({ "retopup.ineligible": "compress" });
    let prepared = desk.post("/admin/config", json!({ "changes": changes })).await.ok();
    let plan = ContractPlan::from_toml(prepared["plan"]["file"].as_str().unwrap()).unwrap();
    let hash = plan.hash().to_string();
    desk.contract.directive("PLAN", plan.hash().0.to_vec().into(), U256::ZERO).await.unwrap();
    let seq = desk.contract.seq().await.unwrap();
    let halted = desk
        .world
        .until("the listener to stand still", || async {
            let query = sqlx::query_scalar::<_, Option<String>>("SELECT halted FROM blockchain_sync");
            query.fetch_one(&mut desk.database().await).await.unwrap()
        })
        .await;
    for says in [&hash, &format!("entry {seq}"), "add the file to the configured plans and start again"] {
        assert!(halted.contains(says), "{halted}");
    }
    let signer = format!("http://{}/healthz", desk.world.stack.health(Service::Signer));
    desk.world
        .until("the signer to say why it stands still", || async {
            let answer = reqwest::get(&signer).await.unwrap();
            let status = answer.status().as_u16();
            (status == 503 && answer.text().await.unwrap().contains(&hash)).then_some(())
        })
        .await;
    let batch = desk.post("/payouts/build-batch", json!({})).await;
    assert_eq!(batch.problem(), "batch-refused", "{batch:#?}");

    lay(desk, "lenient.toml", &plan).await;
    assert_eq!(desk.booked().await, seq);
    assert_eq!(desk.outcome(seq.try_into().unwrap()).await.0, "applied");
    desk.agrees().await;
    plan
}

async fn a_plan_that_does_not_fit_is_recorded_and_payments_go_back(desk: &mut Desk, fits: &ContractPlan) {
    let flat = fits.file().replace("levels = 10", "levels = 9");
    let flat = ContractPlan::from_toml(&flat).unwrap();
    assert_ne!(flat.hash(), fits.hash());
    let answer = desk.post("/admin/config", json!({ "plan": flat.file() })).await;
    assert_eq!(answer.problem(), "plan-not-adopted");
    desk.world.stack.lay_plan("flat.toml", flat.file()).unwrap();
    for service in [Service::Signer, Service::Listen] {
        desk.world.stack.start_service(service).unwrap();
    }
    desk.contract.directive("PLAN", flat.hash().0.to_vec().into(), U256::ZERO).await.unwrap();
    let seq = i64::try_from(desk.booked().await).unwrap();
    the_api_alone_lacks_the_file(desk, &flat).await;
    let (outcome, reason) = desk.outcome(seq).await;
    assert!(
        outcome == "recorded" && reason.as_ref().unwrap().contains("pool.levels"),
        "{outcome}: {reason:?}"
    );
    let pool = desk.operator.get(&desk.world, "/pool/summary").await.ok();
    assert_eq!(pool["levels"].as_array().unwrap().len(), 10, "the trees keep their shape");

    // The honest signer signs no payment that would go back.
    let mut newcomer = desk.world.person(5);
    newcomer.sign_in(&desk.world).await;
    let answer = newcomer.post(&desk.world, "/users/register", json!({ "sponsor": "company" })).await;
    assert_eq!(answer.problem(), "signer-refused", "{answer:#?}");
    let mut forged = desk.contract.clone();
    forged.plan = flat.hash().0;
    let payer = desk.wallet(5);
    forged.register(payer, Address::ZERO, bnb(250)).await.unwrap();
    let seq = i64::try_from(desk.booked().await).unwrap();
    let id = newcomer.get(&desk.world, "/users/me").await.ok()["user"]["id"].clone();
    let back = bnb(250).to_string();
    assert_eq!(desk.rewards(seq).await, [json!(["REFUSED", id, id, back, back])]);
    let paid = desk.pay(&[payer]).await;
    assert_eq!((&paid["total"], &paid["count"]), (&json!(back), &json!(1)), "the next batch pays it back");

    // The way out: the plan that fits, once more.
    let prepared = desk.post("/admin/config", json!({ "plan": fits.file(), "history": false })).await.ok();
    assert_eq!(prepared["inForce"]["hash"], flat.hash().to_string());
    desk.contract.directive("PLAN", fits.hash().0.to_vec().into(), U256::ZERO).await.unwrap();
    let seq = i64::try_from(desk.booked().await).unwrap();
    assert_eq!(desk.outcome(seq).await.0, "applied");
    let mut newcomer = desk.world.person(6);
    newcomer.sign_in(&desk.world).await;
    newcomer.register(&desk.world, "company").await;
    desk.agrees().await;
}

/// The books have gone on with a plan that only the API was not started anew for.
async fn the_api_alone_lacks_the_file(desk: &mut Desk, plan: &ContractPlan) {
    let body = json!({ "kind": "GRANT", "user": "1", "amount": "5", "reason": "why" });
    let answer = desk.post("/admin/directives", body.clone()).await;
    assert_eq!((answer.status, answer.problem()), (503, "plan-not-at-hand"), "{answer:#?}");
    assert!(answer.body["detail"].as_str().unwrap().contains(&plan.hash().to_string()), "{answer:#?}");
    for service in [Service::Serve, Service::Settle] {
        desk.world.stack.start_service(service).unwrap();
    }
    desk.post("/admin/directives", body).await.ok();
}
