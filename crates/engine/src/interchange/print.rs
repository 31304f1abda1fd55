//! Records as text: JSON Lines, and CSV with one column for every field that some record has.

use std::fmt::Write;

use banyan_types::Amount;

use super::names::Names;
use crate::{Record, Reward, Seat, SeatRef, UserId};

/// A record as one JSON object, without a line end.
///
/// # Panics
/// If a user of the record does not come from `users`.
pub fn json(out: &mut String, event: &str, record: &Record, users: &Names) {
    out.push_str("{\"event\":");
    quote(out, event);
    for (column, cell) in Row::of(record, users).cells() {
        let Some(cell) = cell else { continue };
        out.push_str(",\"");
        out.push_str(column);
        out.push_str("\":");
        match cell {
            Cell::Text(text) => quote(out, text),
            Cell::Number(number) => put(out, number),
            Cell::Amount(amount) => {
                out.push('"');
                put(out, amount);
                out.push('"');
            }
            Cell::Null => out.push_str("null"),
        }
    }
    out.push('}');
}

/// The first line of CSV, without its line end.
pub fn csv_header(out: &mut String) {
    out.push_str("event");
    for (column, _) in Row::default().cells() {
        out.push(',');
        out.push_str(column);
    }
}

/// A record as one line of CSV (RFC 4180), without its line end; what the record has not is empty.
///
/// # Panics
/// If a user of the record does not come from `users`.
pub fn csv(out: &mut String, event: &str, record: &Record, users: &Names) {
    csv_text(out, event);
    for (_, cell) in Row::of(record, users).cells() {
        out.push(',');
        match cell {
            Some(Cell::Text(text)) => csv_text(out, text),
            Some(Cell::Number(number)) => put(out, number),
            Some(Cell::Amount(amount)) => put(out, amount),
            Some(Cell::Null) | None => {}
        }
    }
}

/// The fields of a record, as far as it has them.
#[derive(Default)]
struct Row<'a> {
    record: &'a str,
    kind: Option<&'a str>,
    to: Option<&'a str>,
    amount: Option<Amount>,
    source: Option<&'a str>,
    state: Option<&'a str>,
    depth: Option<u32>,
    user: Option<&'a str>,
    level: Option<u32>,
    tree: Option<u32>,
    index: Option<u64>,
    /// A root's is null.
    parent: Option<Option<u64>>,
    price: Option<Amount>,
    spent: Option<Amount>,
    released: Option<Amount>,
}

enum Cell<'a> {
    Text(&'a str),
    Number(u64),
    Amount(Amount),
    Null,
}

impl<'a> Row<'a> {
    fn of(record: &Record, users: &'a Names) -> Row<'a> {
        match record {
            Record::Reward(reward) => Row::reward(reward, users),
            Record::Seat(seat) => Row::seat(seat, users),
            Record::Completed(done) => Row::at("completed", done.user, done.seat, users),
            Record::Reserve(reserve) => Row {
                spent: Some(reserve.spent),
                released: Some(reserve.released),
                ..Row::at("reserve", reserve.user, reserve.seat, users)
            },
        }
    }

    fn reward(reward: &Reward, users: &'a Names) -> Row<'a> {
        Row {
            record: "reward",
            kind: Some(reward.kind.name()),
            to: Some(users.name(reward.to)),
            amount: Some(reward.amount),
            source: Some(users.name(reward.source)),
            state: Some(reward.state.name()),
            depth: reward.depth,
            level: reward.level,
            ..Row::default()
        }
    }

    fn seat(seat: &Seat, users: &'a Names) -> Row<'a> {
        Row {
            parent: Some(seat.parent),
            price: Some(seat.price),
            ..Row::at("seat", seat.user, seat.seat, users)
        }
    }

    fn at(record: &'a str, user: UserId, seat: SeatRef, users: &'a Names) -> Row<'a> {
        Row {
            record,
            user: Some(users.name(user)),
            level: Some(seat.level),
            tree: Some(seat.tree),
            index: Some(seat.index),
            ..Row::default()
        }
    }

    /// Every column, in the order in which they are printed.
    fn cells(self) -> [(&'static str, Option<Cell<'a>>); 15] {
        let number = |number: Option<u32>| number.map(|number| Cell::Number(number.into()));
        [
            ("record", Some(Cell::Text(self.record))),
            ("kind", self.kind.map(Cell::Text)),
            ("to", self.to.map(Cell::Text)),
            ("amount", self.amount.map(Cell::Amount)),
            ("source", self.source.map(Cell::Text)),
            ("state", self.state.map(Cell::Text)),
            ("depth", number(self.depth)),
            ("user", self.user.map(Cell::Text)),
            ("level", number(self.level)),
            ("tree", number(self.tree)),
            ("index", self.index.map(Cell::Number)),
            ("parent", self.parent.map(|parent| parent.map_or(Cell::Null, Cell::Number))),
            ("price", self.price.map(Cell::Amount)),
            ("spent", self.spent.map(Cell::Amount)),
            ("released", self.released.map(Cell::Amount)),
        ]
    }
}

fn put(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("writing to a String cannot fail");
}

/// A JSON string.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..'\u{20}' => put(out, format_args!("\\u{:04x}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
}

/// A CSV field, quoted where it must be.
fn csv_text(out: &mut String, text: &str) {
    if text.contains([',', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn csv_fields_are_quoted_where_they_must_be() {
        let mut out = String::new();
        for text in ["a", "a,b", "a\"b", "a\nb", ""] {
            csv_text(&mut out, text);
            out.push('|');
        }
        assert_eq!(out, "a|\"a,b\"|\"a\"\"b\"|\"a\nb\"||");
    }

    proptest! {
        #[test]
        fn every_text_is_one_json_string(text in any::<String>()) {
            let mut out = String::new();
            quote(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
