//! What the chain says is audited from a node alone.

use alloy::primitives::U256;
use banyan_audit::{Request, audit};
use banyan_testkit::contract::abi;
use banyan_testkit::contract::long::LongChain;
use banyan_types::{Amount, B256};

use crate::world::{PLAN, World, bnb, plans, seen, wei};

#[tokio::test]
async fn a_contract_on_which_everything_has_happened_is_clean() {
    let world = World::lived().await;
    let audit = world.audit().await.unwrap();
    assert_eq!(audit.findings, []);
    assert!(audit.clean && !audit.books);
    let (figures, events) = (&audit.figures, audit.events);
    assert_eq!((events.registrations, events.retopups, events.directives), (19, 2, 3));
    assert_eq!((events.payments, events.owed, events.withdrawals), (3, 2, 1));
    assert_eq!((events.batches, events.roots), (2, 1));
    let entitlements = world.entitlements().await;
    assert_eq!((figures.seq, figures.head), (23, entitlements.head()));
    assert_eq!(figures.root, entitlements.root());
    assert_eq!((figures.out, figures.accounts), (4, 20));
    let counted = figures.total_in.units() - figures.total_paid.units() + figures.total_owed.units();
    assert_eq!((figures.balance.units(), figures.excess.units()), (counted, 0));
    assert!(figures.total_owed.is_positive() && figures.earned > figures.total_paid);

    let json = serde_json::to_value(&audit).unwrap();
    assert_eq!(json["clean"], true);
    assert_eq!(json["figures"]["contract"], format!("{:#x}", world.settlement.address));
    assert_eq!(json["figures"]["totalIn"], serde_json::to_value(figures.total_in).unwrap());
}

#[tokio::test]
async fn an_audit_may_end_earlier_and_forced_ether_is_told() {
    let world = World::lived().await;
    world.settlement.force(world.anvil.address(0), U256::from(7)).await.unwrap();
    let whole = world.audit().await.unwrap();
    assert!(whole.clean);
    assert_eq!(whole.figures.excess.units(), 7);
    let to_block = Some(world.settlement.start_block + 5);
    let early = audit(Request { to_block, ..world.request(world.anvil.url()) }).await.unwrap();
    assert!(early.clean, "{:?}", early.findings);
    assert_eq!((early.figures.seq, early.figures.total_in.units()), (5, 5 * 20 * 10i128.pow(18)));
}

#[tokio::test]
async fn a_payment_beyond_what_was_earned_and_a_wrong_root_are_named_with_their_events() {
    let world = World::lived().await;
    let second = world.person(2);
    let much = wei(world.entitlements().await.cumulative(second)) + U256::from(1);
    world.anvil.increase_time(3_700).await.unwrap();
    let paid = world.settlement.pay(&[(second, much)], B256::repeat_byte(7), bnb(500)).await.unwrap();
    let audit = world.audit().await.unwrap();
    let mut kinds: Vec<_> = audit.findings.iter().map(|it| it.kind).collect();
    kinds.sort();
    assert_eq!((kinds, audit.finding_count), (vec!["batch_root", "payment", "published_root"], 3));
    let payment = audit.findings.iter().find(|it| it.kind == "payment").unwrap();
    assert_eq!((payment.account, payment.found.as_str()), (Some(second), much.to_string().as_str()));
    for finding in &audit.findings {
        let source = finding.source.unwrap();
        assert_eq!((source.block, source.transaction), (paid.block(), Some(paid.hash)));
        assert!(finding.to_string().contains(&format!("transaction {}", paid.hash)), "{finding}");
    }
}

#[tokio::test]
async fn a_claim_is_measured_by_what_was_earned_when_the_root_was_made() {
    let world = World::lived().await;
    let (account, cumulative) = (world.person(2), bnb(200));
    let forged = Amount::from_units(200 * 10i128.pow(18)).unwrap();
    world.anvil.increase_time(3_700).await.unwrap();
    let root = banyan_entitlement::merkle::leaf(account, forged);
    world.settlement.pay(&[], root, U256::ZERO).await.unwrap();
    let claim = abi::claimCall { account, cumulative, proof: Vec::new() };
    let claimed = world.settlement.call(world.person(9), &claim, U256::ZERO).await.unwrap();
    let audit = world.audit().await.unwrap();
    let payment = audit.findings.iter().find(|it| it.kind == "payment").unwrap();
    assert_eq!((payment.account, payment.found.as_str()), (Some(account), cumulative.to_string().as_str()));
    assert_eq!(payment.source.unwrap().transaction, Some(claimed.hash));
}

#[tokio::test]
async fn a_long_chain_is_clean_and_its_root_is_the_one_that_the_payers_had() {
    let chain = LongChain::make(PLAN, 5_000).await.unwrap();
    let patience = std::time::Duration::from_secs(60);
    let node = banyan_chain::Node::connect(chain.anvil.url(), patience).unwrap();
    let request = Request {
        view: banyan_chain::ContractView::new(node, chain.settlement.address),
        chain_id: Some(banyan_testkit::anvil::CHAIN_ID),
        finality: Default::default(),
        plans: plans(&[PLAN]),
        from_block: 0,
        to_block: None,
        books: None,
    };
    let audit = audit(request).await.unwrap();
    assert_eq!(seen(&audit.findings), []);
    assert_eq!(audit.figures.root, chain.entitlements.root());
    let events = audit.events;
    assert_eq!(events.total - events.others, chain.events, "{events:?}");
    assert!(events.payments > 1_000 && events.batches > 5 && events.roots == 2, "{events:?}");
}
