//! A node between the test and anvil that answers what the test wants it to answer.
//!
//! It lives inside of a test's own process, so whatever goes wrong in it may end the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of the `n`-th answer (from 0) to the method that is lied about.
pub enum Lie {
    /// Nothing: the truth is told.
    None,
    /// Another result.
    Result(Value),
    /// An HTTP status without an answer.
    Status(u16),
    /// The first half of the answer's bytes.
    Half,
    /// No answer for that long.
    Silence(Duration),
}

type Teller = dyn Fn(usize, Value) -> Lie + Send + Sync;

struct Story {
    truth: String,
    method: &'static str,
    count: AtomicUsize,
    teller: Box<Teller>,
}

/// Starts a node that tells the truth of `truth` but for `method`, whose results go through `teller` with their number.
/// Returns its URL.
///
/// # Panics
/// When there is no port for it.
pub async fn lying_node(
    truth: &str,
    method: &'static str,
    teller: impl Fn(usize, Value) -> Lie + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a port"));
    let count = AtomicUsize::new(0);
    let story = Arc::new(Story { truth: truth.to_owned(), method, count, teller: Box::new(teller) });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, story.clone()));
        }
    });
    url
}

/// One connection, one request.
async fn answer(mut stream: TcpStream, story: Arc<Story>) {
    let question = read(&mut stream).await;
    let truth = reqwest::Client::new().post(&story.truth).json(&question).send().await.expect("the truth");
    let mut truth: Value = truth.json().await.expect("JSON");
    let lie = if question["method"] == story.method && truth.get("result").is_some() {
        let number = story.count.fetch_add(1, Ordering::Relaxed);
        (story.teller)(number, truth["result"].clone())
    } else {
        Lie::None
    };
    let mut status = 200;
    match lie {
        Lie::None => {}
        Lie::Result(result) => truth["result"] = result,
        Lie::Status(code) => status = code,
        Lie::Silence(time) => tokio::time::sleep(time).await,
        Lie::Half => return write(&mut stream, status, &truth.to_string(), true).await,
    }
    write(&mut stream, status, &truth.to_string(), false).await;
}

async fn read(stream: &mut TcpStream) -> Value {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.expect("a request");
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(value) = serde_json::from_str(body)
        {
            return value;
        }
        assert!(count > 0, "a whole request");
    }
}

async fn write(stream: &mut TcpStream, status: u16, body: &str, half: bool) {
    let sent = if half { &body[..body.len() / 2] } else { body };
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // The client may be gone already: that is part of some stories.
    let _ = stream.write_all(format!("{head}{sent}").as_bytes()).await;
}
