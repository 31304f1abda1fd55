//! The running product, and its API over plain HTTP.

use std::time::{Duration, Instant};

use alloy::primitives::{Address, U256};
use banyan_testkit::contract::Roles;
use banyan_testkit::stack::{Options, Stack};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use super::people::Person;

/// How long the books may take to follow the chain: finality is two blocks of a second behind, the rest is for a busy
/// machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The product under test.
pub struct World {
    pub stack: Stack,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:#?}");
        self.body
    }

    /// The last part of a problem's type; everything that every problem must say is checked.
    pub fn problem(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:#?}");
        assert_eq!(self.body["status"], self.status, "{self:#?}");
        assert!(self.body["detail"].as_str().is_some_and(|detail| detail.len() > 20), "{self:#?}");
        assert_eq!(self.body["requestId"].as_str(), self.headers["x-request-id"].to_str().ok());
        let kind = self.body["type"].as_str().expect("a problem has a type");
        kind.strip_prefix("https://banyan.example/problems/").expect("the types' base")
    }

    /// The fields that a problem names.
    pub fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["field"].as_str()).collect()
    }
}

impl World {
    /// Starts everything.
    pub async fn start() -> World {
        let options = Options { people: 20, ..Options::default() };
        let stack = Stack::start(&options, |_| {}).await.unwrap();
        let world = World { stack, http: reqwest::Client::new() };
        world
            .until("the contract's first entry in the books", || async {
                let pool = world.ask(Method::GET, "/pool/summary", None, None).await;
                (pool.status != 503).then_some(())
            })
            .await;
        world
    }

    /// The i-th person, with a funded wallet, not signed in.
    pub fn person(&self, i: usize) -> Person {
        Person::new(self.stack.anvil().wallet(Roles::FIRST_PERSON + i))
    }

    /// The operator of the configuration, signed in.
    pub async fn operator(&self) -> Person {
        let mut operator = Person::new(self.stack.anvil().wallet(Roles::OPERATOR));
        operator.sign_in(self).await;
        operator
    }

    /// What the API says about its parts.
    pub async fn health(&self) -> Value {
        let url = self.stack.api_url().replace("/v1", "/healthz");
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// One request.
    pub async fn ask(&self, method: Method, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string);
        self.ask_raw(method, path, token, body, &[("content-type", "application/json")]).await
    }

    /// One request with whatever body and headers.
    pub async fn ask_raw(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.stack.api_url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    /// Sends a transaction as the API hands it out; says whether it succeeded, and its hash.
    pub async fn send(&self, from: Address, call: &Value) -> (bool, String) {
        let text = |key: &str| call[key].as_str().unwrap().to_owned();
        let value: U256 = text("value").parse().unwrap();
        let to = text("to").parse().unwrap();
        let anvil = self.stack.anvil();
        let mined = anvil.transact(from, to, text("data").parse().unwrap(), value).await.unwrap();
        (mined.succeeded(), mined.hash.to_string())
    }

    /// Waits until `done` answers something.
    pub async fn until<T, F: Future<Output = Option<T>>>(
        &self,
        what: &str,
        mut done: impl FnMut() -> F,
    ) -> T {
        let started = Instant::now();
        loop {
            if let Some(value) = done().await {
                return value;
            }
            assert!(started.elapsed() < PATIENCE, "waited too long for {what}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until the database answers `question` with yes.
    pub async fn until_books(&self, what: &str, question: &'static str) {
        let mut connection = PgConnection::connect(self.stack.database().url()).await.unwrap();
        let started = Instant::now();
        while !sqlx::query_scalar::<_, bool>(question).fetch_one(&mut connection).await.unwrap() {
            assert!(started.elapsed() < PATIENCE, "waited too long for {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Rows of the tables that requests may write to.
    pub async fn rows(&self) -> Value {
        let mut connection = PgConnection::connect(self.stack.database().url()).await.unwrap();
        let mut counts = json!({});
        for table in [
            "users",
            "transactions",
            "placement_quotes",
            "refresh_tokens",
            "idempotency_keys",
            "payout_batches",
            "settings",
            "audit_logs",
            "reconciliations",
        ] {
            let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let count: i64 = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
            counts[table] = json!(count);
        }
        counts
    }
}
