//! Running a program and reading from Linux what it cost: processor time and the most memory it ever had.

use std::fs::read_to_string;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::command::shown;

/// How long between two looks: what memory grows by after the last look is not seen.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// Ticks a second in `/proc/PID/stat`: 100 on every Linux, whatever the kernel itself counts in.
const TICKS: f64 = 100.0;

/// What a program cost and printed.
#[derive(Debug)]
pub struct Ended {
    /// Seconds on the clock on the wall.
    pub wall: f64,
    /// Seconds of processor time, the kernel's for the program included.
    pub processor: f64,
    /// The most memory it ever had, in MB of 10^6 bytes (`VmHWM`).
    pub peak: f64,
    /// Its standard output.
    pub output: String,
}

/// Runs a program to its end; what it prints must fit into a pipe (64 KiB).
///
/// # Errors
/// When it cannot be started or fails.
pub fn measured(command: &mut Command) -> Result<Ended> {
    let start = Instant::now();
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting `{}`", shown(command)))?;
    let (mut processor, mut peak) = (0.0, 0.0f64);
    loop {
        let state = State::of(child.id())?;
        processor = state.processor.max(processor);
        if state.ended {
            break;
        }
        peak = peak.max(peak_memory(child.id()).unwrap_or(0.0));
        std::thread::sleep(BETWEEN_LOOKS);
    }
    let wall = start.elapsed().as_secs_f64();
    let ended = child.wait_with_output()?;
    if !ended.status.success() {
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        bail!("`{}` failed ({}):\n{told}", shown(command), ended.status);
    }
    Ok(Ended { wall, processor, peak, output: String::from_utf8_lossy(&ended.stdout).into_owned() })
}

/// What `/proc/PID/stat` says of a process; it stays until somebody waits for the process.
struct State {
    ended: bool,
    processor: f64,
}

impl State {
    fn of(process: u32) -> Result<State> {
        let path = format!("/proc/{process}/stat");
        let text = read_to_string(&path).with_context(|| format!("reading {path} (is this Linux?)"))?;
        State::read(&text).ok_or_else(|| anyhow!("expected the fields of proc(5) in {path}, got {text:?}"))
    }

    /// After the name in parentheses comes the state, and eleven fields later the ticks of user and system.
    fn read(text: &str) -> Option<State> {
        let (_, fields) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
        Some(State { ended: fields[0] == "Z", processor: (ticks(11)? + ticks(12)?) / TICKS })
    }
}

fn peak_memory(process: u32) -> Option<f64> {
    let status = read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_measured_to_its_end() {
        let ended = measured(Command::new("sh").args(["-c", "echo told; sleep 0.1"])).unwrap();
        assert_eq!(ended.output, "told\n");
        assert!(ended.wall >= 0.1 && ended.processor < 0.1 && ended.peak > 0.1, "{ended:?}");
    }

    #[test]
    fn a_program_that_fails_is_no_measurement() {
        let err = measured(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err().to_string();
        assert!(err.contains("why") && err.contains('3'), "{err}");
    }

    #[test]
    fn a_name_with_parentheses_does_not_hide_the_fields() {
        let state = State::read("7 (a) b) Z 1 2 3 4 5 6 7 8 9 10 150 50 0").unwrap();
        assert!(state.ended);
        assert_eq!(state.processor, 2.0);
    }
}
