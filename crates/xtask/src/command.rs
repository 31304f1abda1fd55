//! Running other programs: with their output passed through, or into a log with only the telling lines shown.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use banyan_testkit::paths;

/// The cargo that started us, in the project's top folder, with the committed query data instead of a database.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root()).env("SQLX_OFFLINE", "true");
    command
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command, its output passed through.
///
/// # Errors
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it printed on its standard output.
///
/// # Errors
/// When it cannot be started or fails, with what it printed on standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting `{}`", shown(command)))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("`{}` failed ({}):\n{reason}", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a logged command did.
pub struct Ended {
    /// Whether its exit code was 0.
    pub success: bool,
    /// Everything it printed.
    pub text: String,
}

/// Runs a command with all its output appended to `log`, showing the lines that `tells` picks, indented.
///
/// # Errors
/// When it cannot be started or the log cannot be written; a failing command is no error.
pub fn logged(command: &mut Command, log: &Path, tells: fn(&str) -> bool) -> Result<Ended> {
    let mut file = File::options().create(true).append(true).open(log);
    let file = file.as_mut().map_err(|reason| anyhow::anyhow!("opening {}: {reason}", log.display()))?;
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("starting `{}`", shown(command)))?;
    // The command keeps its ends of the pipe open until they are replaced, and reading would never end.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut text = String::new();
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        file.write_all(&line)?;
        let read = String::from_utf8_lossy(&line);
        if tells(read.trim_end()) {
            println!("     {}", read.trim());
        }
        text.push_str(&read);
        line.clear();
    }
    Ok(Ended { success: child.wait()?.success(), text })
}

/// The last lines of a text, for a failure that must be seen without opening a file.
pub fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_command_ends_and_leaves_both_its_outputs_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo told; echo hidden >&2; exit 4"]);
        let ended = logged(&mut command, &log, |line| line == "told").unwrap();
        assert!(!ended.success);
        assert_eq!(ended.text, std::fs::read_to_string(&log).unwrap());
        assert_eq!(ended.text, "told\nhidden\n");
    }
}
