//! The settlement contract on a local chain.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::SolError as _;
use banyan_testkit::anvil::{Anvil, Options};
use banyan_testkit::contract::{Roles, Settlement, abi};

const ENTRY: u64 = 20_000;

async fn chain() -> (Anvil, Settlement) {
    let anvil = Anvil::start(&Options { wallets: 30, ..Options::default() }).unwrap();
    let settlement = Settlement::deploy(&anvil, B256::repeat_byte(7)).await.unwrap();
    (anvil, settlement)
}

#[tokio::test]
async fn people_register_and_are_paid_their_cumulative_totals_once() {
    let (anvil, settlement) = chain().await;
    let (one, other) = (anvil.address(Roles::FIRST_PERSON), anvil.address(Roles::FIRST_PERSON + 1));
    settlement.register(one, Address::ZERO, U256::from(ENTRY)).await.unwrap();
    settlement.register(other, one, U256::from(ENTRY)).await.unwrap();
    settlement.retopup(one, U256::from(2 * ENTRY)).await.unwrap();
    assert_eq!(settlement.seq().await.unwrap(), 3);

    let before = anvil.balance(one).await.unwrap();
    let items = [(one, U256::from(700))];
    assert!(settlement.pay(&items, B256::ZERO, U256::from(700)).await.unwrap().succeeded());
    assert_eq!(anvil.balance(one).await.unwrap() - before, U256::from(700));
    let again = settlement.pay(&items, B256::ZERO, U256::from(700)).await.unwrap_err();
    let nothing_to_do = alloy::hex::encode(abi::NothingToDo::SELECTOR);
    assert!(again.to_string().contains(&nothing_to_do), "{again}");
}

#[tokio::test]
async fn a_recipient_contract_that_refuses_money_is_owed_it() {
    let (anvil, settlement) = chain().await;
    let owner = anvil.address(Roles::FIRST_PERSON);
    let wallet = settlement.recipient_wallet(owner).await.unwrap();
    settlement.register_wallet(owner, wallet, Address::ZERO, U256::from(ENTRY)).await.unwrap();
    settlement.pay(&[(wallet, U256::from(90))], B256::ZERO, U256::from(90)).await.unwrap();
    let account = settlement.account(wallet).await.unwrap();
    assert!(account.registered);
    assert_eq!((account.paid.to_string(), account.owed.to_string()), ("90".to_owned(), "90".to_owned()));
    assert_eq!(anvil.balance(wallet).await.unwrap(), U256::ZERO);
}

#[tokio::test]
async fn forced_ether_and_directives_reach_the_contract() {
    let (anvil, settlement) = chain().await;
    settlement.force(anvil.address(Roles::FIRST_PERSON), U256::from(1)).await.unwrap();
    assert_eq!(anvil.balance(settlement.address).await.unwrap(), U256::from(1));
    let head = settlement.head_at(0).await.unwrap();
    settlement.directive("GRANT", Bytes::new(), U256::from(5)).await.unwrap();
    assert_eq!(settlement.seq().await.unwrap(), 1);
    assert_ne!(settlement.head_at(1).await.unwrap(), head);
}

#[tokio::test]
async fn finality_follows_two_blocks_behind_the_head() {
    let (anvil, _) = chain().await;
    let head = anvil.head().await.unwrap();
    anvil.finalize().await.unwrap();
    let finalized =
        anvil.call("eth_getBlockByNumber", serde_json::json!(["finalized", false])).await.unwrap();
    assert_eq!(finalized["number"], serde_json::json!(format!("{head:#x}")));
}
