//! The project's own source files, as git knows them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use banyan_testkit::paths;

use crate::command;

/// A source file.
pub struct Source {
    /// Path relative to the top folder.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All files with one of these endings that are committed or could be (not ignored).
///
/// # Errors
/// When git or a file cannot be read.
pub fn with_endings(endings: &[&str]) -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(paths::root());
    let list = command::output(&mut git)?;
    let mut sources = Vec::new();
    for path in list.lines() {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let file: PathBuf = paths::root().join(path);
        // A file that was removed but not committed so is still listed.
        if endings.contains(&ending) && file.is_file() {
            sources.push(Source { path: path.to_owned(), text: std::fs::read_to_string(file)? });
        }
    }
    Ok(sources)
}
