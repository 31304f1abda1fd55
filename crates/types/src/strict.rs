//! Files that people write are read strictly: a key that nobody knows is refused, with the nearest one that is known.

use serde::de::DeserializeOwned;

/// Why a TOML text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct StrictError {
    /// Line in the text, 1-based.
    pub line: usize,
    /// What was expected, what came, and what to do.
    pub reason: String,
}

/// Reads a TOML text into `T`, which must `deny_unknown_fields` wherever a key could be misspelt.
///
/// # Errors
/// Anything that is no TOML or does not fit `T`; a misspelt key is named together with the nearest known one.
pub fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, StrictError> {
    toml::from_str(text).map_err(|err| {
        let start = err.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..start].iter().filter(|b| **b == b'\n').count() + 1;
        StrictError { line, reason: with_nearest_key(err.message()) }
    })
}

/// Rewrites serde's "unknown field `x`, expected one of `a`, `b`" into a sentence that names the nearest key; any other
/// message stays as it is.
pub fn with_nearest_key(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let Some((unknown, expected)) = rest.split_once('`') else { return message.to_owned() };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let nearest = known.iter().max_by(|a, b| {
        let likeness = |key: &str| strsim::jaro_winkler(key, unknown);
        likeness(a).total_cmp(&likeness(b))
    });
    match nearest {
        Some(nearest) => format!(
            "unknown key `{unknown}`; the nearest known key is `{nearest}` (known here: {})",
            known.join(", ")
        ),
        None => format!("unknown key `{unknown}`; no key is known here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        listen: Option<String>,
        inner: Option<Inner>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        rpc_url: String,
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_the_nearest_known_key() {
        let err = from_toml::<File>("listen = \"a\"\n\n[inner]\nrpc_ulr = \"b\"\n").unwrap_err();
        assert_eq!(err.line, 4);
        assert!(err.reason.contains("unknown key `rpc_ulr`; the nearest known key is `rpc_url`"), "{err}");
    }

    #[test]
    fn a_good_file_is_read() {
        let file: File = from_toml("[inner]\nrpc_url = \"b\"").unwrap();
        assert_eq!(file.inner.unwrap().rpc_url, "b");
    }
}
