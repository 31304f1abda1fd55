//! One line as one event: exactly the keys of its type, each of exactly the form that `plans.md` gives it.

use std::borrow::Cow;

use banyan_types::Amount;

use super::at::parse_at;
use super::names::Names;
use super::object::{self, Malformed, Value};
use crate::{Event, EventBody, EventId, UserId};

/// The largest amount that an event may carry: 10^30 smallest units.
const MAX_AMOUNT: i128 = 10i128.pow(30);
/// How much of a faulty text an error repeats.
const SHOWN: usize = 60;

/// Why a line is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The bytes are no text.
    #[error("expected UTF-8, got something else at byte {0}")]
    NotUtf8(usize),
    /// The text is not one JSON object.
    #[error("expected one JSON object: at byte {column} there should be {expected}")]
    NotAnObject {
        /// Byte in the line, from 1.
        column: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A key stands twice in the object.
    #[error("expected every key once, got `{0}` twice")]
    DuplicateKey(String),
    /// A key that an event of this type has not.
    #[error("unknown key `{key}`; the nearest known key is `{nearest}` (known for `{of}`: {known})")]
    UnknownKey {
        /// The key.
        key: String,
        /// The known key that is most like it.
        nearest: &'static str,
        /// Type of the event.
        of: &'static str,
        /// All keys of the type.
        known: String,
    },
    /// A key that an event of this type must have.
    #[error("expected the key `{0}`, which is missing")]
    MissingKey(&'static str),
    /// A type of event that nobody knows.
    #[error("unknown `type` {came:?}; the nearest known type is `{nearest}` (known: {known})")]
    UnknownType {
        /// What came.
        came: String,
        /// The known type that is most like it.
        nearest: &'static str,
        /// All types.
        known: String,
    },
    /// A value of another form than its key asks.
    #[error("expected {expected} as `{key}`, got {came}")]
    Value {
        /// The key.
        key: &'static str,
        /// The form.
        expected: &'static str,
        /// What came.
        came: String,
    },
}

/// What a line says.
pub(super) enum Decoded<'a> {
    /// An event, with its id.
    Event(Cow<'a, str>, Event),
    /// No event, why, and the id if it has one all the same.
    Faulty(Option<Cow<'a, str>>, LineError),
}

/// Every key that some event has; the number is its place in [`Fields`].
const KEYS: [&str; 14] = [
    "id", "at", "type", "user", "sponsor", "amount", "level", "tree", "index", "reason", "purchase", "stake",
    "order", "active",
];
const ID: usize = 0;
const AT: usize = 1;
const TYPE: usize = 2;
const USER: usize = 3;
const SPONSOR: usize = 4;
const AMOUNT: usize = 5;
const LEVEL: usize = 6;
const TREE: usize = 7;
const INDEX: usize = 8;
const REASON: usize = 9;
const PURCHASE: usize = 10;
const STAKE: usize = 11;
const ORDER: usize = 12;
const ACTIVE: usize = 13;

/// The place of a key in [`KEYS`], by its length and one comparison instead of fourteen.
fn place_of(key: &str) -> Option<usize> {
    Some(match key {
        "id" => ID,
        "at" => AT,
        "type" => TYPE,
        "user" => USER,
        "sponsor" => SPONSOR,
        "amount" => AMOUNT,
        "level" => LEVEL,
        "tree" => TREE,
        "index" => INDEX,
        "reason" => REASON,
        "purchase" => PURCHASE,
        "stake" => STAKE,
        "order" => ORDER,
        "active" => ACTIVE,
        _ => return None,
    })
}

/// A type of event, and its keys besides `id`, `at` and `type`.
struct Kind {
    name: &'static str,
    keys: &'static [usize],
    body: fn(&Fields<'_>, &mut Known<'_>) -> Result<EventBody, LineError>,
}

/// The texts that lines may name: users, who get a number when they first appear, and earlier events.
pub(super) struct Known<'a> {
    pub(super) users: &'a mut Names,
    pub(super) events: &'a Names,
}

const KINDS: [Kind; 14] = [
    Kind { name: "registered", keys: &[USER, SPONSOR, AMOUNT], body: registered },
    Kind { name: "retopup", keys: &[USER, AMOUNT], body: retopup },
    Kind { name: "place", keys: &[USER, LEVEL, TREE, INDEX, AMOUNT], body: place },
    Kind { name: "grant", keys: &[USER, AMOUNT, REASON], body: grant },
    Kind { name: "wind_up", keys: &[], body: |_, _| Ok(EventBody::WindUp) },
    Kind { name: "purchase", keys: &[USER, AMOUNT], body: purchase },
    Kind { name: "refund", keys: &[PURCHASE], body: refund },
    Kind { name: "stake", keys: &[USER, AMOUNT], body: stake },
    Kind { name: "unstake", keys: &[STAKE], body: unstake },
    Kind { name: "status", keys: &[USER, ACTIVE], body: status },
    Kind { name: "order", keys: &[USER, AMOUNT], body: order },
    Kind { name: "order_completed", keys: &[ORDER], body: order_completed },
    Kind { name: "order_refunded", keys: &[ORDER], body: order_refunded },
    Kind { name: "tick", keys: &[], body: |_, _| Ok(EventBody::Tick) },
];

/// The one key that its type of event may lack: a registration is free under some plans.
const OPTIONAL: (&str, usize) = ("registered", AMOUNT);

fn registered(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let (user, sponsor) = (fields.name(USER)?, fields.name(SPONSOR)?);
    let amount = fields.values[AMOUNT].as_ref().map(|_| fields.amount()).transpose()?;
    Ok(EventBody::Registered { sponsor: known.users.user(sponsor), user: known.users.user(user), amount })
}

fn retopup(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let (user, amount) = fields.payment(known)?;
    Ok(EventBody::Retopup { user, amount })
}

fn place(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let (level, tree, index) = (fields.number(LEVEL)?, fields.number(TREE)?, fields.number(INDEX)?);
    let (user, amount) = fields.payment(known)?;
    Ok(EventBody::Place { user, level, tree, index, amount })
}

fn grant(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    fields.text(REASON)?;
    let (user, amount) = fields.payment(known)?;
    Ok(EventBody::Grant { user, amount })
}

fn purchase(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let (user, amount) = fields.payment(known)?;
    Ok(EventBody::Purchase { user, amount })
}

fn refund(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    Ok(EventBody::Refund { purchase: fields.event_named(PURCHASE, known)? })
}

fn stake(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let (user, amount) = fields.payment(known)?;
    Ok(EventBody::Stake { user, amount })
}

fn unstake(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    Ok(EventBody::Unstake { stake: fields.event_named(STAKE, known)? })
}

fn status(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let active = fields.truth(ACTIVE)?;
    Ok(EventBody::Status { user: known.users.user(fields.name(USER)?), active })
}

fn order(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    let (user, amount) = fields.payment(known)?;
    Ok(EventBody::Order { user, amount })
}

fn order_completed(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    Ok(EventBody::OrderCompleted { order: fields.event_named(ORDER, known)? })
}

fn order_refunded(fields: &Fields<'_>, known: &mut Known<'_>) -> Result<EventBody, LineError> {
    Ok(EventBody::OrderRefunded { order: fields.event_named(ORDER, known)? })
}

/// Understands a line's members. Names of users are numbered as they come.
pub(super) fn decode<'a>(fields: &Fields<'a>, known: &mut Known<'_>) -> Decoded<'a> {
    let id = match fields.id() {
        Ok(id) => id,
        Err(err) => return Decoded::Faulty(None, err),
    };
    match fields.event(known) {
        Ok(event) => Decoded::Event(id, event),
        Err(err) => Decoded::Faulty(Some(id), err),
    }
}

/// The members of one object.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    values: [Option<Value<'a>>; KEYS.len()],
    /// The first key that came twice.
    duplicate: Option<Cow<'a, str>>,
    /// The first key that no event has.
    unknown: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    /// Splits a line into its members.
    pub(super) fn read(line: &'a [u8]) -> Result<Fields<'a>, LineError> {
        let line = std::str::from_utf8(line).map_err(|err| LineError::NotUtf8(err.valid_up_to() + 1))?;
        let mut fields = Fields { values: [const { None }; KEYS.len()], duplicate: None, unknown: None };
        let read = object::read(line, |key, value| match place_of(&key) {
            Some(place) if fields.values[place].is_none() => fields.values[place] = Some(value),
            Some(_) => fields.duplicate = Some(key),
            None => fields.unknown = fields.unknown.take().or(Some(key)),
        });
        match read {
            Ok(()) => Ok(fields),
            Err(Malformed { column, expected }) => Err(LineError::NotAnObject { column, expected }),
        }
    }

    /// The texts that will be looked up: the event's id, its user and a newcomer's sponsor.
    pub(super) fn texts(&self) -> [Option<&str>; 3] {
        [ID, USER, SPONSOR].map(|key| match &self.values[key] {
            Some(Value::Text(text)) => Some(&**text),
            Some(_) | None => None,
        })
    }

    /// The id; one that came twice is none.
    fn id(&self) -> Result<Cow<'a, str>, LineError> {
        if self.duplicate.as_deref() == Some(KEYS[ID]) {
            return Err(LineError::DuplicateKey(KEYS[ID].to_owned()));
        }
        self.name(ID)?;
        match &self.values[ID] {
            Some(Value::Text(id)) => Ok(id.clone()),
            Some(_) | None => Err(LineError::MissingKey(KEYS[ID])),
        }
    }

    /// The event: its number is that of the next event.
    fn event(&self, known: &mut Known<'_>) -> Result<Event, LineError> {
        if let Some(key) = &self.duplicate {
            return Err(LineError::DuplicateKey(shown(key)));
        }
        let kind = self.kind()?;
        self.check_keys(kind)?;
        let at = self.text(AT)?;
        let at = parse_at(at)
            .ok_or_else(|| self.unfit(AT, "a real time YYYY-MM-DDTHH:MM:SSZ of the years 1970 to 9999"))?;
        Ok(Event { id: EventId(known.events.len()), at, body: (kind.body)(self, known)? })
    }

    fn kind(&self) -> Result<&'static Kind, LineError> {
        let name = self.text(TYPE)?;
        KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
            let names: Vec<&'static str> = KINDS.iter().map(|kind| kind.name).collect();
            let nearest = nearest(name, &names);
            LineError::UnknownType { came: shown(name), nearest, known: names.join(", ") }
        })
    }

    /// Exactly the listed keys are allowed.
    fn check_keys(&self, kind: &'static Kind) -> Result<(), LineError> {
        let belongs = |place: usize| place <= TYPE || kind.keys.contains(&place);
        let stray = (0..KEYS.len()).find(|place| !belongs(*place) && self.values[*place].is_some());
        let foreign = self.unknown.as_deref().or(stray.map(|place| KEYS[place]));
        if let Some(key) = foreign {
            let known: Vec<&'static str> =
                (0..KEYS.len()).filter(|place| belongs(*place)).map(|place| KEYS[place]).collect();
            let (nearest, of) = (nearest(key, &known), kind.name);
            return Err(LineError::UnknownKey { key: shown(key), nearest, of, known: known.join(", ") });
        }
        let needed = |place: usize| belongs(place) && (kind.name, place) != OPTIONAL;
        match (AT..KEYS.len()).find(|place| needed(*place) && self.values[*place].is_none()) {
            Some(missing) => Err(LineError::MissingKey(KEYS[missing])),
            None => Ok(()),
        }
    }

    /// Who paid how much.
    fn payment(&self, known: &mut Known<'_>) -> Result<(UserId, Amount), LineError> {
        let (user, amount) = (self.name(USER)?, self.amount()?);
        Ok((known.users.user(user), amount))
    }

    /// An earlier event, by its id; one that did not happen is [`EventId::NONE`].
    fn event_named(&self, key: usize, known: &Known<'_>) -> Result<EventId, LineError> {
        let number = known.events.entry(self.name(key)?).known;
        Ok(number.map_or(EventId::NONE, EventId))
    }

    /// `true` or `false`.
    fn truth(&self, key: usize) -> Result<bool, LineError> {
        match &self.values[key] {
            Some(Value::Other("true")) => Ok(true),
            Some(Value::Other("false")) => Ok(false),
            Some(_) => Err(self.unfit(key, "true or false")),
            None => Err(LineError::MissingKey(KEYS[key])),
        }
    }

    /// A string.
    fn text(&self, key: usize) -> Result<&str, LineError> {
        match &self.values[key] {
            Some(Value::Text(text)) => Ok(text),
            Some(_) => Err(self.unfit(key, "a string")),
            None => Err(LineError::MissingKey(KEYS[key])),
        }
    }

    /// A string that is not empty.
    fn name(&self, key: usize) -> Result<&str, LineError> {
        match self.text(key)? {
            "" => Err(self.unfit(key, "a string that is not empty")),
            name => Ok(name),
        }
    }

    /// An amount: a string of digits, above 0 and at most 10^30.
    fn amount(&self) -> Result<Amount, LineError> {
        const EXPECTED: &str = "a string [1-9][0-9]* of smallest units, at most 10^30,";
        let text = self.text(AMOUNT)?;
        let digits = !text.starts_with('0') && text.len() <= 31 && text.bytes().all(|b| b.is_ascii_digit());
        let units = if digits { text.parse().ok() } else { None };
        units
            .filter(|units| *units <= MAX_AMOUNT)
            .and_then(Amount::from_units)
            .ok_or_else(|| self.unfit(AMOUNT, EXPECTED))
    }

    /// A whole number from 1; what is beyond u64 counts as the largest, since no seat has either number.
    fn number(&self, key: usize) -> Result<u64, LineError> {
        match &self.values[key] {
            Some(Value::Number(text)) if text.bytes().all(|b| b.is_ascii_digit()) && *text != "0" => {
                Ok(text.parse().unwrap_or(u64::MAX))
            }
            Some(_) => Err(self.unfit(key, "a whole number from 1, without fraction or exponent,")),
            None => Err(LineError::MissingKey(KEYS[key])),
        }
    }

    fn unfit(&self, key: usize, expected: &'static str) -> LineError {
        let came = match &self.values[key] {
            Some(Value::Text(text)) => format!("the string {:?}", shown(text)),
            Some(Value::Number(text)) => format!("the number {}", shown(text)),
            Some(Value::Other(what)) => (*what).to_owned(),
            None => "nothing".to_owned(),
        };
        LineError::Value { key: KEYS[key], expected, came }
    }
}

/// The known word most like `came`.
fn nearest(came: &str, known: &[&'static str]) -> &'static str {
    let came = shown(came);
    let likeness = |word: &str| strsim::jaro_winkler(word, &came);
    known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).expect("something is known")
}

/// The beginning of a text from outside, fit for a message: without control characters.
pub fn shown(text: &str) -> String {
    text.chars().take(SHOWN).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_at_its_place() {
        for (number, key) in KEYS.iter().enumerate() {
            assert_eq!(place_of(key), Some(number), "{key}");
        }
        assert_eq!(["", "ID", "idx", "amounts"].map(place_of), [None; 4]);
    }
}
