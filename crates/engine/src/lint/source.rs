//! The text of a plan file, as far as findings need it: which key stands in which line, and what is written there.

use banyan_types::Amount;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A TOML text whose keys know their places; nothing is known of a text that is no TOML.
pub(super) struct Source<'t> {
    text: &'t str,
    table: Option<DeTable<'t>>,
}

/// One step of a key's path.
enum Part<'k> {
    Key(&'k str),
    Place(usize),
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Source<'t> {
        Source { text, table: DeTable::parse(text).ok().map(Spanned::into_inner) }
    }

    /// Line of a key such as `pool.levels`, or of the nearest table around it that is there.
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        let (at, _) = self.walk(key, true)?;
        Some(self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    /// The text that is written at a key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.walk(key, false)?.1.as_str()
    }

    /// The digits of the whole number that is written at a key.
    pub(super) fn integer(&self, key: &str) -> Option<&str> {
        let DeValue::Integer(number) = self.walk(key, false)?.1 else { return None };
        Some(number.as_str())
    }

    /// The share or shares that are written at a key, in basis points, however large; `None` if something else is.
    pub(super) fn shares(&self, key: &str) -> Option<Vec<u64>> {
        match self.walk(key, false)?.1 {
            DeValue::Array(items) => items.iter().map(|item| share(item.get_ref())).collect(),
            one => share(one).map(|points| vec![points]),
        }
    }

    /// Place in a list of tables of the one with this name.
    pub(super) fn place(&self, list: &str, name: &str) -> Option<usize> {
        let DeValue::Array(items) = self.walk(list, false)?.1 else { return None };
        let named = |item: &Spanned<DeValue<'_>>| {
            let known = item.get_ref().get("name").and_then(|known| known.get_ref().as_str());
            known == Some(name)
        };
        items.iter().position(named)
    }

    /// The path of the key that stands in a line; the longest, if there are more.
    pub(super) fn key_at(&self, line: usize) -> Option<String> {
        let start: usize = self.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let end = start + self.text[start..].find('\n').unwrap_or(self.text.len() - start);
        let mut found = None;
        keys(self.table.as_ref()?, "", &mut |path, at| {
            if (start..end).contains(&at) {
                found = Some(path.to_owned());
            }
        });
        found
    }

    /// Where a key begins, and its value; with `nearest`, a table around it will do.
    fn walk(&self, key: &str, nearest: bool) -> Option<(usize, &DeValue<'t>)> {
        let mut parts = parts(key);
        let Some(Part::Key(first)) = parts.next() else { return None };
        let (name, value) = self.table.as_ref()?.get_key_value(first)?;
        let mut found = (name.span().start, value.get_ref());
        for part in parts {
            let next = match (found.1, part) {
                (DeValue::Table(table), Part::Key(key)) => {
                    table.get_key_value(key).map(|(name, value)| (name.span().start, value.get_ref()))
                }
                (DeValue::Array(items), Part::Place(place)) => {
                    items.get(place).map(|item| (item.span().start, item.get_ref()))
                }
                (_, Part::Key(_) | Part::Place(_)) => None,
            };
            match next {
                Some(next) => found = next,
                None if nearest => break,
                None => return None,
            }
        }
        Some(found)
    }
}

/// Every key below a table with its path and place, those deeper down later.
fn keys(table: &DeTable<'_>, above: &str, visit: &mut impl FnMut(&str, usize)) {
    for (name, value) in table {
        let path = match above {
            "" => name.get_ref().to_string(),
            above => format!("{above}.{}", name.get_ref()),
        };
        visit(&path, name.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => keys(inner, &path, visit),
            DeValue::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        keys(inner, &format!("{path}[{place}]"), visit);
                    }
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// `infinity.shares[1].share` as steps.
fn parts(key: &str) -> impl Iterator<Item = Part<'_>> {
    key.split('.').flat_map(|part| {
        let (name, place) = part.split_once('[').unwrap_or((part, ""));
        let place = place.strip_suffix(']').and_then(|place| place.parse().ok()).map(Part::Place);
        std::iter::once(Part::Key(name)).chain(place)
    })
}

fn share(value: &DeValue<'_>) -> Option<u64> {
    match value {
        DeValue::String(text) => {
            u64::try_from(Amount::from_decimal(text.strip_suffix('%')?, 2).ok()?.units()).ok()
        }
        DeValue::Integer(points) => u64::from_str_radix(points.as_str(), points.radix()).ok(),
        DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
}
