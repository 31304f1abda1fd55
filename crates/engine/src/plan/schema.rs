//! The JSON Schema of plan files, made of the types that read them: their doc comments explain the keys, their
//! attributes bound the values. It says what a file may look like; what only several keys together decide, such as
//! shares above 100 %, is the reader's to refuse.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Map, Value, json};

use super::NEEDS;
use crate::components::PlanFile;

/// The schema as it is printed, with a line end.
pub(super) fn text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a JSON value is always written");
    text.push('\n');
    text
}

/// The schema.
pub(super) fn schema() -> Value {
    let mut schema = generate(SchemaSettings::draft2020_12());
    RecursiveTransform(as_in_toml).transform(&mut schema);
    schema.insert("title".to_owned(), json!("Banyan plan"));
    schema.insert("dependentRequired".to_owned(), needs());
    sorted(schema.to_value())
}

/// The same keys, but `required` names all of them in the order of declaration, which `properties` does not keep.
pub(super) fn in_order() -> Value {
    generate(SchemaSettings::draft2020_12().for_serialize()).to_value()
}

fn generate(settings: SchemaSettings) -> Schema {
    settings
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<PlanFile>()
}

/// TOML has no null: a key without a value is left out. It has whole numbers, not their sizes in memory. And a
/// description is one paragraph.
fn as_in_toml(schema: &mut Schema) {
    let Some(keys) = schema.as_object_mut() else { return };
    keys.remove("format");
    if let Some(Value::String(description)) = keys.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = keys.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = &types[..] {
            keys["type"] = only.clone();
        }
    }
    let Some(Value::Array(mut choices)) = keys.remove("anyOf") else { return };
    choices.retain(|choice| choice["type"] != "null");
    match &mut choices[..] {
        [Value::Object(only)] => {
            let described = std::mem::take(keys);
            keys.append(only);
            keys.extend(described);
        }
        _ => {
            keys.insert("anyOf".to_owned(), choices.into());
        }
    }
}

/// Sections that build on others, as JSON Schema puts it.
fn needs() -> Value {
    let mut needs = Map::new();
    for (section, other) in NEEDS {
        let others = needs.entry(section).or_insert_with(|| json!([]));
        others.as_array_mut().expect("lists were put in").push(other.into());
    }
    needs.into()
}

/// Keys in alphabetical order, however the JSON library keeps them.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(keys) => {
            let mut keys: Vec<(String, Value)> = keys.into_iter().collect();
            keys.sort_by(|a, b| a.0.cmp(&b.0));
            keys.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect::<Vec<_>>().into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
