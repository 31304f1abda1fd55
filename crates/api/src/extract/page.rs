//! Lists come in pages: `limit` says how many, `cursor` where the last page ended. A cursor is opaque to clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::problem::{Answer, Kind, Problem};

/// Items on a page unless asked otherwise.
const DEFAULT_LIMIT: u32 = 50;
/// Most items on a page.
const LARGEST_LIMIT: u32 = 200;

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// How many items at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A checked page: how many, and where it starts.
pub struct Page<C> {
    /// How many items at most.
    pub limit: usize,
    /// Where the last page ended.
    pub start: Option<C>,
}

impl<C: DeserializeOwned> Page<C> {
    /// Checks what was asked for.
    pub fn of(limit: Option<u32>, cursor: Option<&str>) -> Answer<Page<C>> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=LARGEST_LIMIT).contains(&limit) {
            let detail = format!("expected a limit of 1 to {LARGEST_LIMIT}, got {limit}");
            return Err(Problem::field(Kind::InvalidQuery, "limit", detail));
        }
        let start = cursor.map(decode_cursor).transpose()?;
        Ok(Page { limit: usize::try_from(limit).unwrap_or(1), start })
    }

    /// How many rows to read: one more than wanted, to know whether there is another page.
    pub fn rows(&self) -> i64 {
        i64::try_from(self.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
    }

    /// Cuts the row too many off and says where the next page starts.
    pub fn cut<T, N: serde::Serialize>(
        &self,
        rows: &mut Vec<T>,
        position: impl Fn(&T) -> N,
    ) -> Option<String> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        rows.last().map(|last| encode_cursor(&position(last)))
    }
}

/// A position in a list as opaque text.
pub fn encode_cursor(position: &impl serde::Serialize) -> String {
    let json = serde_json::to_vec(position).expect("positions are numbers, texts and tuples of them");
    URL_SAFE_NO_PAD.encode(json)
}

/// A position in a list from its opaque text.
pub fn decode_cursor<C: DeserializeOwned>(text: &str) -> Answer<C> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
        Problem::field(
            Kind::InvalidQuery,
            "cursor",
            "expected the `next` of an earlier page of this list, got something else: start without a cursor",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let page = Page::<i64>::of(Some(2), None).unwrap();
        let mut rows = vec![1i64, 2, 3];
        let next = page.cut(&mut rows, |row| *row).unwrap();
        assert_eq!(rows, [1, 2]);
        assert_eq!(Page::<i64>::of(None, Some(&next)).unwrap().start, Some(2));
        assert_eq!(page.cut(&mut vec![1i64, 2], |row| *row), None);
    }

    #[test]
    fn limits_and_cursors_that_make_no_sense_are_refused() {
        for (limit, cursor) in
            [(Some(0), None), (Some(201), None), (None, Some("%")), (None, Some("InRleHQi"))]
        {
            assert!(Page::<i64>::of(limit, cursor).is_err(), "{limit:?} {cursor:?}");
        }
    }
}
