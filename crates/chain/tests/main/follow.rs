//! The follower over a real history: honest node, lying node, wrong place.

use std::time::Duration;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol_types::SolValue;
use banyan_chain::follower::FollowSettings;
use banyan_chain::node::{Finality, Node};
use banyan_chain::source::SourceFault;
use banyan_chain::{ContractView, FollowError, Follower, start_cursor};
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Options};
use banyan_testkit::contract::{Roles, Settlement, abi};
use banyan_types::PlanHash;
use banyan_types::history::{BlockRange, Cursor, Fact, Outflow};
use serde_json::Value;

use banyan_testkit::liar::{Lie, lying_node};

const PLAN: B256 = B256::repeat_byte(7);

fn settings() -> FollowSettings {
    FollowSettings {
        chain_id: CHAIN_ID,
        finality: Finality::Tag,
        max_blocks: 1000,
        plans: vec![PlanHash(PLAN)],
    }
}

/// A chain with twelve registrations and a batch that pays two of them, all final.
async fn history() -> (Anvil, Settlement) {
    let anvil = Anvil::start(&Options { wallets: 40, ..Options::default() }).unwrap();
    let settlement = Settlement::deploy(&anvil, PLAN).await.unwrap();
    let person = |i: usize| anvil.address(Roles::FIRST_PERSON + i);
    for i in 0..12 {
        let sponsor = if i == 0 { Address::ZERO } else { person(i / 2) };
        settlement.register(person(i), sponsor, U256::from(100)).await.unwrap();
    }
    let items = [(person(0), U256::from(40)), (person(1), U256::from(30))];
    settlement.pay(&items, B256::repeat_byte(5), U256::from(70)).await.unwrap();
    anvil.finalize().await.unwrap();
    (anvil, settlement)
}

/// How long an answer may take before it counts as a fault: long enough for an honest node on a busy machine.
const PATIENCE: Duration = Duration::from_secs(6);

async fn follower(
    url: &str,
    settlement: &Settlement,
    settings: FollowSettings,
) -> Result<Follower, FollowError> {
    let node = Node::connect(url, PATIENCE).unwrap();
    let view = ContractView::new(node, settlement.address);
    Follower::open(view, settings, start_cursor(settlement.start_block)).await
}

async fn all(follower: &mut Follower, max_events: usize) -> Vec<BlockRange> {
    let mut ranges = Vec::new();
    while let Some(range) = follower.next(max_events).await.unwrap() {
        ranges.push(range);
    }
    ranges
}

#[tokio::test]
async fn the_history_is_the_same_in_one_range_and_in_many() {
    let (anvil, settlement) = history().await;
    let mut whole = follower(anvil.url(), &settlement, settings()).await.unwrap();
    let ranges = all(&mut whole, 10_000).await;
    assert_eq!(ranges.len(), 1);
    assert_eq!(whole.cursor().seq, Some(12));
    assert_eq!(whole.cursor().head, settlement.head_at(12).await.unwrap());
    assert_eq!((whole.cursor().out, whole.cursor().paid_totals.len()), (1, 2));
    assert_eq!(whole.next(10_000).await.unwrap(), None);

    let mut slow =
        follower(anvil.url(), &settlement, FollowSettings { max_blocks: 4, ..settings() }).await.unwrap();
    let pieces = all(&mut slow, 3).await;
    assert!(pieces.len() > 4 && pieces.iter().all(|range| !range.events.is_empty()));
    assert_eq!(slow.cursor(), whole.cursor());
    let joined: Vec<_> = pieces.into_iter().flat_map(|range| range.events).collect();
    assert_eq!(joined, ranges[0].events);

    let before = whole.cursor().block;
    anvil.finalize().await.unwrap();
    assert!(whole.next(10).await.unwrap().unwrap().events.is_empty());
    assert_eq!(whole.cursor().block, before + 2);
    assert!(whole.faults().is_empty());
}

fn without_last(logs: &Value) -> Value {
    let logs = logs.as_array().unwrap();
    logs[..logs.len() - 1].to_vec().into()
}

#[tokio::test]
async fn passing_faults_of_a_node_are_fetched_again() {
    let (anvil, settlement) = history().await;
    let teller = |number, mut logs: Value| match number {
        0 => Lie::Result(without_last(&logs)),
        1 => Lie::Result(Value::Array(Vec::new())),
        2 => {
            logs.as_array_mut().unwrap().reverse();
            Lie::Result(logs)
        }
        3 => Lie::Status(429),
        4 => Lie::Half,
        5 => Lie::Silence(PATIENCE + Duration::from_secs(3)),
        6 => Lie::Status(503),
        _ => Lie::None,
    };
    let url = lying_node(anvil.url(), "eth_getLogs", teller).await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    let mut passing = 0;
    let range = loop {
        match follower.next(1000).await {
            Ok(range) => break range.unwrap(),
            Err(error) => assert!(error.is_passing(), "{error}"),
        }
        passing += 1;
    };
    assert_eq!(passing, 4);
    assert_eq!(follower.cursor().seq, Some(12));
    assert!(!range.events.is_empty());
    let counted: Vec<_> = follower.faults().iter().map(|(class, count)| (*class, *count)).collect();
    let expected = [
        ("batch_end", 1),
        ("beyond", 1),
        ("rate_limited", 1),
        ("timeout", 1),
        ("truncated", 1),
        ("unreachable", 2),
    ];
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn a_fault_that_stays_halts_and_nothing_is_taken() {
    let (anvil, settlement) = history().await;
    let url = lying_node(anvil.url(), "eth_getLogs", |_, logs| Lie::Result(without_last(&logs))).await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    let error = follower.next(1000).await.unwrap_err();
    assert!(!error.is_passing());
    let FollowError::Source { fault, tries: 4 } = &error else { panic!("{error}") };
    assert!(matches!(**fault, SourceFault::BatchEnd { out: 1, count: 2 }), "{fault}");
    assert_eq!(follower.cursor(), &start_cursor(settlement.start_block));
}

#[tokio::test]
async fn a_publication_that_the_node_leaves_out_is_noticed() {
    let (anvil, settlement) = history().await;
    let published = keccak256("RootPublished(uint256,bytes32)").to_string();
    let url = lying_node(anvil.url(), "eth_getLogs", move |number, mut logs| {
        let all = logs.as_array_mut().unwrap();
        let before = all.len();
        if number == 0 {
            all.retain(|log| log["topics"][0] != published.as_str());
            assert_eq!(all.len(), before - 1);
        }
        Lie::Result(logs)
    })
    .await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    follower.next(1000).await.unwrap().expect("the whole history");
    assert_eq!(follower.faults().get("root"), Some(&1));
}

/// A claim of person 0, and a batch that pays person 1 alone, all final.
async fn lone_payouts() -> (Anvil, Settlement) {
    let (anvil, settlement) = history().await;
    let person = |i: usize| anvil.address(Roles::FIRST_PERSON + i);
    anvil.call("evm_increaseTime", serde_json::json!([3600])).await.unwrap();
    anvil.mine(1).await.unwrap();
    let leaf = keccak256(keccak256((person(0), U256::from(60)).abi_encode()));
    settlement.register(person(12), Address::ZERO, U256::from(100)).await.unwrap();
    settlement.pay(&[], leaf, U256::ZERO).await.unwrap();
    let claim = abi::claimCall { account: person(0), cumulative: U256::from(60), proof: Vec::new() };
    settlement.call(person(0), &claim, U256::ZERO).await.unwrap();
    settlement.pay(&[(person(1), U256::from(35))], B256::ZERO, U256::from(5)).await.unwrap();
    anvil.finalize().await.unwrap();
    (anvil, settlement)
}

#[tokio::test]
async fn a_batch_of_one_that_the_node_makes_a_claim_is_noticed_and_a_claim_is_taken() {
    let (anvil, settlement) = lone_payouts().await;
    let mut honest = follower(anvil.url(), &settlement, settings()).await.unwrap();
    honest.next(1000).await.unwrap().expect("the whole history");
    assert!(honest.faults().is_empty(), "{:?}", honest.faults());
    assert_eq!(honest.cursor().out, 4);

    // The batch's own event is the last log.
    let url = lying_node(anvil.url(), "eth_getLogs", |number, logs| match number {
        0 => Lie::Result(without_last(&logs)),
        _ => Lie::None,
    })
    .await;
    let mut deceived = follower(&url, &settlement, settings()).await.unwrap();
    let range = deceived.next(1000).await.unwrap().expect("the whole history");
    assert_eq!(deceived.faults().get("receipt"), Some(&1));
    let last = &range.events.last().expect("events").fact;
    assert!(matches!(last, Fact::Outflow(Outflow::Batch { out: 4, count: 1, .. })), "{last:?}");
}

#[tokio::test]
async fn a_receipt_that_the_node_does_not_have_is_asked_for_again() {
    let (anvil, settlement) = lone_payouts().await;
    let url = lying_node(anvil.url(), "eth_getTransactionReceipt", |number, _| match number {
        0 => Lie::Result(Value::Null),
        _ => Lie::None,
    })
    .await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    let error = follower.next(1000).await.unwrap_err();
    assert!(error.is_passing() && error.to_string().contains("eth_getTransactionReceipt"), "{error}");
    assert_eq!(follower.cursor(), &start_cursor(settlement.start_block));
    follower.next(1000).await.unwrap().expect("the whole history");
}

#[tokio::test]
async fn a_block_below_finality_that_changes_halts() {
    let (anvil, settlement) = history().await;
    // 0: the head at opening; 1: what is final; 2: what is final then; 3: the cursor's block.
    let url = lying_node(anvil.url(), "eth_getBlockByNumber", |number, mut block| match number {
        3 => {
            block["hash"] = Value::String(format!("0x{}", "ee".repeat(32)));
            Lie::Result(block)
        }
        _ => Lie::None,
    })
    .await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    follower.next(1000).await.unwrap().expect("the whole history");
    let (block, expected) = (follower.cursor().block, follower.cursor().block_hash);
    anvil.finalize().await.unwrap();
    let error = follower.next(1000).await.unwrap_err();
    assert_eq!(error, FollowError::Reorganized { block, expected, found: B256::repeat_byte(0xEE) });
    assert!(!error.is_passing());
}

#[tokio::test]
async fn a_last_final_block_that_changes_halts_before_the_next_one_is_final() {
    let (anvil, settlement) = history().await;
    // 0: the head at opening; 1 and 2: what is final; 3: the same block as another one.
    let url = lying_node(anvil.url(), "eth_getBlockByNumber", |number, mut block| match number {
        3 => {
            block["hash"] = Value::String(format!("0x{}", "ee".repeat(32)));
            Lie::Result(block)
        }
        _ => Lie::None,
    })
    .await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    follower.next(1000).await.unwrap().expect("the whole history");
    assert_eq!(follower.next(1000).await.unwrap(), None);
    let (block, expected) = (follower.cursor().block, follower.cursor().block_hash);
    let error = follower.next(1000).await.unwrap_err();
    assert_eq!(error, FollowError::Reorganized { block, expected, found: B256::repeat_byte(0xEE) });
}

#[tokio::test]
async fn a_final_block_that_the_node_s_state_does_not_know_is_not_taken() {
    let (anvil, settlement) = history().await;
    let url = lying_node(anvil.url(), "eth_getBlockByNumber", |number, mut block| match number {
        1 => {
            block["hash"] = Value::String(format!("0x{}", "ee".repeat(32)));
            Lie::Result(block)
        }
        _ => Lie::None,
    })
    .await;
    let mut follower = follower(&url, &settlement, settings()).await.unwrap();
    let error = follower.next(1000).await.unwrap_err();
    assert!(error.is_passing(), "{error}");
    follower.next(1000).await.unwrap().expect("the whole history");
    assert_eq!(follower.cursor().seq, Some(12));
}

#[tokio::test]
async fn node_contract_and_plan_files_must_belong_together() {
    let (anvil, settlement) = history().await;
    let open = |settings| follower(anvil.url(), &settlement, settings);
    let wrong_chain = open(FollowSettings { chain_id: 56, ..settings() }).await.unwrap_err();
    assert!(wrong_chain.to_string().contains("correct chain.rpc_url or chain.id"), "{wrong_chain}");
    let other_plan = vec![PlanHash(B256::repeat_byte(8))];
    let unknown = open(FollowSettings { plans: other_plan, ..settings() }).await.unwrap_err();
    let text = unknown.to_string();
    assert!(text.contains(&PLAN.to_string()) && text.contains("plans.files"), "{text}");

    let node = Node::connect(anvil.url(), Duration::from_secs(2)).unwrap();
    let at =
        |contract| Follower::open(ContractView::new(node.clone(), contract), settings(), Cursor::default());
    let nobody = at(Address::repeat_byte(0x77)).await.unwrap_err();
    assert!(
        matches!(nobody, FollowError::NoContract { .. }) && nobody.to_string().contains("chain.contract")
    );
    let other = settlement.recipient_wallet(anvil.address(1)).await.unwrap();
    let error = at(other).await.unwrap_err();
    assert!(matches!(error, FollowError::NoSettlement { .. }), "{error}");
}

#[tokio::test]
async fn a_start_behind_the_contract_s_creation_is_named() {
    let (anvil, settlement) = history().await;
    let node = Node::connect(anvil.url(), Duration::from_secs(2)).unwrap();
    let view = ContractView::new(node, settlement.address);
    let mut late = Follower::open(view, settings(), start_cursor(settlement.start_block + 3)).await.unwrap();
    let error = late.next(1000).await.unwrap_err();
    assert!(error.to_string().contains("chain.start_block"), "{error}");
}
