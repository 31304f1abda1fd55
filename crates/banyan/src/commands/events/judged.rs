//! Events for commands that judge every line themselves, such as under two plans.

use std::path::PathBuf;

use anyhow::Context;

use super::{Events, Source};

impl Source {
    /// Events for a command that can do without.
    pub fn new(events: PathBuf, lenient: bool) -> Source {
        Source { events, lenient }
    }
}

impl Events<'_> {
    /// The next line without its line feed; `None` at the end.
    pub fn take_line(&mut self) -> anyhow::Result<Option<&[u8]>> {
        let next = self.lines.next_line().with_context(|| format!("reading {}", self.path.display()))?;
        let Some((line, read)) = next else { return Ok(None) };
        self.bar.inc(read);
        Ok(Some(line))
    }

    /// Takes the progress bar away.
    pub fn close(self) {
        self.bar.finish_and_clear();
    }
}
