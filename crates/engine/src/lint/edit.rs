//! Edits, carried out: on the meaning of a file, not on its text, so comments are lost.

use toml::{Table, Value};

use super::finding::Edit;

impl Edit {
    /// Changes the key; tables that are missing on the way are made. `None` if the path leads through something that is
    /// no table, or the new value is no TOML.
    pub fn apply(&self, file: &mut Table) -> Option<()> {
        let (last, above) = match self.key.rsplit_once('.') {
            Some((above, last)) => (last, Some(above)),
            None => (self.key.as_str(), None),
        };
        let mut table = file;
        for part in above.into_iter().flat_map(|above| above.split('.')) {
            table = step(table, part)?;
        }
        match &self.to {
            Some(text) => {
                let value = toml::from_str::<Table>(&format!("value = {text}")).ok()?.remove("value")?;
                table.insert(last.to_owned(), value);
            }
            None => {
                table.remove(last)?;
            }
        }
        Some(())
    }
}

fn step<'t>(table: &'t mut Table, part: &str) -> Option<&'t mut Table> {
    let (name, place) = part.split_once('[').unwrap_or((part, ""));
    let inner = table.entry(name).or_insert_with(|| Value::Table(Table::new()));
    match place.strip_suffix(']') {
        Some(place) => inner.get_mut(place.parse::<usize>().ok()?)?.as_table_mut(),
        None => inner.as_table_mut(),
    }
}
