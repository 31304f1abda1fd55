//! One line as one event: the keys of its type and no others.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{COMPANY, calendar};

/// The types of events and their keys besides `id`, `at` and `type`; a registration may also bring an amount.
const TYPES: [(&str, &[&str]); 14] = [
    ("registered", &["user", "sponsor"]),
    ("retopup", &["user", "amount"]),
    ("place", &["user", "level", "tree", "index", "amount"]),
    ("grant", &["user", "amount", "reason"]),
    ("wind_up", &[]),
    ("purchase", &["user", "amount"]),
    ("refund", &["purchase"]),
    ("stake", &["user", "amount"]),
    ("unstake", &["stake"]),
    ("status", &["user", "active"]),
    ("order", &["user", "amount"]),
    ("order_completed", &["order"]),
    ("order_refunded", &["order"]),
    ("tick", &[]),
];

/// A decoded line.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: String,
    pub at: i64,
    pub kind: String,
    fields: BTreeMap<String, Value>,
}

impl Event {
    pub fn decode(line: &str) -> Result<Event, &'static str> {
        let fields: BTreeMap<String, Value> = serde_json::from_str(line).map_err(|_| "not one object")?;
        let text = |key: &str| fields.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(id), Some(kind)) = (text("id"), text("type")) else { return Err("no id or no type") };
        let at = text("at").and_then(calendar::seconds).ok_or("no time")?;
        let Some((_, keys)) = TYPES.iter().find(|(name, _)| *name == kind) else {
            return Err("unknown type");
        };
        let mut expected: Vec<&str> = ["id", "at", "type"].iter().chain(*keys).copied().collect();
        if kind == "registered" && fields.contains_key("amount") {
            expected.push("amount");
        }
        if fields.len() != expected.len() || !expected.iter().all(|key| fields.contains_key(*key)) {
            return Err("other keys than those of the type");
        }
        if !fields.iter().all(|(key, value)| is_of_its_form(key, value)) {
            return Err("a value of another form than its key's");
        }
        Ok(Event { id: id.to_owned(), at, kind: kind.to_owned(), fields })
    }

    pub fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    pub fn text(&self, key: &str) -> &str {
        self.fields[key].as_str().unwrap()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.fields[key].as_bool().unwrap()
    }

    pub fn amount(&self) -> i128 {
        self.text("amount").parse().unwrap()
    }

    /// Payer and amount, if the event brings money.
    pub fn payment(&self) -> Option<(String, i128)> {
        let payer = match self.kind.as_str() {
            "place" | "grant" => COMPANY,
            _ if self.has("amount") => self.text("user"),
            _ => return None,
        };
        Some((payer.to_owned(), self.amount()))
    }
}

fn is_of_its_form(key: &str, value: &Value) -> bool {
    match key {
        "level" | "tree" | "index" => value.as_u64().is_some_and(|number| number >= 1),
        "active" => value.is_boolean(),
        "reason" => value.is_string(),
        "amount" => value.as_str().is_some_and(|text| {
            let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
            digits && text.parse::<i128>().is_ok_and(|units| units <= 10i128.pow(30))
        }),
        _ => value.as_str().is_some_and(|text| !text.is_empty()),
    }
}
