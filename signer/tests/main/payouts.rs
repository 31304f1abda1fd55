//! Batches: what the service signs executes on the real contract, and what it must not sign it does not.

use alloy::primitives::{Address, B256};
use banyan_chain::contract;
use banyan_chain::eip712::PayoutBatch;
use banyan_signer::client::ClientError;
use banyan_signer::protocol::{PayoutBatchRequest, SignedBatch};
use banyan_types::Amount;

use crate::history::bnb;
use crate::stage::{SETTLEMENT_TOKEN, Stage, wei};

/// Submits a signed batch as `sender`.
async fn execute(
    stage: &Stage,
    sender: Address,
    request: &PayoutBatchRequest,
    signed: &SignedBatch,
) -> Result<(), String> {
    let batch = PayoutBatch {
        seq: request.seq,
        head: request.head,
        root: request.root,
        max_total: request.max_total,
        deadline: signed.deadline,
        items: signed.items.clone(),
    };
    let data = contract::execute_batch_payouts(&batch, &signed.signature);
    let sent = stage.anvil.transact(sender, stage.settlement.address, data, Default::default()).await;
    sent.map(|mined| assert!(mined.succeeded())).map_err(|error| error.to_string())
}

fn refused_fields(answer: Result<SignedBatch, ClientError>) -> Vec<String> {
    match answer {
        Err(ClientError::Refused(problem)) => {
            problem.refusals.into_iter().map(|refusal| refusal.field).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_batch_within_the_entitlements_executes_and_one_beyond_is_never_signed() {
    let stage = Stage::new().await;
    stage.worked_example().await;
    let client = stage.client(SETTLEMENT_TOKEN);
    let (p1, p2, p4) = (stage.person(1), stage.person(2), stage.person(4));
    let good = [(Address::ZERO, "110.4"), (p1, "45.6"), (p2, "9"), (p4, "9")];
    let request = stage.batch(&good, B256::ZERO).await;

    // Whatever is wrong, alone or together, and whoever is greedy.
    for (greedy, sum) in [(p1, "45.600000000000000001"), (p2, "9.1"), (Address::ZERO, "110.5"), (p4, "50")] {
        let mut bent = request.clone();
        let index = bent.items.iter().position(|item| item.account == greedy).unwrap();
        bent.items[index].cumulative = bnb(sum);
        bent.max_total = bnb("250");
        let fields = refused_fields(client.payout_batch(&bent).await);
        assert_eq!(fields, [format!("items[{index}].cumulative")]);
        bent.head = B256::repeat_byte(1);
        bent.root = B256::repeat_byte(2);
        let fields = refused_fields(client.payout_batch(&bent).await);
        assert_eq!(fields, ["head".to_owned(), "root".to_owned(), format!("items[{index}].cumulative")]);
    }
    let other_head = PayoutBatchRequest { head: B256::repeat_byte(1), ..request.clone() };
    assert_eq!(refused_fields(client.payout_batch(&other_head).await), ["head"]);
    let other_root = PayoutBatchRequest { root: B256::repeat_byte(1), ..request.clone() };
    assert_eq!(refused_fields(client.payout_batch(&other_root).await), ["root"]);
    let earlier_seq = PayoutBatchRequest { seq: request.seq - 1, ..request.clone() };
    assert!(refused_fields(client.payout_batch(&earlier_seq).await).contains(&"head".to_owned()));
    let to_come = PayoutBatchRequest { seq: request.seq + 1, ..request.clone() };
    assert_eq!(refused_fields(client.payout_batch(&to_come).await), ["seq"]);

    let signed = client.payout_batch(&request).await.unwrap();
    let before = stage.anvil.balance(p1).await.unwrap();
    let executor = stage.settlement.genesis().executor;
    assert!(execute(&stage, p1, &request, &signed).await.is_err(), "only the executor submits");
    execute(&stage, executor, &request, &signed).await.unwrap();
    assert_eq!(stage.anvil.balance(p1).await.unwrap() - before, wei(bnb("45.6")));
    assert!(execute(&stage, executor, &request, &signed).await.is_err(), "a repeat pays nobody");
}

#[tokio::test]
async fn a_published_root_is_the_one_that_the_signer_computes() {
    let stage = Stage::new().await;
    stage.worked_example().await;
    let client = stage.client(SETTLEMENT_TOKEN);
    let p1 = stage.person(1);
    let wrong = stage.batch(&[(p1, "45.6")], B256::repeat_byte(9)).await;
    let Err(ClientError::Refused(problem)) = client.payout_batch(&wrong).await else { panic!("signed") };
    let stated = &problem.refusals[0].expected;
    let root: B256 = stated.strip_prefix("zero or ").unwrap()[..66].parse().unwrap();
    let request = PayoutBatchRequest { root, ..wrong };
    let signed = client.payout_batch(&request).await.unwrap();
    execute(&stage, stage.settlement.genesis().executor, &request, &signed).await.unwrap();

    // The contract verifies a proof of ours against it: p2 takes what no batch has paid.
    let p2 = stage.person(2);
    let mut accounts = vec![(Address::ZERO, bnb("110.4")), (p1, bnb("45.6"))];
    accounts.extend((2..=7).map(|number| (stage.person(number), bnb("9"))));
    accounts.extend((8..=15).map(|number| (stage.person(number), Amount::ZERO)));
    let proof = banyan_entitlement::merkle::proof(&accounts, 2).unwrap();
    let data = contract::claim(p2, bnb("9"), proof);
    let before = stage.anvil.balance(p2).await.unwrap();
    let anyone = stage.person(20);
    assert!(
        stage
            .anvil
            .transact(anyone, stage.settlement.address, data, Default::default())
            .await
            .unwrap()
            .succeeded()
    );
    assert_eq!(stage.anvil.balance(p2).await.unwrap() - before, wei(bnb("9")));
}

#[tokio::test]
async fn frozen_accounts_strangers_and_too_much_in_an_hour_are_refused() {
    let stage = Stage::new().await;
    stage.worked_example().await;
    let client = stage.client(SETTLEMENT_TOKEN);
    let (p1, p2) = (stage.person(1), stage.person(2));
    stage.settlement.freeze(p2).await.unwrap();
    let request = stage.batch(&[(p1, "45.6"), (p2, "9"), (stage.person(20), "1")], B256::ZERO).await;
    let Err(ClientError::Refused(problem)) = client.payout_batch(&request).await else { panic!("signed") };
    assert_eq!(problem.refusals.len(), 2, "{problem:?}");
    for (who, word) in [(p2, "frozen"), (stage.person(20), "not")] {
        let named = |found: &str| found.contains(&who.to_string()) && found.contains(word);
        assert!(problem.refusals.iter().any(|refusal| named(&refusal.found)), "{who}: {problem:?}");
    }

    // 300 an hour: twice 156 does not fit, though it is the same money.
    let request = stage.batch(&[(Address::ZERO, "110.4"), (p1, "45.6")], B256::ZERO).await;
    client.payout_batch(&request).await.unwrap();
    let limited = client.payout_batch(&request).await.unwrap_err();
    assert!(matches!(&limited, ClientError::NotNow(problem) if problem.status == 429), "{limited}");
    stage.anvil.increase_time(3601).await.unwrap();
    client.payout_batch(&request).await.unwrap();
}
