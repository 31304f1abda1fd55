//! What cannot be audited is said, and a node that lies is noticed.

use std::time::Duration;

use banyan_audit::{Audit, AuditError, Request, audit};
use banyan_chain::{ContractView, Node};
use banyan_entitlement::{ContractPlan, Directive};
use banyan_testkit::liar::{Lie, lying_node};
use banyan_types::{Address, PlanHash};
use serde_json::{Value, json};

use crate::world::{PLAN, World, bnb, plans};

const OTHER_PLAN: &str = include_str!("../../../../config/plans/autopool-last-four.toml");

async fn refused(request: Request) -> String {
    audit(request).await.unwrap_err().to_string()
}

#[tokio::test]
async fn what_does_not_belong_together_is_said() {
    let world = World::empty().await;
    world.settlement.register(world.person(1), Address::ZERO, bnb(20)).await.unwrap();
    world.anvil.finalize().await.unwrap();
    let request = || world.request(world.anvil.url());

    let hash = PlanHash(world.settlement.plan).to_string();
    let said = refused(Request { plans: plans(&[OTHER_PLAN]), ..request() }).await;
    assert!(said.contains(&hash) && said.contains("--plan"), "{said}");
    let said = refused(Request { plans: plans(&[]), ..request() }).await;
    assert!(said.contains(&hash) && said.contains("no plan"), "{said}");
    let said = refused(Request { chain_id: Some(56), ..request() }).await;
    assert!(said.contains("56") && said.contains("31337"), "{said}");
    let said = refused(Request { from_block: world.settlement.start_block + 1, ..request() }).await;
    assert!(said.contains("--from-block"), "{said}");
    let said = refused(Request { to_block: Some(1_000), ..request() }).await;
    assert!(said.contains("1000") && said.contains("--to-block"), "{said}");

    let at = |contract| {
        let node = Node::connect(world.anvil.url(), Duration::from_secs(5)).unwrap();
        ContractView::new(node, contract)
    };
    let said = refused(Request { view: at(world.person(3)), ..request() }).await;
    assert!(said.contains("there is no code"), "{said}");
    let wallet = world.settlement.recipient_wallet(world.person(16)).await.unwrap();
    let said = refused(Request { view: at(wallet), ..request() }).await;
    assert!(said.contains("is no BanyanSettlement"), "{said}");
}

#[tokio::test]
async fn a_plan_that_was_in_force_for_a_while_is_missed_by_its_hash() {
    let world = World::empty().await;
    let later = ContractPlan::from_toml(OTHER_PLAN).unwrap().hash();
    for plan in [later, PlanHash(world.settlement.plan)] {
        world.settlement.directive("PLAN", Directive::Plan(plan).encode().1, bnb(0)).await.unwrap();
    }
    let error = world.audit().await.unwrap_err();
    assert!(matches!(&error, AuditError::History(_)), "{error}");
    assert!(error.to_string().contains(&later.to_string()), "{error}");
    let both = Request { plans: plans(&[PLAN, OTHER_PLAN]), ..world.request(world.anvil.url()) };
    let both = audit(both).await.unwrap();
    assert!(both.clean, "{:?}", both.findings);
}

/// A lie about the logs, given the number of the answer.
type LogLie = fn(usize, &mut Vec<Value>);

/// What becomes of an audit over a node that lies about the logs.
async fn lied_to(world: &World, lie: LogLie) -> Result<Audit, AuditError> {
    world.anvil.finalize().await.unwrap();
    let url = lying_node(world.anvil.url(), "eth_getLogs", move |number, mut answer| {
        if let Some(logs) = answer.as_array_mut() {
            lie(number, logs);
        }
        Lie::Result(answer)
    });
    audit(world.request(&url.await)).await
}

#[tokio::test]
async fn a_node_that_leaves_logs_out_or_changes_them_is_noticed() {
    let world = World::lived().await;
    let lies: [(&str, LogLie); 4] = [
        ("truncated", |_, logs| drop(logs.pop())),
        ("missing", |_, logs| logs.retain(|log| log["blockNumber"] != "0x8")),
        ("changed", |_, logs| {
            for log in logs.iter_mut().filter(|log| log["blockNumber"] == "0x8") {
                let changed = log["data"].as_str().unwrap()[2..].replacen('d', "e", 1);
                log["data"] = json!(format!("0x{changed}"));
            }
        }),
        ("nothing", |_, logs| logs.clear()),
    ];
    for (name, lie) in lies {
        let error = lied_to(&world, lie).await.unwrap_err();
        assert!(matches!(error, AuditError::Unproven { .. }), "{name}: {error}");
        assert!(error.to_string().contains("use another node"), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_node_that_truncates_an_answer_once_is_asked_in_pieces() {
    let world = World::lived().await;
    let truncates: LogLie = |number, logs| {
        if number == 0 {
            logs.truncate(20);
        }
    };
    let audit = lied_to(&world, truncates).await.unwrap();
    assert!(audit.clean, "{:?}", audit.findings);
    assert_eq!(audit.pace.faults.values().sum::<u64>(), 1, "{:?}", audit.pace.faults);
}

#[tokio::test]
async fn a_node_that_lies_about_the_contract_s_balance_is_noticed() {
    let world = World::lived().await;
    world.anvil.finalize().await.unwrap();
    let url = lying_node(world.anvil.url(), "eth_getBalance", |_, _| Lie::Result(json!("0x1"))).await;
    let audit = audit(world.request(&url)).await.unwrap();
    let kinds: Vec<_> = audit.findings.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["balance"]);
}
