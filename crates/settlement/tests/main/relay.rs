//! A node of a load-balanced address: what it does not know, or knows of another branch, the one behind it does.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of the result of a method.
type Twist = fn(&str, Value) -> Value;

/// Starts a node that answers what `truth` does, but for the twist; its URL.
pub async fn relay(truth: &str, twist: Twist) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let truth: Arc<str> = truth.into();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, truth.clone(), twist));
        }
    });
    url
}

/// One connection, one request.
async fn answer(mut stream: TcpStream, truth: Arc<str>, twist: Twist) {
    let question = question(&mut stream).await;
    let response = reqwest::Client::new().post(&*truth).json(&question).send().await.unwrap();
    let mut answer: Value = response.json().await.unwrap();
    if let Some(result) = answer.get_mut("result") {
        *result = twist(question["method"].as_str().unwrap(), result.take());
    }
    let body = answer.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let whole = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(whole.as_bytes()).await.unwrap();
}

async fn question(stream: &mut TcpStream) -> Value {
    let mut bytes = Vec::new();
    loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "a whole request");
        let text = String::from_utf8_lossy(&bytes);
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
        if let Some(question) = body.and_then(|body| serde_json::from_str(body).ok()) {
            return question;
        }
    }
}
