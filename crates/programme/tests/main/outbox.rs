//! What others are told, to the letter: whoever reads the outbox has written a program against these bodies.

use banyan_entitlement::Directive;
use banyan_types::history::Fact;
use banyan_types::{Amount, B256};
use serde_json::{Value, json};

use crate::contract::{Contract, START_BLOCK, bnb, time, wallet};
use crate::scene::Scene;
use crate::worked_example::contract;

/// A root that stands for a while.
const ROOT: B256 = B256::repeat_byte(0xab);

/// What is told of one event: its topic and reference, whom it concerns, its block, and the body.
type Told = (String, i64, Option<String>, i64, Value);

fn told(topic: &str, reference: i64, user: Option<u64>, block: u64, body: Value) -> Told {
    let address = user.map(|user| format!("{:#x}", wallet(user)));
    (topic.to_owned(), reference, address, i64::try_from(block).unwrap(), body)
}

/// The transaction of a block, as a body has it.
fn hash(block: u64) -> String {
    format!("{:#x}", Contract::tx_hash(block))
}

async fn read(scene: &Scene) -> Vec<Told> {
    let rows: Vec<(String, i64, Option<String>, i64, String, i64)> = sqlx::query_as(
        "SELECT topic, reference, wallet_address, block_number, body::text, extract(epoch FROM at)::bigint
         FROM outbox ORDER BY id",
    )
    .fetch_all(&scene.pool)
    .await
    .unwrap();
    let row = |(topic, reference, address, block, body, at): (_, _, _, i64, String, i64)| {
        assert_eq!(at.unsigned_abs(), time(block.unsigned_abs()), "of its block's time");
        (topic, reference, address, block, serde_json::from_str(&body).unwrap())
    };
    rows.into_iter().map(row).collect()
}

/// A registration's or retopup's body.
fn entry(kind: &str, sponsor: Option<u64>, amount: &str, block: u64) -> Value {
    let sponsor = sponsor.map(|user| format!("{:#x}", wallet(user)));
    json!({
        "kind": kind, "directive": null, "sponsor": sponsor, "amount": amount, "reason": null, "txHash": hash(block),
    })
}

/// Topic, reference, user (or -), block and body of a message a line. TX is the transaction of its block, W1 the wallet of
/// user 1, and so on.
const KINDS: &str = r#"
    outflow.paid 1 1 21 {"amount": "30000000000000000000", "paidTotal": "30000000000000000000", "txHash": "TX"}
    outflow.owed 2 2 22 {"amount": "9000000000000000000", "paidTotal": "9000000000000000000", "txHash": "TX"}
    outflow.withdrawn 3 2 23 {"amount": "9000000000000000000", "to": "W9", "txHash": "TX"}
    account.frozen 3 3 24 {"txHash": "TX"}
    account.unfrozen 3 3 25 {"txHash": "TX"}
    root.published 15 - 26 {"root": "ROOT", "txHash": "TX"}
    root.voided 27 - 27 {"txHash": "TX"}
    entry.applied 16 1 28 {"kind": "RETOPUP", "directive": null, "sponsor": null, "amount": "40000000000000000000", "reason": null, "txHash": "TX"}
    entry.refused 17 16 29 {"kind": "REGISTRATION", "directive": null, "sponsor": "W1", "amount": "19000000000000000000", "reason": "expected exactly 20000000000000000000 smallest units as `amount`, got 19000000000000000000", "txHash": "TX"}
    entry.recorded 18 - 30 {"kind": "DIRECTIVE", "directive": "UNKNOWN", "sponsor": null, "amount": "3000000000000000000", "reason": "expected PLAN, WIND_UP, PLACE or GRANT as the directive's kind, got UNKNOWN", "txHash": "TX"}
    entry.applied 19 - 31 {"kind": "DIRECTIVE", "directive": "WIND_UP", "sponsor": null, "amount": "0", "reason": null, "txHash": "TX"}
"#;

/// The messages of [`KINDS`].
fn kinds() -> Vec<Told> {
    let message = |line: &str| {
        let [topic, reference, user, block, body] = line.splitn(5, ' ').collect::<Vec<_>>()[..] else {
            panic!("five columns: {line}")
        };
        let block: u64 = block.parse().unwrap();
        let unknown = format!("0x{}", "ff".repeat(32));
        let body = body
            .replace("TX", &hash(block))
            .replace("ROOT", &format!("{ROOT:#x}"))
            .replace("UNKNOWN", &unknown)
            .replace("W1", &format!("{:#x}", wallet(1)))
            .replace("W9", &format!("{:#x}", wallet(9)));
        let (reference, user) = (reference.parse().unwrap(), user.parse().ok());
        told(topic, reference, user, block, serde_json::from_str(&body).unwrap())
    };
    KINDS.trim().lines().map(str::trim).map(message).collect()
}

#[tokio::test]
async fn the_worked_example_is_told_entry_by_entry() {
    let scene = Scene::new("autopool.toml").await;
    scene.follow(&contract(), 4).await;
    let genesis = entry("GENESIS", None, "0", START_BLOCK);
    let mut expected = vec![told("entry.applied", 0, None, START_BLOCK, genesis)];
    for user in 1..=15 {
        let (block, sponsor) = (START_BLOCK + user, if user == 1 { 0 } else { 1 });
        let body = entry("REGISTRATION", Some(sponsor), "20000000000000000000", block);
        expected.push(told("entry.applied", i64::try_from(user).unwrap(), Some(user), block, body));
    }
    assert_eq!(read(&scene).await, expected);
}

#[tokio::test]
async fn each_kind_of_message_has_its_body() {
    let (scene, mut contract) = (Scene::new("autopool.toml").await, contract());
    contract.claim(1, bnb(30));
    contract.batch(&[(2, bnb(9))], true);
    contract.withdraw_owed(2, wallet(9));
    contract.freeze(3, true);
    contract.freeze(3, false);
    contract.fact(Fact::RootPublished { seq: 15, root: ROOT });
    contract.fact(Fact::RootVoided);
    contract.retopup(1);
    contract.register_paying(16, 1, bnb(19));
    contract.raw_directive(B256::repeat_byte(0xff), b"?", bnb(3));
    contract.directive(&Directive::WindUp, Amount::ZERO);
    scene.follow(&contract, 100).await;
    let (found, expected) = (read(&scene).await.split_off(16), kinds());
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!(found, expected);
    }
}
