//! Which moment of the books a question is about: `block` or `at`, or neither for now.

use banyan_ledger::Asked;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::IntoParams;

use crate::problem::{Answer, Kind, Problem};

/// A moment of the books' past.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AsOfQuery {
    /// As of this block, included; not together with `at`.
    pub block: Option<u64>,
    /// As of the last block at or before this time (RFC 3339); not together with `block`.
    #[param(example = "2026-01-31T23:59:59Z")]
    pub at: Option<String>,
}

impl AsOfQuery {
    /// What was asked; now, if nothing was.
    pub fn asked(&self) -> Answer<Asked> {
        asked(self.block, self.at.as_deref())
    }
}

/// The moment that `block` or `at` names.
pub fn asked(block: Option<u64>, at: Option<&str>) -> Answer<Asked> {
    match (block, at) {
        (None, None) => Ok(Asked::Now),
        (Some(block), None) => Ok(Asked::Block(block)),
        (None, Some(at)) => {
            let time = OffsetDateTime::parse(at, &Rfc3339).ok();
            let time = time.and_then(|time| u64::try_from(time.unix_timestamp()).ok());
            time.map(Asked::Time).ok_or_else(|| {
                let got: String = at.chars().take(80).collect();
                let detail = format!("expected a time like 2026-01-31T23:59:59Z, got {got}");
                Problem::field(Kind::InvalidQuery, "at", detail)
            })
        }
        (Some(_), Some(_)) => {
            let detail = "expected a block or a time, got both: leave one out";
            Err(Problem::field(Kind::InvalidQuery, "at", detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_block_or_a_time_or_now() {
        assert_eq!(asked(None, None).unwrap(), Asked::Now);
        assert_eq!(asked(Some(7), None).unwrap(), Asked::Block(7));
        assert_eq!(asked(None, Some("1970-01-01T01:00:07.9+01:00")).unwrap(), Asked::Time(7));
        for at in ["yesterday", "1969-12-31T00:00:00Z", ""] {
            assert!(asked(None, Some(at)).is_err(), "{at}");
        }
        assert!(asked(Some(7), Some("1970-01-01T00:00:07Z")).is_err());
    }
}
