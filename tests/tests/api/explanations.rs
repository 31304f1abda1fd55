//! Why an event of the contract's history paid somebody, or did not.

use serde_json::{Value, json};

use super::people::Person;
use super::world::World;

/// Ann registered as entry 1, Bob under her as entry 2: each asks about the latter, and an operator about both.
pub async fn explanations_answer(world: &World, ann: &Person, bob: &Person) {
    let hers = ann.get(world, "/events/2/explanation").await.ok();
    assert_eq!((hers["explanation"].as_i64(), hers["plan"].as_str()), (Some(1), Some("autopool")));
    assert_eq!(hers["finality"]["finality"], "finalized");
    assert_eq!(hers["user"], ann.address().to_string());
    assert_eq!(
        (hers["event"]["what"].as_str(), hers["event"]["event"].as_str()),
        (Some("registered"), Some("2"))
    );
    assert_eq!(hers["event"]["user"], bob.address().to_string());
    let rewards: Vec<(&str, &str)> = hers["rewards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reward| (reward["kind"].as_str().unwrap(), reward["amount"].as_str().unwrap()))
        .collect();
    assert_eq!(rewards, [("DIRECT", "2000000000000000000"), ("POOL_L1", "9000000000000000000")]);
    assert_eq!(hers["rewards"][1]["path"]["nodes"][1]["user"], ann.address().to_string());

    let his = bob.get(world, "/events/2/explanation?user=me").await.ok();
    assert_eq!(his["rewards"], json!([]));
    let reasons: Vec<&Value> = his["not_paid"].as_array().unwrap().iter().map(|it| &it["reason"]).collect();
    assert_eq!(reasons, [&json!("not_the_sponsor"), &json!("no_seat_above")]);

    // An earlier entry after a later one begins anew, and the same question again gets the same answer.
    let company = world.operator().await.get(world, "/events/1/explanation?user=0").await.ok();
    assert_eq!(company["rewards"][0]["kind"], "DIRECT");
    let asked = format!("/events/2/explanation?user={}", ann.address());
    assert_eq!(world.operator().await.get(world, &asked).await.ok()["rewards"], hers["rewards"]);
    refusals(world, ann, bob).await;
}

async fn refusals(world: &World, ann: &Person, bob: &Person) {
    // Ann's own registration is none of Bob's business, who was no participant.
    for (path, problem) in [
        ("/events/1/explanation".to_owned(), "not-found"),
        (format!("/events/2/explanation?user={}", ann.address()), "forbidden"),
        ("/events/99/explanation".to_owned(), "not-found"),
        ("/events/two/explanation".to_owned(), "invalid-path"),
        ("/events/2/explanation?who=me".to_owned(), "invalid-query"),
    ] {
        let answer = bob.get(world, &path).await;
        assert!(answer.problem().ends_with(problem), "{path}: {}", answer.problem());
    }
    let stranger = world.ask(reqwest::Method::GET, "/events/2/explanation", None, None).await;
    assert!(stranger.problem().ends_with("unauthenticated"), "{}", stranger.problem());
}
