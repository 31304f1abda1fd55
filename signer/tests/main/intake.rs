//! Registrations and retopups that the service signs, on the real contract.

use alloy::primitives::Address;
use banyan_chain::contract;
use banyan_chain::eip712::{Retopup, recover};
use banyan_signer::client::ClientError;
use banyan_signer::protocol::RetopupRequest;

use crate::history::{bnb, plan};
use crate::stage::{API_TOKEN, Stage, wei};

#[tokio::test]
async fn a_signed_registration_is_accepted_by_the_contract_from_its_user_only_and_once() {
    let stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let (p1, p2) = (stage.person(1), stage.person(2));
    let request = stage.ask_to_register(p1, Address::ZERO);
    let signed = client.registration(&request).await.unwrap();
    let status = client.status().await.unwrap();
    assert_eq!(recover(signed.digest, &signed.signature), Some(signed.signer));
    assert_eq!(signed.signer, status.intake_signer);
    assert_eq!(signed.typed_data.message["user"], serde_json::json!(p1));

    let thief = stage.send_registration(p2, &request, &signed).await;
    assert!(thief.is_err(), "somebody else's payload");
    stage.send_registration(p1, &request, &signed).await.unwrap();
    assert!(stage.settlement.account(p1).await.unwrap().registered);
    assert!(stage.send_registration(p1, &request, &signed).await.is_err(), "a second time");

    let again = client.registration(&request).await.unwrap_err();
    let ClientError::Refused(problem) = again else { panic!("{again}") };
    assert_eq!(problem.refusals[0].field, "user", "{problem:?}");
}

#[tokio::test]
async fn a_sponsor_counts_when_her_registration_is_final() {
    let stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let (p1, p2) = (stage.person(1), stage.person(2));
    let under_p1 = stage.ask_to_register(p2, p1);
    let unknown = client.registration(&under_p1).await.unwrap_err();
    assert!(unknown.to_string().contains("has not registered"), "{unknown}");
    stage.register(p1, Address::ZERO).await;
    let pending = client.registration(&under_p1).await.unwrap_err();
    assert!(pending.to_string().contains("not final yet"), "{pending}");
    stage.anvil.finalize().await.unwrap();
    client.registration(&under_p1).await.unwrap();
}

#[tokio::test]
async fn a_signed_retopup_is_accepted_until_its_deadline() {
    let stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let p1 = stage.person(1);
    stage.register(p1, Address::ZERO).await;
    stage.anvil.finalize().await.unwrap();
    let request = RetopupRequest { user: p1, amount: bnb("40"), plan: plan().hash() };
    let send = async |deadline_passed: bool| {
        let signed = client.retopup(&request).await.unwrap();
        if deadline_passed {
            stage.anvil.increase_time(901).await.unwrap();
        }
        let (nonce, deadline) = (signed.nonce, signed.deadline);
        let payload = Retopup { user: p1, amount: request.amount, plan: request.plan, nonce, deadline };
        let data = contract::retopup(&payload, &signed.signature);
        stage.anvil.transact(p1, stage.settlement.address, data, wei(request.amount)).await
    };
    assert!(send(false).await.unwrap().succeeded());
    assert!(send(true).await.is_err(), "expired");
    assert!(send(false).await.unwrap().succeeded(), "deadlines follow the chain's time, not the wall's");
}

#[tokio::test]
async fn a_frozen_wallet_and_a_wound_up_programme_get_no_permission() {
    let stage = Stage::new().await;
    let client = stage.client(API_TOKEN);
    let (p1, p2) = (stage.person(1), stage.person(2));
    stage.settlement.freeze(p1).await.unwrap();
    let frozen = client.registration(&stage.ask_to_register(p1, Address::ZERO)).await.unwrap_err();
    assert!(frozen.to_string().contains("frozen"), "{frozen}");
    let free = stage.ask_to_register(p2, Address::ZERO);
    client.registration(&free).await.unwrap();
    stage.settlement.directive("WIND_UP", Default::default(), Default::default()).await.unwrap();
    let wound_up = client.registration(&free).await.unwrap_err();
    assert!(wound_up.to_string().contains("wound up"), "{wound_up}");
}
