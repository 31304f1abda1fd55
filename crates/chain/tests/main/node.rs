//! What a real node answers, and what it answers to nonsense.

use std::time::Duration;

use alloy::primitives::{Address, B256, U256};
use banyan_chain::contract::{self, Role};
use banyan_chain::eip712::{Domain, Payload, Registration};
use banyan_chain::node::{BlockTag, Call, Finality, Node, NonceAt, Refusal, SendOutcome, TransactionState};
use banyan_chain::transaction::Transaction;
use banyan_chain::{ContractView, NodeError};
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Options};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_types::{Amount, PlanHash};

/// 20 BNB.
const ENTRY: i128 = 20_000_000_000_000_000_000;
const BNB: u128 = 1_000_000_000_000_000_000;

async fn world() -> (Anvil, Settlement, Node) {
    let anvil = Anvil::start(&Options { wallets: 30, ..Options::default() }).unwrap();
    let settlement = Settlement::deploy(&anvil, B256::repeat_byte(7)).await.unwrap();
    let node = Node::connect(anvil.url(), Duration::from_secs(10)).unwrap();
    (anvil, settlement, node)
}

fn person(anvil: &Anvil, i: usize) -> Address {
    anvil.address(Roles::FIRST_PERSON + i)
}

fn transfer(nonce: u64, fee: u128) -> Transaction {
    Transaction {
        chain_id: CHAIN_ID,
        nonce,
        to: Some(Address::repeat_byte(1)),
        value: U256::from(1),
        data: Default::default(),
        gas: 21_000,
        max_fee: fee,
        max_priority_fee: fee,
    }
}

#[tokio::test]
async fn the_contract_is_read_at_the_block_that_is_named() {
    let (anvil, settlement, node) = world().await;
    let (alice, bob) = (person(&anvil, 0), person(&anvil, 1));
    settlement.register(alice, Address::ZERO, U256::from(20 * BNB)).await.unwrap();
    let early = node.head_block().await.unwrap();
    settlement.register(bob, alice, U256::from(20 * BNB)).await.unwrap();
    settlement.freeze(bob).await.unwrap();
    settlement.force(anvil.address(0), U256::from(1)).await.unwrap();
    let late = node.head_block().await.unwrap();

    let view = ContractView::new(node.clone(), settlement.address);
    assert_eq!(view.seq(early.hash).await.unwrap(), 1);
    assert_eq!(view.seq(late.hash).await.unwrap(), 2);
    assert_eq!(view.head_at(early.hash, 2).await.unwrap(), B256::ZERO);
    assert_eq!(view.head_at(late.hash, 2).await.unwrap(), settlement.head_at(2).await.unwrap());
    assert_eq!(view.plan(late.hash).await.unwrap(), PlanHash(B256::repeat_byte(7)));
    assert_eq!(view.company(late.hash).await.unwrap(), anvil.address(Roles::COMPANY));
    assert_eq!(view.root(late.hash).await.unwrap(), None);
    assert!(view.has_role(late.hash, Role::Executor, anvil.address(Roles::EXECUTOR)).await.unwrap());
    assert!(!view.has_role(late.hash, Role::Admin, anvil.address(Roles::EXECUTOR)).await.unwrap());

    let accounts = [Address::ZERO, alice, bob, Address::repeat_byte(9)];
    let states = view.account_states(late.hash, &accounts).await.unwrap();
    assert_eq!(states.iter().map(|state| state.registered).collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(states.iter().map(|state| state.frozen).collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!(states[1], view.account(late.hash, alice).await.unwrap());

    let totals = view.totals(late.hash).await.unwrap();
    assert_eq!(totals.total_in.to_decimal(18), "40");
    assert_eq!((totals.total_paid, totals.total_owed), (Amount::ZERO, Amount::ZERO));
    assert_eq!(totals.excess.units(), 1);
    assert_eq!(view.balance(late.hash).await.unwrap().units(), 2 * ENTRY + 1);
}

#[tokio::test]
async fn a_payload_of_ours_is_one_that_the_contract_takes_and_a_revert_is_named() {
    let (anvil, settlement, node) = world().await;
    let domain = Domain { chain_id: CHAIN_ID, contract: settlement.address };
    let separator = settlement.view(&banyan_testkit::contract::abi::domainSeparatorCall {}).await.unwrap();
    assert_eq!(domain.separator(), separator);

    let alice = person(&anvil, 0);
    let deadline = node.head_block().await.unwrap().time + 900;
    let amount = Amount::from_units(ENTRY).unwrap();
    let plan = PlanHash(settlement.plan);
    let payload = Registration { user: alice, sponsor: Address::ZERO, amount, plan, nonce: 0, deadline };
    let digest = Payload::Registration(payload.clone()).digest(&domain);
    let sign = |wallet: usize| {
        use alloy::signers::SignerSync;
        anvil.wallet(wallet).sign_hash_sync(&digest).unwrap().as_bytes()
    };
    let call = |signature: &[u8]| Call {
        from: alice,
        to: settlement.address,
        value: U256::from(20 * BNB),
        data: contract::register(&payload, signature),
    };
    node.try_call(&call(&sign(Roles::INTAKE_SIGNER))).await.unwrap();
    let error = node.try_call(&call(&sign(Roles::PAYOUT_SIGNER))).await.unwrap_err();
    let NodeError::Reverted { data, .. } = &error else { panic!("{error}") };
    assert!(contract::revert_reason(data).starts_with("WrongSigner"), "{}", contract::revert_reason(data));
}

/// What the node says once it has taken a transaction of a block out of its pool, which it does a moment after it has the
/// receipt.
async fn state_once_out_of_the_pool(node: &Node, hash: B256) -> TransactionState {
    for _ in 0..1_200 {
        let state = node.transaction(hash).await.unwrap();
        if state != TransactionState::Pending {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{hash} stays in the pool");
}

#[tokio::test]
async fn what_becomes_of_a_transaction_is_known() {
    let (anvil, _settlement, node) = world().await;
    let wallet = anvil.wallet(25);
    assert_eq!(node.nonce(wallet.address(), NonceAt::Pending).await.unwrap(), 0);
    let first = transfer(0, 1_000_000_000).sign(&wallet).unwrap();
    assert_eq!(node.transaction(first.hash).await.unwrap(), TransactionState::Unknown);
    assert_eq!(node.send_raw(&first.raw).await, SendOutcome::Accepted);
    anvil.mined(first.hash).await.unwrap();
    let receipt = node.receipt(first.hash).await.unwrap().expect("it is in a block");
    assert!(receipt.success && receipt.gas_used == 21_000);
    let included = TransactionState::Included { block: receipt.block };
    assert_eq!(state_once_out_of_the_pool(&node, first.hash).await, included);

    anvil.call("evm_setAutomine", serde_json::json!([false])).await.unwrap();
    let second = transfer(1, 1_000_000_000).sign(&wallet).unwrap();
    assert_eq!(node.send_raw(&second.raw).await, SendOutcome::Accepted);
    assert_eq!(node.send_raw(&second.raw).await, SendOutcome::AlreadyKnown);
    assert_eq!(node.transaction(second.hash).await.unwrap(), TransactionState::Pending);
    assert_eq!(node.receipt(second.hash).await.unwrap(), None);
    assert_eq!(node.nonce(wallet.address(), NonceAt::Pending).await.unwrap(), 2);
    assert_eq!(node.nonce(wallet.address(), NonceAt::Latest).await.unwrap(), 1);
    let poor = Transaction { value: U256::from(10_000_000 * BNB), ..transfer(2, 1_000_000_000) };
    for (transaction, reason) in [
        (transfer(0, 2_000_000_000), Refusal::NonceTooLow),
        (transfer(1, 1_000_000_000 - 1), Refusal::ReplacementUnderpriced),
        (poor, Refusal::Funds),
        (Transaction { gas: 20_000, ..transfer(2, 1_000_000_000) }, Refusal::Gas),
        (Transaction { gas: 17_000_000, ..transfer(2, 1_000_000_000) }, Refusal::Gas),
        (Transaction { chain_id: 56, ..transfer(2, 1_000_000_000) }, Refusal::Signature),
    ] {
        let outcome = node.send_raw(&transaction.sign(&wallet).unwrap().raw).await;
        assert!(matches!(&outcome, SendOutcome::Refused { reason: r, .. } if *r == reason), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_node_on_another_chain_is_named_and_finality_lies_two_blocks_back() {
    let (anvil, _settlement, node) = world().await;
    assert!(node.expect_chain(CHAIN_ID).await.is_ok());
    let error = node.expect_chain(56).await.unwrap_err();
    assert!(error.to_string().contains("chain 31337, but chain 56 is configured"), "{error}");

    anvil.mine(5).await.unwrap();
    let head = node.head_block().await.unwrap();
    let finalized = node.finalized_block(Finality::Tag).await.unwrap().unwrap();
    assert_eq!(finalized.number, head.number - 2);
    assert_eq!(node.block(BlockTag::Number(finalized.number)).await.unwrap(), Some(finalized));
    assert_eq!(node.block(BlockTag::Number(head.number + 1)).await.unwrap(), None);
    let unknown = node.finalized_block(Finality::ValidatorQuorum).await.unwrap_err();
    assert_eq!(unknown.class(), "rpc", "anvil does not have BSC's own method: {unknown}");
    let elsewhere = node.balance_at(B256::repeat_byte(3), Address::ZERO).await.unwrap_err();
    assert!(elsewhere.is_passing(), "{elsewhere}");
}
