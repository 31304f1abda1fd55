//! Which keys of two plans differ.

use std::collections::{BTreeMap, BTreeSet};

use banyan_types::{Amount, Bps};
use serde::Serialize;
use serde_json::Value;

use crate::Plan;
use crate::plan::values::{AMOUNT, SHARE};

/// A key with different values. Defaults are filled in; a list of plain values is one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key, such as `pool.levels` or `ranks.rank[2].bonus`, counted from 1.
    pub key: String,
    /// Its value in the old plan, in canonical form: amounts in smallest units, shares in basis points. Null where the
    /// key is absent.
    pub old: Value,
    /// Its value in the new plan.
    pub new: Value,
    /// Old and new as people write them.
    #[serde(skip)]
    pub written: [String; 2],
}

/// One value in two forms.
struct Leaf {
    value: Value,
    written: String,
}

/// The keys that differ, sorted by table and place.
pub fn keys(old: &Plan, new: &Plan) -> Vec<Change> {
    let schema: Value = serde_json::from_str(&Plan::json_schema()).expect("the schema is JSON");
    let [mut old, mut new] = [old, new].map(|plan| leaves(plan, &schema));
    let keys: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    let absent = || Leaf { value: Value::Null, written: "absent".to_owned() };
    let changes = keys.into_iter().filter_map(|key| {
        let [old, new] = [&mut old, &mut new].map(|leaves| leaves.remove(&key).unwrap_or_else(absent));
        let written = [old.written, new.written];
        (old.value != new.value).then(|| Change { key: shown(&key), old: old.value, new: new.value, written })
    });
    changes.collect()
}

/// The plan's values by key; places in lists are padded, so that keys sort as they count.
fn leaves(plan: &Plan, schema: &Value) -> BTreeMap<String, Leaf> {
    let canonical: Value = serde_json::from_str(&plan.canonical_json()).expect("the canonical form is JSON");
    let mut leaves = BTreeMap::new();
    collect(&mut leaves, plan.decimals(), String::new(), &canonical, schema);
    leaves
}

/// A key as it is shown, without the padding.
fn shown(key: &str) -> String {
    let mut parts = key.split('[');
    let mut name = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| name.extend(["[", part.trim_start_matches('0')]));
    name
}

fn collect(leaves: &mut BTreeMap<String, Leaf>, decimals: u8, key: String, value: &Value, schema: &Value) {
    match value {
        Value::Null => {}
        Value::Object(table) => {
            for (name, value) in table {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                collect(leaves, decimals, key, value, &schema["properties"][name]);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (place, item) in (1..).zip(items) {
                collect(leaves, decimals, format!("{key}[{place:03}]"), item, &schema["items"]);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            leaves.insert(key, Leaf { value: value.clone(), written: written(value, schema, decimals) });
        }
    }
}

/// A value as people write it.
fn written(value: &Value, schema: &Value, decimals: u8) -> String {
    let share = |points: u64| Bps::new(u16::try_from(points).ok()?).ok();
    match (value, schema["title"].as_str()) {
        (Value::Array(items), _) => {
            let items: Vec<String> =
                items.iter().map(|item| written(item, &schema["items"], decimals)).collect();
            if items.is_empty() { "none".to_owned() } else { items.join(", ") }
        }
        (Value::Number(points), Some(SHARE)) => {
            points.as_u64().and_then(share).expect("a plan's shares are shares").to_string()
        }
        (Value::String(units), Some(AMOUNT)) => {
            units.parse::<Amount>().expect("a plan's amounts are amounts").to_decimal(decimals)
        }
        (Value::String(text), _) => text.clone(),
        (value, _) => value.to_string(),
    }
}
