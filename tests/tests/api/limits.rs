//! How often one may ask, and what happens when the counter is gone.

use std::time::Duration;

use banyan_testkit::ports;
use banyan_testkit::process::{self, Program};
use banyan_testkit::redis::Redis;
use reqwest::Response;
use serde_json::{Value, json};

use super::world::World;

/// Whether the tests' Redis is one that we may stop.
fn own_redis() -> bool {
    std::env::var_os("REDIS_URL").is_none_or(|url| url.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_often_waits_and_without_redis_everybody_passes() {
    let world = World::start().await;
    let redis = Redis::start().unwrap();
    let (port, metrics) = (ports::free().unwrap(), ports::free().unwrap());
    let program = Program::new(
        "a second API",
        process::binary("banyan").unwrap(),
        world.stack.logs().join("second.log"),
    );
    let mut server = program
        .arg("serve")
        .arg("--config")
        .arg(world.stack.config_file())
        .env("BANYAN__API__LISTEN", format!("127.0.0.1:{port}"))
        .env("BANYAN__API__METRICS_LISTEN", format!("127.0.0.1:{metrics}"))
        .env("BANYAN__API__REQUESTS_PER_MINUTE", "3")
        .env("BANYAN__API__INTAKES_PER_MINUTE", "1")
        .env("BANYAN__REDIS__URL", redis.url())
        .start()
        .unwrap();
    let address = ([127, 0, 0, 1], metrics).into();
    server.wait_for_http(address, "/healthz", Duration::from_secs(30)).unwrap();

    let get = |path: &'static str| async move {
        reqwest::get(format!("http://127.0.0.1:{port}{path}")).await.unwrap()
    };
    for left in ["2", "1", "0"] {
        let answer = get("/v1/pool/summary").await;
        assert_eq!((answer.status().as_u16(), header(&answer, "ratelimit-remaining")), (200, left));
    }
    let answer = get("/v1/pool/summary").await;
    assert_eq!((answer.status().as_u16(), header(&answer, "ratelimit-limit")), (429, "3"));
    let seconds: u64 = header(&answer, "retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], "https://banyan.example/problems/rate-limited");
    let other = world.ask(reqwest::Method::GET, "/pool/summary", None, None).await;
    assert_eq!(other.status, 200, "the first server counts elsewhere");

    one_wallet_does_not_use_up_the_signer(&world, port).await;

    if own_redis() {
        drop(redis);
        assert_eq!(get("/v1/pool/summary").await.status(), 200, "a lost counter stops nobody");
        let nonce = reqwest::Client::new().post(format!("http://127.0.0.1:{port}/v1/auth/nonce"));
        let wallet = world.person(0).address().to_string();
        let answer = nonce.json(&json!({ "wallet": wallet })).send().await.unwrap();
        assert_eq!(answer.status(), 503, "but nobody can sign in");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], "https://banyan.example/problems/storage-unavailable");
        let health: Value = get("/healthz").await.json().await.unwrap();
        assert_eq!((&health["status"], &health["redis"]), (&json!("degraded"), &json!("unreachable")));
    }
    server.stop();
}

/// One payload a minute is left to a wallet here, and to another wallet its own.
async fn one_wallet_does_not_use_up_the_signer(world: &World, port: u16) {
    let (mut eve, mut bob) = (world.person(1), world.person(2));
    eve.sign_in(world).await;
    bob.sign_in(world).await;
    let register = |token: String| async move {
        let post = reqwest::Client::new().post(format!("http://127.0.0.1:{port}/v1/users/register"));
        post.bearer_auth(token).json(&json!({ "sponsor": "company" })).send().await.unwrap()
    };
    assert_eq!(register(eve.token().to_owned()).await.status(), 201);
    let refused = register(eve.token().to_owned()).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "ratelimit-remaining")), (429, "1"));
    assert!((1..=60).contains(&header(&refused, "retry-after").parse::<u64>().unwrap()));
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "https://banyan.example/problems/rate-limited");
    assert_eq!(register(bob.token().to_owned()).await.status(), 201);
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
