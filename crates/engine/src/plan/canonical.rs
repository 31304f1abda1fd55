//! The canonical form of a plan (RFC 8785, the JSON Canonicalization Scheme): what its hash is taken of.
//!
//! Every key of the semantics version is there, defaults filled in; amounts are smallest-unit strings, shares whole
//! basis points, so no number needs a fraction. Two files that mean the same have the same hash.

use std::fmt::Write;

use banyan_types::Bps;
use serde_json::{Value, json};

use super::{Ineligible, Plan};

pub(super) fn json(plan: &Plan) -> String {
    let mut text = String::new();
    write_value(&mut text, &value(plan));
    text
}

fn value(plan: &Plan) -> Value {
    let shares = |shares: &[Bps]| shares.iter().map(|share| share.get()).collect::<Vec<u16>>();
    let (pool, retopup) = (&plan.pool, &plan.retopup);
    json!({
        "semantics": 1,
        "name": plan.name,
        "programme": "autopool",
        "currency": { "symbol": plan.currency, "decimals": plan.decimals },
        "registration": {
            "entry": plan.entry,
            "sponsor_seat": plan.sponsor_seat.map(|rule| json!({
                "on_referral": rule.on_referral,
                "direct": rule.direct.get(),
            })),
        },
        "pool": {
            "levels": pool.levels,
            "growth": pool.growth,
            "direct": pool.direct.get(),
            "shares": shares(&pool.shares),
            "reserve_last": pool.reserve_last,
            "trees": pool.trees,
            "capacity": pool.capacity,
        },
        "retopup": {
            "amount": retopup.amount,
            "pot": retopup.pot_share.get(),
            "shares": shares(&retopup.shares),
            "ineligible": match retopup.ineligible {
                Ineligible::Company => "company",
                Ineligible::Compress => "compress",
            },
        },
    })
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
