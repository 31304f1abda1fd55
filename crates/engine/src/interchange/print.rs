//! Records as text: JSON Lines, and CSV with one column for every field that some record has.

use std::fmt::Write;

use banyan_types::Amount;

use super::names::Names;
use crate::calendar::Month;
use crate::{Detail, Plan, RankId, Record, Reward, SeatRef, UserId};

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
    each_field(record, texts, |column, cell| {
        out.push_str(",\"");
        out.push_str(column.name());
        out.push_str("\":");
        match cell {
            Cell::Text(text) => quote(out, text),
            Cell::Number(number) => put_number(out, number),
            Cell::Amount(amount) => {
                out.push('"');
                put_number(out, amount.units());
                out.push('"');
            }
            Cell::Month(month) => put(out, format_args!("\"{month}\"")),
            Cell::Null => out.push_str("null"),
        }
    });
    out.push('}');
}

/// The first line of CSV, without its line end.
pub fn csv_header(out: &mut String) {
    out.push_str("event");
    for column in Column::ALL {
        out.push(',');
        out.push_str(column.name());
    }
}

/// A record as one line of CSV (RFC 4180), without its line end; what the record has not is empty.
///
/// # Panics
/// If a user or event of the record does not come from `texts`.
pub fn csv(out: &mut String, event: &str, record: &Record, texts: &Texts<'_>) {
    csv_text(out, event);
    let mut printed = 0;
    each_field(record, texts, |column, cell| {
        advance(out, &mut printed, column as usize + 1);
        match cell {
            Cell::Text(text) => csv_text(out, text),
            Cell::Number(number) => put_number(out, number),
            Cell::Amount(amount) => put_number(out, amount.units()),
            Cell::Month(month) => put(out, month),
            Cell::Null => {}
        }
    });
    advance(out, &mut printed, Column::ALL.len());
}

/// Prints the commas up to a column.
fn advance(out: &mut String, printed: &mut usize, to: usize) {
    out.extend(std::iter::repeat_n(',', to - *printed));
    *printed = to;
}

macro_rules! columns {
    ($($column:ident $name:literal,)+) => {
        /// The fields of records, in the order in which they are printed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
        enum Column {
            $($column,)+
        }

        impl Column {
            /// Every column, in the order of declaration: `ALL[column as usize] == column`.
            const ALL: &[Column] = &[$(Column::$column,)+];

            const fn name(self) -> &'static str {
                match self {
                    $(Column::$column => $name,)+
                }
            }
        }
    };
}

columns! {
    Record "record",
    Kind "kind",
    To "to",
    Amount "amount",
    Source "source",
    State "state",
    Depth "depth",
    User "user",
    Level "level",
    Tree "tree",
    Index "index",
    Parent "parent",
    Price "price",
    Spent "spent",
    Released "released",
    Rank "rank",
    Position "position",
    Month "month",
    Purchase "purchase",
    List "list",
    Discount "discount",
    Net "net",
}

enum Cell<'a> {
    Text(&'a str),
    Number(u64),
    Amount(Amount),
    Month(Month),
    Null,
}

/// Hands the fields that a record has to `put`, in the order of the columns.
fn each_field<'a>(record: &Record, texts: &Texts<'a>, mut put: impl FnMut(Column, Cell<'a>)) {
    match *record {
        Record::Reward(ref reward) => reward_fields(reward, texts, put),
        Record::Seat(ref seat) => {
            seat_fields("seat", seat.user, seat.seat, texts, &mut put);
            put(Column::Parent, seat.parent.map_or(Cell::Null, Cell::Number));
            put(Column::Price, Cell::Amount(seat.price));
        }
        Record::Completed(done) => seat_fields("completed", done.user, done.seat, texts, &mut put),
        Record::Reserve(reserve) => {
            seat_fields("reserve", reserve.user, reserve.seat, texts, &mut put);
            put(Column::Spent, Cell::Amount(reserve.spent));
            put(Column::Released, Cell::Amount(reserve.released));
        }
        Record::Vested { purchase } => {
            put(Column::Record, Cell::Text("vested"));
            put(Column::Purchase, Cell::Text(texts.events.id(purchase)));
        }
        Record::Rank { user, rank } => {
            put(Column::Record, Cell::Text("rank"));
            put(Column::User, Cell::Text(texts.users.name(user)));
            texts.rank(rank).into_iter().for_each(|name| put(Column::Rank, Cell::Text(name)));
        }
        Record::Order(order) => {
            put(Column::Record, Cell::Text("order"));
            put(Column::User, Cell::Text(texts.users.name(order.user)));
            put(Column::List, Cell::Amount(order.list));
            put(Column::Discount, Cell::Amount(order.discount));
            put(Column::Net, Cell::Amount(order.net));
        }
    }
}

fn reward_fields<'a>(reward: &Reward, texts: &Texts<'a>, mut put: impl FnMut(Column, Cell<'a>)) {
    put(Column::Record, Cell::Text("reward"));
    put(Column::Kind, Cell::Text(reward.kind.name()));
    put(Column::To, Cell::Text(texts.users.name(reward.to)));
    put(Column::Amount, Cell::Amount(reward.amount));
    put(Column::Source, Cell::Text(texts.users.name(reward.source)));
    put(Column::State, Cell::Text(reward.state.name()));
    match reward.detail {
        Detail::None => {}
        Detail::Pool { level, .. } => put(Column::Level, Cell::Number(level.into())),
        Detail::Depth(depth) => put(Column::Depth, Cell::Number(depth.into())),
        Detail::Rank(rank) => {
            texts.rank(rank).into_iter().for_each(|name| put(Column::Rank, Cell::Text(name)));
        }
        Detail::Position(event) => put(Column::Position, Cell::Text(texts.events.id(event))),
        Detail::Month(month) => put(Column::Month, Cell::Month(month)),
    }
}

fn seat_fields<'a>(
    record: &'static str,
    user: UserId,
    seat: SeatRef,
    texts: &Texts<'a>,
    put: &mut impl FnMut(Column, Cell<'a>),
) {
    put(Column::Record, Cell::Text(record));
    put(Column::User, Cell::Text(texts.users.name(user)));
    put(Column::Level, Cell::Number(seat.level.into()));
    put(Column::Tree, Cell::Number(seat.tree.into()));
    put(Column::Index, Cell::Number(seat.index));
}

impl<'a> Texts<'a> {
    fn rank(&self, rank: RankId) -> Option<&'a str> {
        self.plan.rank_name(rank)
    }
}

fn put(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("writing to a String cannot fail");
}

fn put_number(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// A JSON string.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    // Nearly every name is without these, and copied as a whole.
    if !text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        out.push_str(text);
        out.push('"');
        return;
    }
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

    #[test]
    fn a_column_stands_at_its_number() {
        for (place, column) in Column::ALL.iter().enumerate() {
            assert_eq!(*column as usize, place);
        }
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
