//! Values of the environment that take the place of the configuration file's: `BANYAN__SECTION__KEY=value`.

use anyhow::{Context, bail};
use banyan_types::strict;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// What the names of such variables begin with.
const PREFIX: &str = "BANYAN__";

/// One variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    name: String,
    value: String,
}

/// The overrides among the variables.
pub fn of_environment(variables: impl Iterator<Item = (String, String)>) -> Vec<Override> {
    let ours = variables.filter(|(name, _)| name.starts_with(PREFIX));
    ours.map(|(name, value)| Override { name, value }).collect()
}

/// Reads a TOML text with the overrides in place.
pub fn apply<T: DeserializeOwned>(text: &str, overrides: &[Override]) -> anyhow::Result<T> {
    let mut table: Table = strict::from_toml(text)?;
    for one in overrides {
        set(&mut table, one)?;
    }
    Value::Table(table)
        .try_into::<T>()
        .map_err(|error| anyhow::anyhow!(strict::with_nearest_key(error.message())))
        .with_context(|| {
            let names: Vec<&str> = overrides.iter().map(|one| one.name.as_str()).collect();
            format!("with {} from the environment", names.join(", "))
        })
}

fn set(table: &mut Table, one: &Override) -> anyhow::Result<()> {
    let path = one.name.trim_start_matches(PREFIX).to_lowercase();
    let Some((section, key)) = path.split_once("__") else {
        bail!("expected an environment variable BANYAN__SECTION__KEY, got {}", one.name);
    };
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    let Value::Table(section) = section else {
        bail!("{} names a section that the file has as a value", one.name);
    };
    let value = match section.get(key) {
        Some(Value::String(_)) => Value::String(one.value.clone()),
        Some(_) | None => read(&one.value),
    };
    section.insert(key.to_owned(), value);
    Ok(())
}

/// Numbers, truth values and lists as TOML has them; everything else is a text.
fn read(text: &str) -> Value {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    match parsed.and_then(|mut table| table.remove("value")) {
        Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Array(_))) => value,
        Some(Value::String(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_)) | None => {
            Value::String(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_toml_where_they_are_no_text() {
        assert_eq!(read("5"), Value::Integer(5));
        assert_eq!(read("true"), Value::Boolean(true));
        assert_eq!(read("[\"a\"]"), Value::Array(vec![Value::String("a".to_owned())]));
        assert_eq!(read("0.01"), Value::String("0.01".to_owned()));
        assert_eq!(read("postgres://x"), Value::String("postgres://x".to_owned()));
    }

    #[test]
    fn a_name_without_a_key_is_refused() {
        let one = Override { name: "BANYAN__CHAIN".to_owned(), value: "1".to_owned() };
        assert!(apply::<Table>("", &[one]).unwrap_err().to_string().contains("BANYAN__SECTION__KEY"));
    }
}
