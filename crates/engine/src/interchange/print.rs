//! Records as text: JSON Lines, and CSV with one column for every field that some record has.

use std::fmt::Write;

use banyan_types::Amount;

use super::names::Names;
use crate::calendar::Month;
use crate::{Detail, Order, Plan, RankId, Record, Reward, Seat, SeatRef, UserId};

/// The texts that records stand for.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    /// Names of users.
    pub users: &'a Names,
    /// Ids of events.
    pub events: &'a Names,
    /// The plan, which has the names of ranks.
    pub plan: &'a Plan,
}

/// A record as one JSON object, without a line end.
///
/// # Panics
/// If a user or event of the record does not come from `texts`.
pub fn json(out: &mut String, event: &str, record: &Record, texts: &Texts<'_>) {
    out.push_str("{\"event\":");
    quote(out, event);
    for (column, cell) in Row::of(record, texts).cells() {
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
            Cell::Month(month) => put(out, format_args!("\"{month}\"")),
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
/// If a user or event of the record does not come from `texts`.
pub fn csv(out: &mut String, event: &str, record: &Record, texts: &Texts<'_>) {
    csv_text(out, event);
    for (_, cell) in Row::of(record, texts).cells() {
        out.push(',');
        match cell {
            Some(Cell::Text(text)) => csv_text(out, text),
            Some(Cell::Number(number)) => put(out, number),
            Some(Cell::Amount(amount)) => put(out, amount),
            Some(Cell::Month(month)) => put(out, month),
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
    rank: Option<&'a str>,
    position: Option<&'a str>,
    month: Option<Month>,
    purchase: Option<&'a str>,
    order: Option<Order>,
}

enum Cell<'a> {
    Text(&'a str),
    Number(u64),
    Amount(Amount),
    Month(Month),
    Null,
}

impl<'a> Row<'a> {
    fn of(record: &Record, texts: &Texts<'a>) -> Row<'a> {
        match *record {
            Record::Reward(ref reward) => Row::reward(reward, texts),
            Record::Seat(ref seat) => Row::seat(seat, texts),
            Record::Completed(done) => Row::at("completed", done.user, done.seat, texts),
            Record::Reserve(reserve) => Row {
                spent: Some(reserve.spent),
                released: Some(reserve.released),
                ..Row::at("reserve", reserve.user, reserve.seat, texts)
            },
            Record::Vested { purchase } => {
                Row { record: "vested", purchase: Some(texts.events.id(purchase)), ..Row::default() }
            }
            Record::Rank { user, rank } => Row { rank: texts.rank(rank), ..Row::by("rank", user, texts) },
            Record::Order(order) => Row { order: Some(order), ..Row::by("order", order.user, texts) },
        }
    }

    fn reward(reward: &Reward, texts: &Texts<'a>) -> Row<'a> {
        let row = Row {
            record: "reward",
            kind: Some(reward.kind.name()),
            to: Some(texts.users.name(reward.to)),
            amount: Some(reward.amount),
            source: Some(texts.users.name(reward.source)),
            state: Some(reward.state.name()),
            ..Row::default()
        };
        match reward.detail {
            Detail::None => row,
            Detail::Pool { level, .. } => Row { level: Some(level), ..row },
            Detail::Depth(depth) => Row { depth: Some(depth), ..row },
            Detail::Rank(rank) => Row { rank: texts.rank(rank), ..row },
            Detail::Position(event) => Row { position: Some(texts.events.id(event)), ..row },
            Detail::Month(month) => Row { month: Some(month), ..row },
        }
    }

    fn seat(seat: &Seat, texts: &Texts<'a>) -> Row<'a> {
        Row {
            parent: Some(seat.parent),
            price: Some(seat.price),
            ..Row::at("seat", seat.user, seat.seat, texts)
        }
    }

    fn at(record: &'a str, user: UserId, seat: SeatRef, texts: &Texts<'a>) -> Row<'a> {
        Row {
            level: Some(seat.level),
            tree: Some(seat.tree),
            index: Some(seat.index),
            ..Row::by(record, user, texts)
        }
    }

    fn by(record: &'a str, user: UserId, texts: &Texts<'a>) -> Row<'a> {
        Row { record, user: Some(texts.users.name(user)), ..Row::default() }
    }

    /// Every column, in the order in which they are printed.
    fn cells(self) -> [(&'static str, Option<Cell<'a>>); 22] {
        let number = |number: Option<u32>| number.map(|number| Cell::Number(number.into()));
        let order = self.order.as_ref();
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
            ("rank", self.rank.map(Cell::Text)),
            ("position", self.position.map(Cell::Text)),
            ("month", self.month.map(Cell::Month)),
            ("purchase", self.purchase.map(Cell::Text)),
            ("list", order.map(|order| Cell::Amount(order.list))),
            ("discount", order.map(|order| Cell::Amount(order.discount))),
            ("net", order.map(|order| Cell::Amount(order.net))),
        ]
    }
}

impl<'a> Texts<'a> {
    fn rank(&self, rank: RankId) -> Option<&'a str> {
        self.plan.rank_name(rank)
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
