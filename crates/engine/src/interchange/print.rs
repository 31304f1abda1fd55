//! Records as text: JSON Lines, and CSV with one column for every field that some record has.

use std::fmt::Write;
use std::hint::black_box;

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

/// What an event did as JSON Lines: one object for each record.
///
/// # Panics
/// If a user or event of the records does not come from `texts`.
pub fn json_lines(out: &mut String, event: &str, records: &[Record], texts: &Texts<'_>) {
    let Some((first, others)) = records.split_first() else { return };
    texts.look_up(records);
    let start = out.len();
    json_event(out, event);
    let head = start..out.len();
    json_members(out, first, texts);
    for record in others {
        out.push('\n');
        out.extend_from_within(head.clone());
        json_members(out, record, texts);
    }
    out.push('\n');
}

/// A record as one JSON object, without a line end.
///
/// # Panics
/// If a user or event of the record does not come from `texts`.
pub fn json(out: &mut String, event: &str, record: &Record, texts: &Texts<'_>) {
    json_event(out, event);
    json_members(out, record, texts);
}

/// The beginning that all records of an event have.
fn json_event(out: &mut String, event: &str) {
    out.push_str("{\"event\":");
    quote(out, event);
}

/// What a record says beside its event, and the end of the object.
fn json_members(out: &mut String, record: &Record, texts: &Texts<'_>) {
    let names_are_plain = texts.users.are_plain() && texts.events.are_plain();
    each_field(record, texts, &mut Json { out, names_are_plain });
    out.push('}');
}

/// The members of a JSON object after its first.
struct Json<'a> {
    out: &'a mut String,
    /// Whether no name of a user or event has a letter that JSON escapes.
    names_are_plain: bool,
}

impl Form for Json<'_> {
    #[inline(always)]
    fn put(&mut self, column: Column, cell: Cell<'_>) {
        let out = &mut *self.out;
        match cell {
            Cell::Word(text) => put_plain(out, column, text),
            Cell::Name(text) if self.names_are_plain => put_plain(out, column, text),
            Cell::Name(text) | Cell::Text(text) => {
                out.push_str(column.key());
                quote(out, text);
            }
            Cell::Number(number) => {
                out.push_str(column.key());
                put_number(out, number);
            }
            Cell::Amount(amount) => {
                out.push_str(column.quoted_key());
                put_number(out, amount.units());
                out.push('"');
            }
            Cell::Month(month) => put(out, format_args!("{}{month}\"", column.quoted_key())),
            Cell::Null => {
                out.push_str(column.key());
                out.push_str("null");
            }
        }
    }
}

/// A member whose text has no letter that JSON escapes.
#[inline(always)]
fn put_plain(out: &mut String, column: Column, text: &str) {
    out.push_str(column.quoted_key());
    out.push_str(text);
    out.push('"');
}

/// The first line of CSV, without its line end.
pub fn csv_header(out: &mut String) {
    out.push_str("event");
    for column in Column::ALL {
        out.push(',');
        out.push_str(column.name());
    }
}

/// What an event did as lines of CSV, one for each record.
///
/// # Panics
/// If a user or event of the records does not come from `texts`.
pub fn csv_lines(out: &mut String, event: &str, records: &[Record], texts: &Texts<'_>) {
    texts.look_up(records);
    for record in records {
        csv(out, event, record, texts);
        out.push('\n');
    }
}

/// A record as one line of CSV (RFC 4180), without its line end; what the record has not is empty.
///
/// # Panics
/// If a user or event of the record does not come from `texts`.
pub fn csv(out: &mut String, event: &str, record: &Record, texts: &Texts<'_>) {
    csv_text(out, event);
    let mut row = Csv { out, printed: 0 };
    each_field(record, texts, &mut row);
    row.advance(Column::ALL.len());
}

/// A row of CSV.
struct Csv<'a> {
    out: &'a mut String,
    /// Commas so far.
    printed: usize,
}

impl Csv<'_> {
    /// Prints the commas up to a column.
    fn advance(&mut self, to: usize) {
        self.out.extend(std::iter::repeat_n(',', to - self.printed));
        self.printed = to;
    }
}

impl Form for Csv<'_> {
    fn put(&mut self, column: Column, cell: Cell<'_>) {
        self.advance(column as usize + 1);
        match cell {
            Cell::Word(text) | Cell::Name(text) | Cell::Text(text) => csv_text(self.out, text),
            Cell::Number(number) => put_number(self.out, number),
            Cell::Amount(amount) => put_number(self.out, amount.units()),
            Cell::Month(month) => put(self.out, month),
            Cell::Null => {}
        }
    }
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

            /// What stands before a value in JSON.
            #[inline(always)]
            const fn key(self) -> &'static str {
                match self {
                    $(Column::$column => concat!(",\"", $name, "\":"),)+
                }
            }

            /// What stands before a text in JSON.
            #[inline(always)]
            const fn quoted_key(self) -> &'static str {
                match self {
                    $(Column::$column => concat!(",\"", $name, "\":\""),)+
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
    /// One of the format's own words.
    Word(&'static str),
    /// The name of a user or the id of an event.
    Name(&'a str),
    /// A text of the plan.
    Text(&'a str),
    Number(u64),
    Amount(Amount),
    Month(Month),
    Null,
}

/// How the fields of a record are put down.
trait Form {
    fn put(&mut self, column: Column, cell: Cell<'_>);
}

/// Hands the fields that a record has to `form`, in the order of the columns.
fn each_field(record: &Record, texts: &Texts<'_>, form: &mut impl Form) {
    match *record {
        Record::Reward(ref reward) => reward_fields(reward, texts, form),
        Record::Seat(ref seat) => {
            seat_fields("seat", seat.user, seat.seat, texts, form);
            form.put(Column::Parent, seat.parent.map_or(Cell::Null, Cell::Number));
            form.put(Column::Price, Cell::Amount(seat.price));
        }
        Record::Completed(done) => seat_fields("completed", done.user, done.seat, texts, form),
        Record::Reserve(reserve) => {
            seat_fields("reserve", reserve.user, reserve.seat, texts, form);
            form.put(Column::Spent, Cell::Amount(reserve.spent));
            form.put(Column::Released, Cell::Amount(reserve.released));
        }
        Record::Vested { purchase } => {
            form.put(Column::Record, Cell::Word("vested"));
            form.put(Column::Purchase, Cell::Name(texts.events.id(purchase)));
        }
        Record::Rank { user, rank } => {
            form.put(Column::Record, Cell::Word("rank"));
            form.put(Column::User, Cell::Name(texts.users.name(user)));
            texts.rank(rank).into_iter().for_each(|name| form.put(Column::Rank, Cell::Text(name)));
        }
        Record::Order(order) => {
            form.put(Column::Record, Cell::Word("order"));
            form.put(Column::User, Cell::Name(texts.users.name(order.user)));
            form.put(Column::List, Cell::Amount(order.list));
            form.put(Column::Discount, Cell::Amount(order.discount));
            form.put(Column::Net, Cell::Amount(order.net));
        }
    }
}

fn reward_fields(reward: &Reward, texts: &Texts<'_>, form: &mut impl Form) {
    form.put(Column::Record, Cell::Word("reward"));
    form.put(Column::Kind, Cell::Word(reward.kind.name()));
    form.put(Column::To, Cell::Name(texts.users.name(reward.to)));
    form.put(Column::Amount, Cell::Amount(reward.amount));
    form.put(Column::Source, Cell::Name(texts.users.name(reward.source)));
    form.put(Column::State, Cell::Word(reward.state.name()));
    match reward.detail {
        Detail::None => {}
        Detail::Pool { level, .. } => form.put(Column::Level, Cell::Number(level.into())),
        Detail::Depth(depth) => form.put(Column::Depth, Cell::Number(depth.into())),
        Detail::Rank(rank) => {
            texts.rank(rank).into_iter().for_each(|name| form.put(Column::Rank, Cell::Text(name)));
        }
        Detail::Position(event) => form.put(Column::Position, Cell::Name(texts.events.id(event))),
        Detail::Month(month) => form.put(Column::Month, Cell::Month(month)),
    }
}

fn seat_fields(record: &'static str, user: UserId, seat: SeatRef, texts: &Texts<'_>, form: &mut impl Form) {
    form.put(Column::Record, Cell::Word(record));
    form.put(Column::User, Cell::Name(texts.users.name(user)));
    form.put(Column::Level, Cell::Number(seat.level.into()));
    form.put(Column::Tree, Cell::Number(seat.tree.into()));
    form.put(Column::Index, Cell::Number(seat.index));
}

impl<'a> Texts<'a> {
    fn rank(&self, rank: RankId) -> Option<&'a str> {
        self.plan.rank_name(rank)
    }

    /// Reads the beginnings of the names that the records will be printed with: they lie all over memory, and side by
    /// side they come in the time of one.
    fn look_up(&self, records: &[Record]) {
        let letter = |record: &Record| self.users.first_letter(record.user().unwrap_or(UserId::COMPANY));
        // Nothing is done with what was read: the reading is what counts.
        black_box(records.iter().fold(0, |seen, record| seen ^ letter(record)));
    }
}

fn put(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("writing to a String cannot fail");
}

fn put_number(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// Whether a text has no letter that JSON escapes, as nearly every name.
pub(super) fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}

/// A JSON string.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    if is_plain(text) {
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
