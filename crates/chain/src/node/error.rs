//! Why a node did not give what was asked, in a closed list: what a caller does about it depends on the kind alone.

use alloy::primitives::{Bytes, hex};
use alloy::transports::{RpcError, TransportErrorKind};
use serde_json::value::RawValue;

/// What kept a node from giving what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// The address is no HTTP address.
    #[error(
        "expected the HTTP address of an RPC node (such as \"http://127.0.0.1:8545\"), but {reason}: correct chain.rpc_url"
    )]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there, or the connection broke.
    #[error("the RPC node at {host} cannot be reached ({reason}): start it, or correct chain.rpc_url")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the connection said.
        reason: String,
    },
    /// No answer in time.
    #[error("the RPC node at {host} did not answer {method} in time: it is asked again")]
    Timeout {
        /// Host and port.
        host: String,
        /// What was asked.
        method: &'static str,
    },
    /// The node wants to be asked less often.
    #[error("the RPC node at {host} limits how often it answers ({reason}): it is asked again later")]
    RateLimited {
        /// Host and port.
        host: String,
        /// Its own words.
        reason: String,
    },
    /// The node wants to be asked for fewer blocks or logs at once.
    #[error("the RPC node refuses so large a range of {method} ({reason}): a smaller one is asked for")]
    RangeTooLarge {
        /// What was asked.
        method: &'static str,
        /// Its own words.
        reason: String,
    },
    /// The node does not have that block, or not its state.
    #[error(
        "the RPC node has no state for {method} at that block ({reason}): use a node that keeps it (an archive node)"
    )]
    NoState {
        /// What was asked.
        method: &'static str,
        /// Its own words.
        reason: String,
    },
    /// The node is on another chain than the configuration says.
    #[error(
        "the RPC node at {host} is on chain {found}, but chain {expected} is configured: correct chain.rpc_url or chain.id"
    )]
    WrongChain {
        /// Host and port.
        host: String,
        /// The configured chain.
        expected: u64,
        /// The node's.
        found: u64,
    },
    /// The contract refused the call.
    #[error("the contract reverted {method}: {reason}")]
    Reverted {
        /// What was asked.
        method: &'static str,
        /// The node's words.
        reason: String,
        /// What the contract returned: an ABI-encoded error.
        data: Bytes,
    },
    /// The answer is not what the method answers.
    #[error("the RPC node's answer to {method} is not what was asked for: {reason}")]
    Malformed {
        /// What was asked.
        method: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Any other error that the node states.
    #[error("the RPC node refuses {method}: {message} (code {code})")]
    Rpc {
        /// What was asked.
        method: &'static str,
        /// Its code.
        code: i64,
        /// Its words.
        message: String,
    },
}

impl NodeError {
    pub(crate) fn missing(method: &'static str, what: &str) -> NodeError {
        NodeError::Malformed { method, reason: format!("{what} is missing") }
    }

    /// Whether the same question may be answered later, or by another node.
    pub fn is_passing(&self) -> bool {
        match self {
            NodeError::Unreachable { .. }
            | NodeError::Timeout { .. }
            | NodeError::RateLimited { .. }
            | NodeError::RangeTooLarge { .. }
            | NodeError::NoState { .. }
            | NodeError::Malformed { .. }
            | NodeError::Rpc { .. } => true,
            NodeError::Url { .. } | NodeError::WrongChain { .. } | NodeError::Reverted { .. } => false,
        }
    }

    /// The class under which it is counted.
    pub fn class(&self) -> &'static str {
        match self {
            NodeError::Url { .. } => "url",
            NodeError::Unreachable { .. } => "unreachable",
            NodeError::Timeout { .. } => "timeout",
            NodeError::RateLimited { .. } => "rate_limited",
            NodeError::RangeTooLarge { .. } => "range_too_large",
            NodeError::NoState { .. } => "no_state",
            NodeError::WrongChain { .. } => "wrong_chain",
            NodeError::Reverted { .. } => "reverted",
            NodeError::Malformed { .. } => "malformed",
            NodeError::Rpc { .. } => "rpc",
        }
    }
}

/// Phrases of node software that say: too many requests.
const RATE: [&str; 5] =
    ["rate limit", "too many requests", "request limit", "compute units", "daily request count"];
/// Phrases that say: ask for less at once.
const RANGE: [&str; 9] = [
    "block range",
    "range is too",
    "range too",
    "more than",
    "query returned",
    "response size",
    "limit exceeded",
    "too many results",
    "max results",
];
/// Phrases that say: that block or its state is not here.
const STATE: [&str; 8] = [
    "missing trie node",
    "header not found",
    "block not found",
    "unknown block",
    "state is not available",
    "not canonical",
    "historical state",
    "state not found",
];

/// Puts alloy's error into our list.
pub(super) fn classify(host: &str, method: &'static str, error: RpcError<TransportErrorKind>) -> NodeError {
    match error {
        RpcError::ErrorResp(payload) => {
            from_node(host, method, payload.code, &payload.message, payload.data.as_deref())
        }
        RpcError::NullResp => NodeError::missing(method, "the answer"),
        RpcError::DeserError { err, .. } => NodeError::Malformed { method, reason: err.to_string() },
        RpcError::Transport(kind) => from_transport(host, method, &kind),
        RpcError::UnsupportedFeature(what) => {
            NodeError::Malformed { method, reason: format!("unsupported: {what}") }
        }
        RpcError::LocalUsageError(reason) => NodeError::Malformed { method, reason: reason.to_string() },
        RpcError::SerError(reason) => NodeError::Malformed { method, reason: reason.to_string() },
    }
}

fn from_node(
    host: &str,
    method: &'static str,
    code: i64,
    message: &str,
    data: Option<&RawValue>,
) -> NodeError {
    let lower = message.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    if says(&RATE) || code == 429 {
        return NodeError::RateLimited { host: host.to_owned(), reason: message.to_owned() };
    }
    if method == "eth_getLogs" && (says(&RANGE) || code == -32005) {
        return NodeError::RangeTooLarge { method, reason: message.to_owned() };
    }
    if says(&STATE) {
        return NodeError::NoState { method, reason: message.to_owned() };
    }
    if code == 3 || lower.contains("revert") {
        return NodeError::Reverted { method, reason: message.to_owned(), data: revert_data(data) };
    }
    NodeError::Rpc { method, code, message: message.to_owned() }
}

/// Nodes put the returned bytes into `data` as a hex string.
fn revert_data(data: Option<&RawValue>) -> Bytes {
    data.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
        .and_then(|text| hex::decode(text).ok())
        .map(Bytes::from)
        .unwrap_or_default()
}

fn from_transport(host: &str, method: &'static str, kind: &TransportErrorKind) -> NodeError {
    if let Some(http) = kind.as_http_error() {
        let reason = format!("HTTP status {}", http.status);
        return match http.status {
            429 => NodeError::RateLimited { host: host.to_owned(), reason },
            413 if method == "eth_getLogs" => NodeError::RangeTooLarge { method, reason },
            _ => NodeError::Unreachable { host: host.to_owned(), reason },
        };
    }
    let (TransportErrorKind::Custom(error) | TransportErrorKind::NonRetryable(error)) = kind else {
        return NodeError::Unreachable { host: host.to_owned(), reason: kind.to_string() };
    };
    match error.downcast_ref::<reqwest::Error>() {
        Some(error) if error.is_timeout() => NodeError::Timeout { host: host.to_owned(), method },
        Some(error) => NodeError::Unreachable { host: host.to_owned(), reason: root_cause(error) },
        None => NodeError::Unreachable { host: host.to_owned(), reason: error.to_string() },
    }
}

/// The innermost cause: the outer ones repeat the whole address, which may hold a key.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = std::error::Error::source(error);
    let mut text = String::from("the connection broke");
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(method: &'static str, code: i64, message: &str) -> &'static str {
        from_node("node", method, code, message, None).class()
    }

    #[test]
    fn the_words_of_nodes_are_put_into_classes() {
        for (method, code, message, class) in [
            ("eth_getLogs", -32005, "limit exceeded", "range_too_large"),
            ("eth_getLogs", -32600, "exceed maximum block range: 5000", "range_too_large"),
            ("eth_getLogs", -32602, "query returned more than 10000 results", "range_too_large"),
            ("eth_getLogs", -32005, "daily request count exceeded, request rate limited", "rate_limited"),
            ("eth_call", -32005, "Too Many Requests", "rate_limited"),
            ("eth_call", -32000, "missing trie node 4a1b (path )", "no_state"),
            ("eth_call", -32000, "header not found", "no_state"),
            ("eth_call", 3, "execution reverted", "reverted"),
            ("eth_call", -32000, "execution reverted: custom error", "reverted"),
            ("eth_getBlockByNumber", -32601, "the method does not exist", "rpc"),
        ] {
            assert_eq!(class_of(method, code, message), class, "{message}");
        }
    }

    #[test]
    fn what_a_contract_returned_on_a_revert_is_kept() {
        let data = serde_json::value::to_raw_value("0x0badc0de").unwrap();
        let error = from_node("node", "eth_call", 3, "execution reverted", Some(&data));
        assert!(matches!(error, NodeError::Reverted { data, .. } if data[..] == [0x0b, 0xad, 0xc0, 0xde]));
    }

    #[tokio::test]
    async fn a_node_that_is_not_there_is_named_without_the_secrets_of_its_address() {
        let node =
            super::super::Node::connect("http://127.0.0.1:9/secret-key", std::time::Duration::from_secs(2))
                .unwrap();
        let error = node.chain_id().await.unwrap_err();
        assert_eq!(error.class(), "unreachable");
        assert!(
            error.to_string().contains("127.0.0.1:9") && !error.to_string().contains("secret"),
            "{error}"
        );
        assert!(super::super::Node::connect("ws://127.0.0.1", std::time::Duration::from_secs(2)).is_err());
    }
}
