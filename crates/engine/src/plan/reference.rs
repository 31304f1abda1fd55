//! The reference of plan files for people, made of the schema: every key with its type, whether it must be there, what
//! it means and an example, and a whole file in which every key occurs.

use std::fmt::Write;

use serde_json::Value;

use super::NEEDS;
use super::schema;

/// Columns of a line in the example.
const WIDTH: usize = 118;

const HEAD: &str = "\
# Plan files: every key

<!-- Made by `banyan plan reference` of the types that read plan files. Edit those. -->

A plan is a TOML file of sections. Which sections there are decides what the programme does: `[registration]`,
`[retopup]`, `[staking]` and `[orders]` take payments, and so does each of `[vesting]`, `[unilevel]`, `[ranks]`,
`[infinity]` and `[referral]` (purchases); a plan has at least one of them. A key that is not listed here is refused.

- A **share** is a percentage in quotes with at most two digits after the point, such as `\"12.5%\"`, or whole basis
  points, such as `1250`. Of an amount it is rounded down; what that leaves over is the company's.
- An **amount** is a decimal text in the plan's currency, such as `\"20\"` or `\"0.5\"`, with at most as many digits after the
  point as the currency has.
- Shares of one payment are at most 100% together.

`banyan plan schema` prints the same as JSON Schema. Editors that know Even Better TOML or Taplo check and complete a
file that begins with `#:schema ./plan.schema.json`. `banyan plan show FILE` tells what a plan does, in its own amounts.
";

/// One key, or table of keys, of a plan file.
struct Key<'a> {
    /// As it is written in its table.
    name: &'a str,
    /// As the schema describes it.
    schema: &'a Value,
    required: bool,
    /// The table's, in the order of declaration.
    keys: Vec<Key<'a>>,
}

/// The reference as it is printed.
pub(super) fn markdown() -> String {
    let (schema, order) = (schema::schema(), schema::in_order());
    let keys = keys(&schema, &order);
    let mut out = HEAD.to_owned();
    let (sections, plain): (Vec<&Key>, Vec<&Key>) = keys.iter().partition(|key| key.is_table());
    write_table(&mut out, "Before the first section", "", &plain, "");
    for section in sections {
        write_section(&mut out, section, section.name);
    }
    out.push_str("\n## A file with every key\n\nNo programme has all of these sections.\n\n```toml\n");
    out.push_str("#:schema ./plan.schema.json\n");
    write_example(&mut out, &keys, "");
    out.push_str("```\n");
    out
}

/// The keys of a table; `order` is its schema with all keys required.
fn keys<'a>(schema: &'a Value, order: &'a Value) -> Vec<Key<'a>> {
    let table = if schema["items"].is_object() { &schema["items"] } else { schema };
    let order = if order["items"].is_object() { &order["items"] } else { order };
    let names = order["required"].as_array().map_or(&[][..], Vec::as_slice);
    let required = |name: &str| {
        table["required"].as_array().is_some_and(|required| required.iter().any(|other| other == name))
    };
    let key = |name: &'a Value| {
        let name = name.as_str().expect("names are texts");
        let schema = &table["properties"][name];
        let keys = keys(schema, &order["properties"][name]);
        Key { name, schema, required: required(name), keys }
    };
    names.iter().map(key).collect()
}

impl Key<'_> {
    fn is_table(&self) -> bool {
        !self.keys.is_empty() && !self.is_list()
    }

    /// A table that may be written several times.
    fn is_list(&self) -> bool {
        !self.keys.is_empty() && self.schema["items"].is_object()
    }

    fn meaning(&self) -> &str {
        self.schema["description"].as_str().expect("every key has a doc comment")
    }

    /// In TOML; none for tables.
    fn example(&self) -> Option<String> {
        self.keys.is_empty().then(|| toml(&self.schema["examples"][0]))
    }

    fn presence(&self) -> String {
        match &self.schema["default"] {
            _ if self.required => "required".to_owned(),
            Value::Null => "optional".to_owned(),
            default => format!("default `{default}`"),
        }
    }
}

/// A section, and the tables in it.
fn write_section(out: &mut String, section: &Key<'_>, path: &str) {
    let brackets = if section.is_list() { ["[[", "]]"] } else { ["[", "]"] };
    let heading = format!("`{}{path}{}`", brackets[0], brackets[1]);
    let (tables, plain): (Vec<&Key>, Vec<&Key>) = section.keys.iter().partition(|key| !key.keys.is_empty());
    let mut meaning = format!("{} {}", presence_of_table(section, path), section.meaning());
    for (needing, other) in NEEDS {
        if needing == path {
            write!(meaning, " Needs `[{other}]` beside it.").expect("writing to a String cannot fail");
        }
    }
    write_table(out, &heading, &meaning, &plain, path);
    for table in tables {
        write_section(out, table, &format!("{path}.{}", table.name));
    }
}

fn presence_of_table(table: &Key<'_>, path: &str) -> &'static str {
    let may_be_empty = table.schema["minItems"].is_null();
    match (table.required, table.is_list(), path.contains('.')) {
        (true, true, _) if may_be_empty => "As often as you like:",
        (true, true, _) => "Required, once or more:",
        (true, false, _) => "Required:",
        (false, _, true) => "Optional:",
        (false, _, false) => "",
    }
}

fn write_table(out: &mut String, heading: &str, meaning: &str, keys: &[&Key<'_>], path: &str) {
    let level = if path.contains('.') { "###" } else { "##" };
    write!(out, "\n{level} {heading}\n\n").expect("writing to a String cannot fail");
    if !meaning.trim().is_empty() {
        write!(out, "{}\n\n", meaning.trim()).expect("writing to a String cannot fail");
    }
    if keys.is_empty() {
        out.truncate(out.trim_end().len() + 1);
        return;
    }
    out.push_str("| key | type | | meaning | example |\n|---|---|---|---|---|\n");
    for key in keys {
        let example = key.example().expect("tables are written apart");
        let (name, kind, meaning) = (key.name, kind(key.schema), key.meaning());
        writeln!(out, "| `{name}` | {kind} | {} | {meaning} | `{example}` |", key.presence())
            .expect("writing to a String cannot fail");
    }
}

/// The type of a value, in words.
fn kind(schema: &Value) -> String {
    if let Some(title) = schema["title"].as_str() {
        return title.to_owned();
    }
    if let Some(choices) = choices(schema) {
        return choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(" or ");
    }
    match schema["type"].as_str() {
        Some("integer") => format!("whole number{}", bounds(schema, ["minimum", "maximum"])),
        Some("array") => {
            let items = kind(&schema["items"]);
            format!("list of {items}s{}", bounds(schema, ["minItems", "maxItems"]))
        }
        Some("string") => "text".to_owned(),
        other => unreachable!("no key of a plan file has the type {other:?}"),
    }
}

/// The texts that are allowed, if they are listed.
fn choices(schema: &Value) -> Option<Vec<&Value>> {
    let one_of = schema["oneOf"].as_array()?;
    Some(one_of.iter().map(|choice| &choice["const"]).collect())
}

fn bounds(schema: &Value, keys: [&str; 2]) -> String {
    match keys.map(|key| schema[key].as_u64()) {
        [Some(least), Some(most)] if least == most => format!(", exactly {least}"),
        [Some(least), Some(most)] => format!(", {least} to {most}"),
        [Some(least), None] => format!(", {least} or more"),
        [None, Some(most)] => format!(", at most {most}"),
        [None, None] => String::new(),
    }
}

/// A value as TOML writes it.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        // JSON's escapes are TOML's, and a plan has no other kinds.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

/// The tables of the example: values first, as TOML wants it.
fn write_example(out: &mut String, keys: &[Key<'_>], path: &str) {
    for key in keys.iter().filter(|key| key.keys.is_empty()) {
        write_value(out, key, &key.schema["examples"][0]);
    }
    for key in keys.iter().filter(|key| !key.keys.is_empty()) {
        let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        out.push('\n');
        write_comment(out, key.meaning());
        if key.is_table() {
            writeln!(out, "[{path}]").expect("writing to a String cannot fail");
            write_example(out, &key.keys, &path);
        } else {
            write_list(out, key, &path);
        }
    }
}

/// A table that is written several times: with the list's own example, or else once with those of its keys.
fn write_list(out: &mut String, list: &Key<'_>, path: &str) {
    let heading = format!("[[{path}]]\n");
    let Some(examples) = list.schema["examples"][0].as_array() else {
        out.push_str(&heading);
        return write_example(out, &list.keys, path);
    };
    for (place, example) in examples.iter().enumerate() {
        out.push_str(if place == 0 { "" } else { "\n" });
        out.push_str(&heading);
        for key in list.keys.iter().filter(|key| !example[key.name].is_null()) {
            write_value(out, key, &example[key.name]);
        }
    }
}

fn write_value(out: &mut String, key: &Key<'_>, value: &Value) {
    write_comment(out, key.meaning());
    writeln!(out, "{} = {}", key.name, toml(value)).expect("writing to a String cannot fail");
}

/// The text as comment lines.
fn write_comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}
