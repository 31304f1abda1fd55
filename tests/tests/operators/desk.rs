//! The operators' desk: a running product with people in it, who may send what, and what the books say afterwards.

use alloy::primitives::{Address, U256};
use banyan_testkit::contract::{Roles, Settlement};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::api::people::Person;
use crate::api::world::{Answer, World};

/// A running product, its operator, and the contract in the hands of somebody who signs without asking the signer: so people
/// come in quickly, and payments that no honest signer signs come in at all.
pub struct Desk {
    pub world: World,
    pub operator: Person,
    pub contract: Settlement,
}

pub fn bnb(tenths: u64) -> U256 {
    U256::from(tenths) * U256::from(100_000_000_000_000_000u64)
}

impl Desk {
    /// Person 0 under the company, `people` − 1 others under person 0.
    pub async fn open(people: usize) -> Desk {
        let world = World::start().await;
        let operator = world.operator().await;
        let contract = world.stack.stolen().unwrap();
        let desk = Desk { world, operator, contract };
        let first = desk.wallet(0);
        for i in 0..people {
            let sponsor = if i == 0 { Address::ZERO } else { first };
            assert!(desk.contract.register(desk.wallet(i), sponsor, bnb(200)).await.unwrap().succeeded());
        }
        desk.booked().await;
        desk
    }

    /// The wallet of the i-th person, whose number is i + 1.
    pub fn wallet(&self, i: usize) -> Address {
        self.world.stack.anvil().address(Roles::FIRST_PERSON + i)
    }

    /// The wallet that plays a role of the contract.
    pub fn role(&self, role: usize) -> Address {
        self.world.stack.anvil().address(role)
    }

    /// Waits until the books have all that the contract has; says the last entry.
    pub async fn booked(&self) -> u64 {
        let last = self.contract.seq().await.unwrap();
        self.world
            .until("the books to have the contract's last entry", || async {
                let pool = self.world.ask(Method::GET, "/pool/summary", None, None).await;
                (pool.status == 200 && pool.body["finality"]["seq"].as_u64() >= Some(last)).then_some(())
            })
            .await;
        last
    }

    /// A POST by the operator.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.operator.post(&self.world, path, body).await
    }

    /// Sends a prepared transaction exactly as it was handed out.
    pub async fn send(&self, from: Address, transaction: &Value) {
        assert_eq!(transaction["operation"], 0);
        let call = &transaction["call"];
        for part in ["to", "data", "value"] {
            assert_eq!(transaction["safeTx"]["message"][part], call[part], "{transaction:#}");
            assert_eq!(transaction["transactionBuilder"]["transactions"][0][part], call[part]);
        }
        assert_eq!(transaction["safeTx"]["domain"]["chainId"], call["chainId"]);
        let (succeeded, hash) = self.world.send(from, call).await;
        assert!(succeeded, "{hash}: {transaction:#}");
    }

    /// Sends the one transaction of a decision that was prepared, and compares the books with what was foreseen.
    pub async fn decide(&self, prepared: &Value, role: &str, from: usize) {
        let [transaction] = prepared["transactions"].as_array().unwrap().as_slice() else {
            panic!("{prepared:#}")
        };
        assert_eq!(transaction["call"]["role"], role);
        assert_eq!(transaction["from"], self.role(from).to_string());
        self.send(self.role(from), transaction).await;
        self.booked().await;
        self.as_foreseen(&prepared["effect"]).await;
    }

    /// The rows of the books are exactly those that were foreseen.
    pub async fn as_foreseen(&self, effect: &Value) {
        let seq = effect["seq"].as_i64().unwrap();
        let foreseen: Vec<Value> = effect["rewards"].as_array().unwrap().iter().map(row_of).collect();
        assert_eq!(self.rewards(seq).await, foreseen, "entry {seq}");
        let (outcome, reason) = self.outcome(seq).await;
        assert_eq!((outcome.as_str(), reason), ("applied", None));
        let seats: Vec<Value> = effect["seats"].as_array().unwrap().iter().map(seat_of).collect();
        assert_eq!(self.seats(seq).await, seats, "entry {seq}");
    }

    /// The rewards of an entry as the books have them.
    pub async fn rewards(&self, seq: i64) -> Vec<Value> {
        let query = "SELECT type::text, user_id, source_user_id, trim_scale(amount * 1e18)::text AS amount,
                            trim_scale(cumulative * 1e18)::text AS cumulative
                     FROM rewards WHERE seq = $1 ORDER BY id";
        let rows = sqlx::query(query).bind(seq).fetch_all(&mut self.database().await).await.unwrap();
        let text = |row: &sqlx::postgres::PgRow, column: &str| row.get::<Option<String>, _>(column);
        rows.iter()
            .map(|row| {
                json!([
                    text(row, "type"),
                    row.get::<i64, _>("user_id"),
                    row.get::<Option<i64>, _>("source_user_id"),
                    text(row, "amount"),
                    text(row, "cumulative"),
                ])
            })
            .collect()
    }

    async fn seats(&self, seq: i64) -> Vec<Value> {
        let query = "SELECT s.user_id, p.level, p.tree_number, s.queue_index, s.manual FROM seats s
                     JOIN pools p ON p.id = s.pool_id WHERE s.seq = $1 ORDER BY p.level";
        let rows = sqlx::query(query).bind(seq).fetch_all(&mut self.database().await).await.unwrap();
        rows.iter()
            .map(|row| {
                json!([
                    row.get::<i64, _>(0),
                    row.get::<i32, _>(1),
                    row.get::<i32, _>(2),
                    row.get::<i64, _>(3),
                    row.get::<bool, _>(4),
                ])
            })
            .collect()
    }

    /// What became of an entry, and why.
    pub async fn outcome(&self, seq: i64) -> (String, Option<String>) {
        sqlx::query_as("SELECT outcome::text, reason FROM history WHERE seq = $1")
            .bind(seq)
            .fetch_one(&mut self.database().await)
            .await
            .unwrap()
    }

    /// The product's database, as its owner.
    pub async fn database(&self) -> PgConnection {
        PgConnection::connect(self.world.stack.database().url()).await.unwrap()
    }

    /// Chain and books agree to the wei, all rewards derived anew.
    pub async fn agrees(&self) {
        let run = self.post("/monitoring/reconciliation", json!({})).await.ok();
        assert_eq!(
            (run["balanced"].as_bool(), run["difference"].as_str()),
            (Some(true), Some("0")),
            "{run:#}"
        );
        assert_eq!(run["differences"], json!([]), "{run:#}");
    }

    /// Builds, signs and submits a batch for these accounts, and waits until it is settled.
    pub async fn pay(&self, accounts: &[Address]) -> Value {
        let accounts: Vec<String> = accounts.iter().map(Address::to_string).collect();
        let built = self.post("/payouts/build-batch", json!({ "accounts": accounts })).await.ok();
        let path = format!("/payouts/{}", built["id"].as_str().unwrap());
        self.post(&format!("{path}/sign"), json!({})).await.ok();
        self.post(&format!("{path}/submit"), json!({})).await.ok();
        self.world
            .until("the batch to be settled", || async {
                let batch = self.operator.get(&self.world, &path).await.ok();
                (batch["state"] == "settled").then_some(batch)
            })
            .await
    }
}

fn row_of(reward: &Value) -> Value {
    json!([
        reward["type"],
        reward["user"]["id"],
        reward["source"]["id"],
        reward["amount"],
        reward["cumulative"]
    ])
}

fn seat_of(seat: &Value) -> Value {
    json!([seat["user"]["id"], seat["level"], seat["tree"], seat["index"], seat["manual"]])
}
