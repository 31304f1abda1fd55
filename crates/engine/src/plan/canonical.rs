//! The canonical form of a plan (RFC 8785, the JSON Canonicalization Scheme): what its hash is taken of.
//!
//! Every key of the semantics version is there, defaults filled in, and null for a section that the plan has not;
//! amounts are smallest-unit strings, shares whole basis points, so no number needs a fraction. Two files that mean
//! the same have the same hash, and a section that a later semantics version adds leaves it alone.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Plan;

pub(super) fn json(plan: &Plan) -> String {
    let mut value = json!({
        "semantics": plan.semantics,
        "name": plan.name,
        "currency": { "symbol": plan.currency.symbol, "decimals": plan.currency.decimals },
    });
    let fields = value.as_object_mut().expect("an object was written above");
    for (section, keys) in plan.sections.canonical(plan.semantics) {
        fields.insert(section.to_owned(), keys);
    }
    let mut text = String::new();
    write_value(&mut text, &value);
    text
}

/// Keys sorted by UTF-16 code units, no white space, strings escaped as ECMAScript does.
fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            write!(out, "{value}").expect("writing to a String cannot fail");
        }
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_list(out, ['[', ']'], items, write_value),
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            write_list(out, ['{', '}'], &fields, |out, (key, value)| {
                write_string(out, key);
                out.push(':');
                write_value(out, value);
            });
        }
    }
}

fn write_list<T>(out: &mut String, brackets: [char; 2], items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push(brackets[0]);
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(brackets[1]);
}

/// serde_json escapes exactly what RFC 8785 asks for, in the same way.
fn write_string(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_by_utf16_and_strings_escaped_as_rfc_8785_says() {
        let mut text = String::new();
        let value = json!({ "\u{e000}": 1, "😀": 2, "b": [true, null, "a\n\u{1f}\"\\é"], "a": {} });
        write_value(&mut text, &value);
        assert_eq!(text, "{\"a\":{},\"b\":[true,null,\"a\\n\\u001f\\\"\\\\é\"],\"😀\":2,\"\u{e000}\":1}");
    }
}
